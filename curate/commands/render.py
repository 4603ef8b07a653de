"""`curate render`"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from schemas.decode import Read
    from schemas.problems import Problem
    from schemas.templates import Rendered, Template


@click.command()
@click.argument("file", required=False)
@click.option("--template", "wanted", help="A template by name; chatml if neither this nor --model is given.")
@click.option(
    "--model", help="A hub id, folder, .gguf file or smollm2-135m: its begin and end tokens, and its own template."
)
@click.option("--rows", type=click.IntRange(1), default=3, show_default=True, help="How many rows from the first.")
@click.option("--row", "number", type=click.IntRange(1), help="This row alone (for JSONL, the line number).")
@click.option("--format", "name", help="The format of the rows; found out if not given, `mixed` for any.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: a line a row, with the exact text and its spans.")
@click.option("--list", "listing", is_flag=True, help="List the templates instead.")
@click.option("--markdown", is_flag=True, help="With --list: every piece of every template, in Markdown.")
def render(
    file: str | None,
    wanted: str | None,
    model: str | None,
    rows: int,
    number: int | None,
    name: str | None,
    as_json: bool,
    listing: bool,
    markdown: bool,
) -> None:
    """Show rows of FILE as the text that a model is trained on, with what is learnt of it.

    On a terminal the learnt text is green and the rest dim; elsewhere, and with NO_COLOR, brackets stand around what
    is learnt, and the first line says which.

    \b
    curate render chats.jsonl --template llama3 --row 12
    curate render alpaca.json --model smollm2-135m
    curate render --list
    """
    if listing or markdown:
        _list(markdown, as_json)
        return
    if file is None:
        raise click.UsageError("name a FILE, or list the templates with --list")
    from curate.errors import CurateError
    from curate.models.chat_template import TemplateError, load_tokenizer

    if wanted == "auto" and model is None:
        raise click.UsageError("--template auto is a model's own template; name the model with --model")
    template = None if wanted == "auto" else _template(wanted or ("chatml" if model is None else None))
    tokenizer = load_tokenizer(model) if model else None
    if template is None and not getattr(tokenizer, "chat_template", None):
        raise CurateError(f"the tokenizer of {model!r} has no template of its own; name one with --template")
    chosen = _some(file, name, rows, number)
    if not chosen:
        raise CurateError(f"{file}: there is no row in it", 1)
    shown: list[tuple[int, Read | Problem, Rendered | str]] = []
    for place, row in chosen:
        try:
            shown.append((place, row, _write(row, template, tokenizer)))
        except TemplateError as error:
            shown.append((place, row, str(error)))
    title = template.name if template else f"the template of {model}"
    if as_json:
        _print_json(shown, title)
    else:
        _print(shown, title, template, tokenizer)
    if all(isinstance(written, str) for _, _, written in shown):
        raise click.exceptions.Exit(1)


def _template(name: str | None) -> Template | None:
    """The template of this name; None for the model's own."""
    from curate.errors import CurateError
    from schemas.templates import lookup

    try:
        return lookup(name) if name else None
    except KeyError as error:
        raise CurateError(error.args[0]) from None


def _some(file: str, name: str | None, rows: int, number: int | None) -> list[tuple[int, Read | Problem]]:
    """The rows asked for, with their numbers.

    Raises:
        CurateError: if the file has no row of that number.
    """
    from curate.errors import CurateError

    if number is None:
        return list(islice(_numbered(file, name), rows))
    last = 0
    for last, row in _numbered(file, name):
        if last == number:
            return [(last, row)]
        if last > number:
            raise CurateError(f"{file}: line {number} is blank; the next row is {last}")
    raise CurateError(f"{file}: there is no row {number}; the last is {last}")


def _numbered(file: str, name: str | None) -> Iterator[tuple[int, Read | Problem]]:
    from curate.table.reading import read

    for block, results in read(file, name):
        yield from zip(block.numbers, results, strict=True)


def _write(row: Read | Problem, template: Template | None, tokenizer: Any) -> Rendered | str:
    """The row as text; for one that cannot be read, what is wrong with it."""
    from curate.models.chat_template import render_own
    from schemas.problems import Problem
    from schemas.templates import render

    if isinstance(row, Problem):
        return str(row)
    if template is None:
        return render_own(row.conversation, tokenizer)
    if tokenizer is None:
        return render(row.conversation, template, template.bos, template.eos)
    return render(row.conversation, template, tokenizer.bos_token or "", tokenizer.eos_token or "")


def _print_json(shown: list[tuple[int, Read | Problem, Rendered | str]], title: str) -> None:
    import msgspec

    for place, _, written in shown:
        if isinstance(written, str):
            line: dict[str, Any] = {"row": place, "template": title, "problem": written}
        else:
            line = {"row": place, "template": title, **msgspec.to_builtins(written)}
        click.echo(msgspec.json.encode(line).decode())


def _print(
    shown: list[tuple[int, Read | Problem, Rendered | str]], title: str, template: Template | None, tokenizer: Any
) -> None:
    from rich.console import Console
    from rich.text import Text

    from curate.report import paint

    console = Console(highlight=False, markup=False, soft_wrap=True)
    colours = console.color_system is not None and not console.no_color
    tokens = paint.specials(template, tokenizer)
    brackets = paint.pair(written.text for _, _, written in shown if not isinstance(written, str))
    if colours:
        words = ((f"{title}: ", ""), ("learnt", paint.LEARNT), (", ", ""), ("not learnt", paint.REST), (", ", ""))
        console.print(
            Text.assemble(*words, ("special tokens", paint.SPECIAL), " (", ("learnt", paint.LEARNT_SPECIAL), ")")
        )
    else:
        click.echo(f"{title}: what is learnt stands between {brackets[0]} and {brackets[1]}")
    for place, row, written in shown:
        if isinstance(written, str):
            click.echo(f"\nrow {place}: {written}")
            continue
        line = f"row {place}, {_counts(row, written)}"
        if colours:
            console.print(Text(f"\n{line}", "bold"))
            console.print(paint.coloured(written, tokens))
        else:
            click.echo(f"\n{line}\n{paint.bracketed(written, brackets)}")
        for token in paint.within((message.content for message in row.conversation.messages), tokens):  # type: ignore[union-attr]
            click.echo(f"note: a turn's own text holds {token}: a tokenizer reads it as its special token, not as text")


def _counts(row: Read | Problem, written: Rendered) -> str:
    learnt = sum(span.end - span.start for span in written.spans)
    turns = len(row.conversation.messages)  # type: ignore[union-attr]
    said = f"{row.format.name}, {turns} turns: {learnt:,} of {len(written.text):,} characters are learnt"  # type: ignore[union-attr]
    weights = [f"{span.weight:g}" for span in written.spans]
    return said if set(weights) <= {"1"} else f"{said}, with weights {', '.join(weights)}"


def _list(markdown: bool, as_json: bool) -> None:
    from curate.reference import templates as template_page
    from schemas.templates import TEMPLATES

    if markdown:
        click.echo(template_page.markdown())
        return
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(list(TEMPLATES.values())).decode())
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    rows = template_page.rows()
    # The last column, which holds sentences, has what the others leave.
    taken = sum(max(map(len, column)) + 2 for column in list(zip(template_page.COLUMNS, *rows, strict=True))[:-1])
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in template_page.COLUMNS[:-1]:
        table.add_column(column, no_wrap=True)
    table.add_column(
        template_page.COLUMNS[-1], no_wrap=True, overflow="ellipsis", max_width=max(14, console.width - taken)
    )
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)
