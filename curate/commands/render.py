"""`curate render`"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import click

from curate.commands.options import format_option, print_json, step_options
from curate.options import Reasoning, StepOptions, option
from curate.text.counted import counted

if TYPE_CHECKING:
    from schemas.decode import Read
    from schemas.problems import Problem
    from schemas.templates import Rendered, Template


Row = tuple[int, "Read | Problem", "Rendered | str"]  # number, row as read, its text or what is wrong with it


class RenderOptions(StepOptions, frozen=True):
    """Which template writes which rows."""

    template: Annotated[str | None, option("A template by name; chatml if neither this nor --model is given.")] = None
    model: Annotated[
        str | None,
        option("A hub id, folder, .gguf file or smollm2-135m: its begin and end tokens, and its own template."),
    ] = None
    reasoning: Reasoning = "keep"
    rows: Annotated[int, option("How many rows from the first.", ge=1)] = 3
    row: Annotated[int | None, option("This row alone (for JSONL, the line number).", ge=1)] = None


@click.command()
@click.argument("file", required=False)
@step_options(RenderOptions)
@format_option
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON on standard output: a line a row, its text and spans."
)
@click.option("--list", "listing", is_flag=True, help="List the templates instead.")
@click.option("--markdown", is_flag=True, help="With --list: every piece of every template, in Markdown.")
def render(
    file: str | None,
    options: RenderOptions,
    format_name: str | None,
    as_json: bool,
    listing: bool,
    markdown: bool,
) -> None:
    """Show rows of FILE as the text that a model is trained on, with the loss mask.

    On a terminal the trained text is green and the rest dim; elsewhere, and with NO_COLOR, it stands between brackets,
    which the first line names.

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
    from curate.errors import no_rows
    from curate.models.chat_template import TemplateError
    from schemas.trainable import Untrainable

    template, tokenizer = _writer(options)
    chosen = _chosen(file, format_name, options)
    if not chosen:
        raise no_rows([file])
    rows: list[Row] = []
    for number, row in chosen:
        try:
            rows.append((number, row, _write(row, template, tokenizer, options.reasoning)))
        except (TemplateError, Untrainable) as error:
            rows.append((number, row, str(error)))
    title = template.name if template else f"the template of {options.model}"
    if as_json:
        _print_json(rows, title)
    else:
        _print(rows, title, template, tokenizer)
    if all(isinstance(written, str) for _, _, written in rows):
        raise click.exceptions.Exit(1)


def _writer(options: RenderOptions) -> tuple[Template | None, Any]:
    """(the template, None for the model's own; the model's tokenizer, None without a model)."""
    from curate.errors import CurateError
    from curate.models.chat_template import load_tokenizer

    name, model = options.template, options.model
    if name == "auto" and model is None:
        raise click.UsageError("--template auto is a model's own template; name the model with --model")
    if name is None and model is None:
        name = "chatml"
    template = None if name == "auto" else _template(name)
    tokenizer = load_tokenizer(model) if model else None
    if template is None and not getattr(tokenizer, "chat_template", None):
        raise CurateError(f"the tokenizer of {model!r} has no template of its own; name one with --template")
    return template, tokenizer


def _template(name: str | None) -> Template | None:
    """The template of this name; None for the model's own."""
    from curate.errors import CurateError
    from schemas.templates import lookup

    try:
        return lookup(name) if name else None
    except KeyError as error:
        is_file = name is not None and ("/" in name or name.endswith((".jinja", ".j2", ".txt")))
        hint = "; no template is read from a file: --model FOLDER takes a model's own" if is_file else ""
        raise CurateError(f"{error.args[0]}{hint}") from None


def _chosen(file: str, format_name: str | None, options: RenderOptions) -> list[tuple[int, Read | Problem]]:
    """The rows to show, with their numbers.

    Raises:
        CurateError: if the file has no row of that number.
    """
    from curate.errors import CurateError

    number = options.row
    if number is None:
        return list(islice(_numbered(file, format_name), options.rows))
    last = 0
    for last, row in _numbered(file, format_name):
        if last == number:
            return [(last, row)]
        if last > number:
            raise CurateError(f"{file}: line {number} is blank; the next row is {last}")
    raise CurateError(f"{file}: there is no row {number}; the last is {last}")


def _numbered(file: str, format_name: str | None) -> Iterator[tuple[int, Read | Problem]]:
    from curate.table.reading import read

    for block, results in read(file, format_name):
        yield from zip(block.numbers, results, strict=True)


def _write(row: Read | Problem, template: Template | None, tokenizer: Any, reasoning: str) -> Rendered | str:
    """The row as text; for one that cannot be read, what is wrong with it."""
    from curate.models.chat_template import render_own
    from schemas.problems import Problem
    from schemas.reasoning import chosen
    from schemas.templates import render

    if isinstance(row, Problem):
        return str(row)
    record = chosen(row.conversation, reasoning)
    if template is None:
        return render_own(record, tokenizer)
    if tokenizer is None:
        return render(record, template, template.bos, template.eos)
    return render(record, template, tokenizer.bos_token or "", tokenizer.eos_token or "")


def _print_json(rows: list[Row], title: str) -> None:
    import msgspec

    for number, _, written in rows:
        values = {"problem": written} if isinstance(written, str) else msgspec.to_builtins(written)
        print_json({"row": number, "template": title, **values})


def _print(rows: list[Row], title: str, template: Template | None, tokenizer: Any) -> None:
    from rich.console import Console
    from rich.text import Text

    from curate.report import paint
    from schemas.thoughts import whole

    console = Console(highlight=False, markup=False, soft_wrap=True)
    colours = console.color_system is not None and not console.no_color
    tokens = paint.specials(template, tokenizer)
    brackets = paint.pair(written.text for _, _, written in rows if not isinstance(written, str))
    if colours:
        words = ((f"{title}: ", ""), ("trained", paint.TRAINED), (", ", ""), ("not trained", paint.REST), (", ", ""))
        special = (("special tokens", paint.SPECIAL), " (", ("trained", paint.TRAINED_SPECIAL), ")")
        console.print(Text.assemble(*words, *special))
    else:
        click.echo(f"{title}: text between {brackets[0]} and {brackets[1]} is trained on")
    for number, row, written in rows:
        if isinstance(written, str):
            click.echo(f"\nrow {number}: {written}")
            continue
        line = f"row {number}, {_counts(row, written)}"
        if colours:
            console.print(Text(f"\n{line}", "bold"))
            console.print(paint.coloured(written, tokens))
        else:
            click.echo(f"\n{line}\n{paint.bracketed(written, brackets)}")
        for unsaid in written.unsaid:
            click.echo(f"note: {unsaid}")
        for token in paint.within((whole(message) for message in row.conversation.messages), tokens):  # type: ignore[union-attr]
            click.echo(f"note: a turn's text contains {token}, which a tokenizer reads as its special token")


def _counts(row: Read | Problem, written: Rendered) -> str:
    trained = sum(span.end - span.start for span in written.spans)
    turns = len(row.conversation.messages)  # type: ignore[union-attr]
    name, of = row.format.name, counted(len(written.text), "character")  # type: ignore[union-attr]
    line = f"{name}, {counted(turns, 'turn')}: {trained:,} of {of} are trained on"
    weights = [f"{span.weight:g}" for span in written.spans]
    return line if set(weights) <= {"1"} else f"{line}, with weights {', '.join(weights)}"


def _list(markdown: bool, as_json: bool) -> None:
    from curate.reference import templates as template_page
    from schemas.templates import TEMPLATES

    if markdown:
        click.echo(template_page.markdown())
        return
    if as_json:
        print_json(list(TEMPLATES.values()))
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
