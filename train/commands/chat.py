"""`curate chat` (train): Ask a trained model, and the model before training."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

import click

from curate.commands.options import print_note, step_options
from train.answers.options import AnswerOptions
from train.commands.options import precision_option, require_training

if TYPE_CHECKING:
    from train.answers.chat import TunedModel


@click.command()
@click.argument("prompt", nargs=-1)
@click.option("--model", "folder", required=True, help="A folder that `curate train` wrote, or any model.")
@click.option("--system", help="A system prompt.")
@step_options(AnswerOptions)
@click.option("--no-base", is_flag=True, help="Leave out the answer of the model before training.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output: a line a prompt.")
@precision_option
def chat(
    prompt: tuple[str, ...],
    folder: str,
    system: str | None,
    options: AnswerOptions,
    no_base: bool,
    as_json: bool,
    precision: str,
) -> None:
    """Ask a trained model, and the model before training: the answers stand side by side.

    The prompt is taken from the command line, from standard input, or asked for, turn by turn.

    \b
    curate chat --model tuned "Classify the review: the soup was cold."
    echo "What is a haiku?" | curate chat --model tuned
    curate chat --model tuned
    """
    require_training("chat")
    from train.answers import chat as chats

    tuned = chats.load(folder, precision)
    text = " ".join(prompt)
    if not text and not sys.stdin.isatty():
        text = sys.stdin.read().strip()
        if not text:
            raise click.UsageError("standard input holds no prompt")
    names = [chats.BEFORE, chats.AFTER] if tuned.adapted and not no_base else [chats.AFTER]
    session = _ChatSession(tuned, names, system, options)
    if text:
        _print(text, session.answers(text), as_json)
        return
    print_note("an empty line or Ctrl-D ends the chat")
    while text := _read_prompt():
        _print(text, session.answers(text), as_json)


class _ChatSession:
    """A conversation with each of the models, which goes on with the model's own answers."""

    def __init__(self, tuned: TunedModel, names: list[str], system: str | None, options: AnswerOptions) -> None:
        from schemas.record import Message

        self.tuned, self.options = tuned, options
        self.turns = {name: [Message("system", system)] if system else [] for name in names}

    def answers(self, prompt: str) -> dict[str, str]:
        """The next answer of each model, by its name."""
        from schemas.record import Message
        from train.answers import chat as chats
        from train.answers.prompts import reply

        answers = {}
        for name, messages in self.turns.items():
            messages.append(Message("user", prompt))
            with self.tuned.base_model() if name == chats.BEFORE else contextlib.nullcontext():
                answers[name] = chats.answer(messages, self.tuned, self.options)
            messages.append(reply(answers[name]))
        return answers


def _print(prompt: str, answers: dict[str, str], as_json: bool) -> None:
    """The answers as JSON, or side by side on a terminal wide enough, else one after the other."""
    if as_json:
        import json

        click.echo(json.dumps({"prompt": prompt, **answers}, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from curate.report.paint import visible

    console = Console(highlight=False)
    if len(answers) == 1 or console.width < 60:
        for name, text in answers.items():
            if len(answers) > 1:
                console.print(f"{name}:", style="bold")
            console.print(Text(visible(text)))
        return
    table = Table(show_lines=False, expand=True)
    for name in answers:
        table.add_column(f"{name} training", ratio=1, overflow="fold")
    table.add_row(*(Text(visible(text) or "(nothing)") for text in answers.values()))
    console.print(table)


def _read_prompt() -> str:
    try:
        return click.prompt("you", prompt_suffix="> ", default="", show_default=False).strip()
    except click.Abort:
        click.echo()
        return ""
