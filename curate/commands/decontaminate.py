"""`curate decontaminate`"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click
import msgspec

from curate.commands.kept_rows import funnel_values, print_funnel, read_rows, write_kept
from curate.commands.options import (
    embedder_option,
    engine_options,
    format_option_by_fields,
    json_option,
    print_note,
    quiet_option,
    step_options,
    to_option,
)
from curate.commands.outputs import keep_inputs, sources_and_output
from curate.dedup.options import Decontaminate
from curate.engine.connect import connected
from curate.errors import CurateError
from curate.options import check
from curate.text.counted import counted

if TYPE_CHECKING:
    import pyarrow as pa

    from curate.dedup.decontaminate import Decontamination
    from curate.dedup.overlaps import Overlap, Overlaps

# Characters of a shared text that are printed.
MOST_CHARACTERS = 160
# An item that more rows than this share text with may be boilerplate.
MANY_ROWS = 10


class DecontaminateCommand(msgspec.Struct, frozen=True):
    """What `curate decontaminate` takes besides the options of the step.

    Attributes:
        report: the file that every overlap is written to; None for none.
        show: how many overlaps to print.
        embedder: what embeds texts.
        format_name: the format of the input rows.
        to: the format to write.
        as_json: whether the summary is JSON.
        quiet: whether only errors are printed.
    """

    report: str | None
    show: int
    embedder: str
    format_name: str | None
    to: str | None
    as_json: bool
    quiet: bool


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="IN... OUT")
@step_options(Decontaminate, without=("ngram",))
@click.option(
    "--ngram",
    default=13,
    show_default=True,
    metavar="N",
    help="So many words (characters in Chinese and Japanese) in a row; 0 looks for none.",
)
@click.option("--report", metavar="FILE", help="Write every hit to FILE as JSON lines: row, evaluation row, text.")
@click.option("--show", default=10, show_default=True, help="How many hits to print.")
@embedder_option
@format_option_by_fields
@to_option
@engine_options
@quiet_option
@json_option
def decontaminate(
    paths: tuple[str, ...],
    options: Decontaminate,
    ngram: int,
    engine: str,
    ray_address: str | None,
    **values: Any,
) -> None:
    """Write the rows of IN... that share no text with EVAL to OUT, and what became of each to OUT.ledger.parquet.

    EVAL may be in any of the formats, hold prompts only, or be CSV or plain text (a paragraph or line an item); its
    prompt is looked for in fields such as question, problem, prompt and query, or in the one that --map names.  A row
    with the whole prompt of an item always counts, however short it is.  Text counts without case, width and
    punctuation.  Every hit is shown with the evaluation row and the text that they share.

    \b
    curate decontaminate pool.jsonl clean.jsonl --against test.jsonl
    curate decontaminate pool.jsonl clean.jsonl --against exam.csv --map prompt=stem
    curate decontaminate pool.jsonl clean.jsonl --against a.json --against b.jsonl --ngram 8 --near 0.6
    """
    command = DecontaminateCommand(**values)
    sources, out = sources_and_output(paths, "decontaminate", "--against EVAL")
    keep_inputs(out, options.against, "the output")
    keep_inputs(command.report, [*sources, *options.against], "--report")
    if not options.against:
        raise CurateError("decontaminate needs evaluation files: --against EVAL")
    options = msgspec.structs.replace(options, ngram=ngram or None)
    check(options, "--")
    # Arrow's own allocator keeps twice the memory of a table made of many small pieces.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    from curate.dedup import decontaminate as step
    from curate.dedup.evaluation_files import read_items
    from curate.progress import part, progress_bar

    with connected(engine, ray_address) as workers, progress_bar(command.quiet or command.as_json) as progress:
        items = read_items(options.against, options.map, part(progress, 0, 0.1))
        rows = read_rows(workers, sources, command.format_name, part(progress, 0.1, 0.5))
        result = step.decontaminate(rows, items, options, command.embedder, part(progress, 0.5, 0.9))
        write_kept(result.rows, out, command.to, part(progress, 0.9, 1))
    if command.report:
        _write_report(result, items, command.report)
    if command.as_json:
        _print_json(result, items, out)
    elif not command.quiet:
        _print_hits(result, items, command.show)
        print_note(f"{'flagged' if options.flag else 'removed'} {len(result.overlaps.first):,} contaminated rows")
        print_funnel(result.table, out)


def _write_report(result: Decontamination, items: pa.Table, path: str) -> None:
    from curate.io import writer

    with writer(path) as write:
        for hits in _hits(result, items):
            write([msgspec.json.encode(hit) for hit in hits])


def _print_json(result: Decontamination, items: pa.Table, out: str) -> None:
    """Print the summary with every hit as JSON, some hits at a time: there may be more than fit into memory."""
    contaminated = len(result.overlaps.first)
    summary = {**funnel_values(result.table), "contaminated": contaminated, "notes": result.notes}
    on_stderr = out == "-"
    click.echo(msgspec.json.encode(summary).decode()[:-1] + ',"hits":[', nl=False, err=on_stderr)
    before = ""
    for hits in _hits(result, items):
        click.echo(before + msgspec.json.encode(hits).decode()[1:-1], nl=False, err=on_stderr)
        before = ","
    click.echo("]}", err=on_stderr)


def _hits(result: Decontamination, items: pa.Table) -> Iterator[list[dict[str, object]]]:
    """The overlaps with the places of both rows, some at a time."""
    import numpy as np

    from curate.dedup.overlaps import BATCH

    overlaps: Overlaps = result.overlaps
    for start in range(0, len(overlaps), BATCH):
        yield _described(overlaps.at(np.arange(start, min(start + BATCH, len(overlaps)))), result.table, items)


def _described(overlaps: Sequence[Overlap], rows: pa.Table, items: pa.Table) -> list[dict[str, object]]:
    from curate.table.table import take

    row_positions = [overlap.row for overlap in overlaps]
    item_positions = [overlap.item for overlap in overlaps]
    columns = (
        *(take(rows[name], row_positions) for name in ("file", "row")),
        *(take(items[name], item_positions) for name in ("file", "row")),
    )
    return [
        {
            "file": file,
            "row": row,
            "eval_file": eval_file,
            "eval_row": eval_row,
            "method": overlap.method,
            "similarity": round(overlap.similarity, 4),
            "text": overlap.text,
        }
        for overlap, file, row, eval_file, eval_row in zip(overlaps, *columns, strict=True)
    ]


def _print_hits(result: Decontamination, items: pa.Table, show: int) -> None:
    for note in result.notes:
        print_note(note)
    for hit in _described(result.overlaps.most_similar(show), result.table, items):
        text = " ".join(str(hit["text"]).split())
        print_note(
            f"{hit['file']}:{hit['row']} shares with {hit['eval_file']}:{hit['eval_row']} "
            f"({hit['method']} {hit['similarity']:.2f}): "
            f"{text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + '…'}"
        )
    if len(result.overlaps) > show:
        print_note(f"... and {counted(len(result.overlaps) - show, 'more hit')}; --report FILE lists all")
    item, rows = result.overlaps.commonest_item()
    if rows > MANY_ROWS:
        place = f"{items['file'][item].as_py()}:{items['row'][item].as_py()}"
        print_note(f"{counted(rows, 'row shares', 'rows share')} text with {place}: check whether that is boilerplate")
