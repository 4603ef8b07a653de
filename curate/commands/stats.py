"""`curate stats`"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from curate.commands.options import engine_options, format_option, json_option, print_json, print_note, step_options
from curate.engine.connect import connected
from curate.tokens.options import TokenOptions

if TYPE_CHECKING:
    from curate.engine.rows import Engine
    from curate.tokens.cost import RunCost, Trainer
    from curate.tokens.counts import TokenCounts
    from curate.tokens.report import TokenReport

OF_A_MODEL = ("template", "reasoning", "max_length", "batch_size", "accumulate", "epochs", "warm_up")


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@step_options(TokenOptions)
@click.option(
    "--warm-up/--no-warm-up",
    default=None,
    help="Train a few steps for time and memory of a run.  [default: where the model is here and small]",
)
@click.option("--report", "page", metavar="FILE", help="Write a page or JSON as well: .html or .json.")
@format_option
@engine_options
@json_option
@click.pass_context
def stats(
    ctx: click.Context,
    files: tuple[str, ...],
    options: TokenOptions,
    warm_up: bool | None,
    page: str | None,
    format_name: str | None,
    engine: str,
    ray_address: str | None,
    as_json: bool,
) -> None:
    """Rows, turns, lengths, languages, categories, duplicates and faults at a glance.

    With --model also tokens, as `curate train` would make them with the same options: of prompts, thoughts and answers,
    how many are trained, which rows are cut or left without a trained token, and the steps, time and memory of a run.

    Certain faults (refusals, answers that are cut off, ...) are counted in the first 1,000 valid rows; `curate score
    --with faults` looks at all.

    One of several files that is of no known format is passed over, and the exit code is then 1.

    \b
    curate stats pool.jsonl
    curate stats best.jsonl --model smollm2-135m --max-length 1024 --batch 16
    """
    from curate.engine.describe import describe_files
    from curate.errors import no_rows
    from curate.io import expand
    from curate.score.faults.sample_counts import first_rows_faults

    sources = expand(files)
    _check(ctx, options, page, sources)
    trainer = _opened(options) if options.model else None
    with connected(engine, ray_address) as where:
        description = describe_files(sources, format_name, where)
        if not description["rows"] and not description.get("passed_over"):
            raise no_rows(files)
        tokens = None
        if options.model:
            cost = partial(_cost, options, trainer, warm_up)
            tokens = _token_report(sources, format_name, options, where, description["valid"], cost)
    if all(map(os.path.isfile, sources)):
        looked_at, faults = first_rows_faults(sources, format_name)
        description |= {"faults": dict(faults.most_common()), "first_rows_looked_at_for_faults": looked_at}
    if page:
        _write_page(page, sources, description, tokens)
    if as_json:
        print_json(_with_tokens(description, tokens))
    else:
        _print(description, tokens, sources if format_name is None else ())
    ctx.exit(1 if description.get("passed_over") else 0)


def _check(ctx: click.Context, options: TokenOptions, page: str | None, sources: Sequence[str]) -> None:
    """Check what options ask for before any row is read."""
    if options.model is None:
        given = [name for name in OF_A_MODEL if ctx.get_parameter_source(name) != ParameterSource.DEFAULT]
        if given:
            flag = f"--{given[0].replace('_', '-')}"
            raise click.UsageError(f"{flag} is about tokens, which a model's tokenizer makes; name it with --model")
    elif "-" in sources:
        raise click.UsageError("--model reads the rows a second time; save standard input to a file first")
    if page:
        from curate.convert.report_file import check_report_path

        check_report_path(page, sources, "-")


def _opened(options: TokenOptions) -> Trainer | None:
    """What measures training, once it is seen that the model has a tokenizer."""
    from curate.tokens.cost import installed_trainer
    from curate.tokens.count import check

    trainer = installed_trainer()
    check(options)
    return trainer


def _token_report(
    sources: Sequence[str],
    format_name: str | None,
    options: TokenOptions,
    engine: Engine,
    rows: int,
    cost: Callable[[TokenCounts], RunCost],
) -> TokenReport:
    from curate.progress import progress_bar
    from curate.tokens.count import count_files
    from curate.tokens.report import report

    with progress_bar() as progress:
        counts = count_files(sources, format_name, options, engine, progress, rows)
        progress("measuring the speed of this machine", 0, 1)
        return report(counts, options, cost(counts))


def _cost(options: TokenOptions, trainer: Trainer | None, warm_up: bool | None, counts: TokenCounts) -> RunCost:
    from curate.models.model_size import model_size
    from curate.tokens.cost import run_cost

    size = model_size(str(options.model))
    if size.longest and options.max_length > size.longest:
        print_note(
            f"note: --max-length is {options.max_length:,}, but {options.model} reads at most {size.longest:,} tokens; "
            "curate train refuses it"
        )
    return run_cost(counts, options, size, trainer, warm_up)


def _with_tokens(description: dict[str, Any], tokens: TokenReport | None) -> dict[str, Any]:
    return description if tokens is None else {**description, "tokens": tokens}


def _write_page(path: str, sources: Sequence[str], description: dict[str, Any], tokens: TokenReport | None) -> None:
    import msgspec

    from curate.io import atomic
    from curate.tokens.page import html

    if path.lower().endswith(".json"):
        data = msgspec.json.format(msgspec.json.encode(_with_tokens(description, tokens)))
    else:
        data = html(sources, _facts(description), tokens)
    with atomic(path) as file:
        file.write(data)


def _print(description: dict[str, Any], tokens: TokenReport | None, detected: Sequence[str]) -> None:
    """Print what rows hold, and notes.

    Args:
        description: what they hold.
        tokens: None where no model is named.
        detected: files whose format was detected.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from curate.table.reading import fields_note

    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _facts(description):
        table.add_row(name, Text(value))
    console.print(table)
    if tokens is not None:
        from curate.tokens.text import show

        console.print()
        show(tokens, console)
    for note in (note for file in detected for note in fields_note(file)):
        print_note(note)
    for why in description.get("passed_over", ()):
        print_note(f"passed over {why}")


def _facts(description: dict[str, Any]) -> list[tuple[str, str]]:
    return [(key.replace("_", " "), _text(value)) for key, value in description.items() if key != "passed_over"]


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_text(part)}" for key, part in value.items()) or "none"
    return f"{value:,}" if isinstance(value, (int, float)) else str(value)
