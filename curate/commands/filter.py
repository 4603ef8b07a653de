"""`curate filter`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec

from curate.commands.kept_rows import funnel_values, print_funnel, read_rows, write_kept
from curate.commands.options import (
    embedder_option,
    engine_options,
    format_option,
    json_option,
    print_json,
    print_note,
    quiet_option,
    to_option,
)
from curate.commands.outputs import sources_and_output
from curate.engine.connect import connected

if TYPE_CHECKING:
    from curate.filter.where import FilterResult


class FilterCommand(msgspec.Struct, frozen=True):
    """What `curate filter` takes.

    Attributes:
        conditions: SQL expressions that rows must fulfil, all of them.
        embedder: what embeds texts, for scores that need it.
        format_name: the format of the input rows.
        to: the format to write.
        as_json: whether the summary is JSON.
        quiet: whether only errors are printed.
    """

    conditions: tuple[str, ...]
    embedder: str
    format_name: str | None
    to: str | None
    as_json: bool
    quiet: bool


@click.command("filter")
@click.argument("paths", nargs=-1, required=True, metavar="IN... OUT")
@click.option(
    "--where",
    "conditions",
    multiple=True,
    required=True,
    metavar="SQL",
    help="What rows must fulfil; several may be given, and a row is left out by the first that it does not fulfil.",
)
@embedder_option
@format_option
@to_option
@engine_options
@quiet_option
@json_option
def filter_rows(paths: tuple[str, ...], engine: str, ray_address: str | None, **values: Any) -> None:
    """Write the rows of IN... that fulfil --where to OUT, and which condition left out each other row to
    OUT.ledger.parquet.

    A condition is an SQL expression over the columns of a ledger, or of the table that any data file is read into
    (prompt, response, category, source, format, turns, ...), fields of the rows, scores (`curate score --list`), which
    are measured where they are not there yet, and `faulty`, whether a row certainly has a fault.  Flags are true or
    false as they are: `not refusal`.  A condition that is null, since there is no value, is not fulfilled.

    \b
    curate filter raw/*.json good.jsonl --where "quality >= 0.4 and not refusal and tokens < 2000"
    curate filter scored.parquet good.jsonl --where "not faulty" --where "relevance > 0.2"
    curate filter raw.jsonl maths.jsonl --where "category = 'maths' and length between 200 and 4000"
    curate filter raw.jsonl zh.jsonl --where "script = 'Han' and prompt not like '%翻译%'"
    """
    from curate.engine.local_rows import as_rows
    from curate.filter.ahead import check_ahead
    from curate.filter.where import where
    from curate.progress import part, progress_bar

    command = FilterCommand(**values)
    sources, out = sources_and_output(paths, "filter", "--where SQL")
    check_ahead(command.conditions, sources, command.format_name)
    with connected(engine, ray_address) as workers, progress_bar(command.quiet or command.as_json) as progress:
        table = read_rows(workers, sources, command.format_name, part(progress, 0, 0.4)).table()
        result = where(table, command.conditions, command.embedder, part(progress, 0.4, 0.9), workers)
        write_kept(as_rows(result.table), out, command.to, part(progress, 0.9, 1))
    _report(result, out, command)


def _report(result: FilterResult, out: str, command: FilterCommand) -> None:
    if command.as_json:
        conditions = [{"where": text, "left_out": rows, "null": unknown} for text, rows, unknown in result.counts]
        print_json({**funnel_values(result.table), "conditions": conditions}, out)
    elif not command.quiet:
        from curate.filter.conjuncts import why_no_row

        for note in [*result.notes, *(() if result.left else why_no_row(result.table))]:
            print_note(note)
        print_funnel(result.table, out)
