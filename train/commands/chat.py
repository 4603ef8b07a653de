"""`curate chat`"""

from __future__ import annotations

import sys
from typing import Any

import click

from train.commands.options import PRECISION


@click.command()
@click.argument("prompt", nargs=-1)
@click.option("--model", "folder", required=True, help="A folder that `curate train` wrote, or any model.")
@click.option("--system", help="A system prompt.")
@click.option("--max-tokens", default=256, show_default=True, help="Longest answer.")
@click.option("--temperature", default=0.0, show_default=True, help="0: the likeliest token each time.")
@click.option("--seed", default=0, show_default=True, help="Of the draws, if the temperature is above 0.")
@click.option("--no-base", is_flag=True, help="Leave out the answer of the model before training.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a prompt.")
@PRECISION
def chat(prompt: tuple[str, ...], folder: str, system: str | None, precision: str, **options: Any) -> None:
    """Ask a trained model, and the model before training: the answers stand side by side.

    The prompt is taken from the command line, from standard input, or asked for, turn by turn.

    \b
    curate chat --model tuned "Classify the review: the soup was cold."
    echo "What is a haiku?" | curate chat --model tuned
    curate chat --model tuned
    """
    from train.answers import chat as chats

    tuned = chats.load(folder, precision)
    asked = " ".join(prompt)
    if not asked and not sys.stdin.isatty():
        asked = sys.stdin.read().strip()
        if not asked:
            raise click.UsageError("standard input holds no prompt")
    names = [chats.BEFORE, chats.AFTER] if tuned.adapted and not options["no_base"] else [chats.AFTER]
    talk = _Talk(tuned, names, system, options)
    if asked:
        talk.turn(asked)
        return
    click.echo("an empty line or Ctrl-D ends the talk", err=True)
    while asked := _ask():
        talk.turn(asked)


class _Talk:
    """Conversations with each of the models, which go on each with its own answers."""

    def __init__(self, tuned: Any, names: list[str], system: str | None, options: dict[str, Any]) -> None:
        from schemas.record import Message

        self.tuned, self.options = tuned, options
        self.turns = {name: [Message("system", system)] if system else [] for name in names}

    def turn(self, asked: str) -> None:
        """Ask all, print what they say."""
        import json

        from schemas.record import Message
        from train.answers import chat as chats

        said = {}
        for name, messages in self.turns.items():
            messages.append(Message("user", asked))
            with self.tuned.off() if name == chats.BEFORE else _as_it_is():
                said[name] = chats.answer(
                    messages,
                    self.tuned,
                    self.options["max_tokens"],
                    self.options["temperature"],
                    self.options["seed"],
                )
            messages.append(Message("assistant", said[name]))
        if self.options["as_json"]:
            click.echo(json.dumps({"prompt": asked, **said}, ensure_ascii=False))
        else:
            _print(said)


def _print(said: dict[str, str]) -> None:
    """The answers side by side on a terminal of some width; else one after the other."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from curate.report.paint import visible

    console = Console(highlight=False)
    if len(said) == 1 or console.width < 60:
        for name, text in said.items():
            if len(said) > 1:
                console.print(f"{name}:", style="bold")
            console.print(Text(visible(text)))
        return
    table = Table(show_lines=False, expand=True)
    for name in said:
        table.add_column(f"{name} training", ratio=1, overflow="fold")
    table.add_row(*(Text(visible(text) or "(nothing)") for text in said.values()))
    console.print(table)


def _as_it_is() -> Any:
    import contextlib

    return contextlib.nullcontext()


def _ask() -> str:
    try:
        return click.prompt("you", prompt_suffix="> ", default="", show_default=False).strip()
    except click.Abort:
        click.echo()
        return ""
