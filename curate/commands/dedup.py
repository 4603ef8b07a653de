"""`curate dedup`"""

from __future__ import annotations

import os
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
    step_options,
    to_option,
)
from curate.commands.outputs import keep_inputs, sources_and_output
from curate.dedup.options import Dedup
from curate.engine.connect import connected
from curate.errors import CurateError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from curate.dedup.mark import DedupResult
    from curate.engine.rows import Engine
    from curate.progress import Progress


class DedupCommand(msgspec.Struct, frozen=True):
    """What `curate dedup` takes besides the options of the step.

    Attributes:
        rethreshold: whether the input is a ledger, to be marked for tighter thresholds.
        embedder: what embeds texts.
        format_name: the format of the input rows.
        to: the format to write.
        as_json: whether the summary is JSON.
        quiet: whether only errors are printed.
    """

    rethreshold: bool
    embedder: str
    format_name: str | None
    to: str | None
    as_json: bool
    quiet: bool


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="IN... OUT")
@click.option(
    "--exact",
    is_flag=True,
    expose_value=False,
    help="Exact duplicates; always looked for.",
)
@step_options(Dedup, {"near": None})
@embedder_option
@click.option("--rethreshold", is_flag=True, help="IN is a ledger of dedup: mark it for tighter thresholds, at once.")
@format_option
@to_option
@engine_options
@quiet_option
@json_option
def dedup(paths: tuple[str, ...], options: Dedup, engine: str, ray_address: str | None, **values: Any) -> None:
    """Write the rows of IN... without duplicates to OUT, and what became of each row to OUT.ledger.parquet.

    Of rows that are alike the best is kept: the one with most of --best, else of the column or field `quality` or the
    column `score`, else with fewer faults; then with the longer response.  A row is dropped only if it is itself like
    one that is kept.  Invalid rows are left out; the ledger lists them.  Exact duplicates differ in white space at
    line ends and the composition of characters at most, and in what --normalise names; near-duplicates are told by
    five words (characters, in Chinese and Japanese) in a row, without case, width and punctuation, but with the
    operators of code and mathematics.

    \b
    curate dedup raw/*.json unique.jsonl --near 0.7
    curate dedup raw/*.json small.jsonl --near 0.4 --size 5000
    curate dedup new.jsonl fresh.jsonl --near 0.7 --against old.jsonl
    curate dedup unique.jsonl.ledger.parquet tighter.jsonl --rethreshold --near 0.85
    curate explain unique.jsonl.ledger.parquet 12
    """
    command = DedupCommand(**values)
    sources, out = sources_and_output(paths, "dedup")
    keep_inputs(out, options.against, "the output")
    if command.rethreshold:
        _check_rethreshold(sources, options, engine)
    # Arrow's own allocator keeps twice the memory of a table made of many small pieces.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    from curate.progress import part, progress_bar

    with connected(engine, ray_address) as workers, progress_bar(command.quiet or command.as_json) as progress:
        result = _mark(workers, sources, options, command, part(progress, 0, 0.9))
        write_kept(result.rows, out, command.to, part(progress, 0.9, 1))
    _report(result, out, command)


def _check_rethreshold(sources: list[str], options: Dedup, engine: str) -> None:
    if len(sources) > 1 or options.against:
        raise CurateError("--rethreshold takes one ledger and no --against: curate dedup LEDGER OUT --rethreshold")
    if engine != "local":
        raise CurateError(
            "--rethreshold looks at no text again and has nothing for a cluster to do; leave out --engine"
        )


def _mark(
    workers: Engine, sources: list[str], options: Dedup, command: DedupCommand, progress: Progress
) -> DedupResult:
    from curate.dedup.mark import mark
    from curate.dedup.rethreshold import rethreshold
    from curate.progress import part
    from curate.score.faults.counts import count_faults
    from curate.table.invalid import invalid_rows

    against = _outside(options.against, part(progress, 0, 0.1)) if options.against else None
    rows = read_rows(workers, sources, command.format_name, part(progress, 0.1, 0.4))
    if command.rethreshold:
        return rethreshold(rows.table(), options, count_faults)
    result = mark(rows, options, against, command.embedder, part(progress, 0.4, 1), count_faults)
    notes = [f"of --against {problem}" for problem in invalid_rows(against)] if against is not None else []
    return result._replace(notes=[*notes, *result.notes])


def _outside(paths: Sequence[str], progress: Progress) -> pa.Table:
    """The rows of --against.

    Raises:
        CurateError: for a file that cannot be read or is not UTF-8, and where all rows are invalid.
    """
    from curate.io.encoding import how_to_convert
    from curate.table import table
    from curate.table.invalid import ENCODING, check_any_valid, invalid_rows

    rows = table.read(paths, progress=progress)
    for problem in invalid_rows(rows):
        if problem.code == ENCODING:
            raise CurateError(f"{problem.first}: the text is not UTF-8; {how_to_convert(problem.file)}")
    check_any_valid(rows, paths)
    return rows


def _report(result: DedupResult, out: str, command: DedupCommand) -> None:
    from curate.table import ledger

    methods = ledger.methods(result.table)
    if command.as_json:
        summary = {**funnel_values(result.table), "duplicates": methods, "notes": result.notes}
        print_json(summary, out)
    elif not command.quiet:
        for note in result.notes:
            print_note(note)
        for method, count in methods.items():
            print_note(f"{method} duplicates removed {count:,}")
        print_funnel(result.table, out)
