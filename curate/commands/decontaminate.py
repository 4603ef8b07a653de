"""`curate decontaminate`"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pyarrow as pa

    from curate.dedup.decontaminate import Found
    from curate.dedup.hits import Hit, Hits


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="IN... OUT")
@click.option("--against", multiple=True, required=True, metavar="EVAL", help="An evaluation file; may be repeated.")
@click.option(
    "--ngram",
    default=13,
    show_default=True,
    metavar="N",
    help="Rows with N words in a row of an evaluation row (characters in Chinese and Japanese); 0 looks for none.",
)
@click.option(
    "--share",
    default=0.0,
    show_default=True,
    metavar="S",
    help="Part of an evaluation row's N-grams that a row must have; 0 asks for one. Raise it for templates, say to 0.5",
)
@click.option("--near", type=float, metavar="T", help="Also rows whose shingles have this Jaccard similarity, say 0.7.")
@click.option("--semantic", type=float, metavar="T", help="Also rows whose embeddings have this cosine, say 0.95.")
@click.option("--flag", is_flag=True, help="Keep the rows, and only flag them in the ledger.")
@click.option("--report", metavar="FILE", help="Write every hit to FILE as JSON lines: row, evaluation row, text.")
@click.option("--show", default=10, show_default=True, help="How many hits to print.")
@click.option(
    "--embedder", default="auto", show_default=True, help="auto, static, minilm, tfidf, or a hub id or folder."
)
@click.option("--format", "name", help="The format of the input rows; found out if not given, `mixed` for any.")
@click.option("--to", help="The format to write; that of the input if not given.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON on standard error.")
def decontaminate(
    paths: tuple[str, ...],
    against: tuple[str, ...],
    ngram: int,
    share: float,
    near: float | None,
    semantic: float | None,
    flag: bool,
    report: str | None,
    show: int,
    embedder: str,
    name: str | None,
    to: str | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Write the rows of IN... that share no text with EVAL to OUT, and what became of each to OUT.ledger.parquet.

    EVAL may be in any of the formats.  Text counts without case, width and punctuation.  Every hit is shown with the
    evaluation row and the text that they share.

    \b
    curate decontaminate pool.jsonl clean.jsonl --against test.jsonl
    curate decontaminate pool.jsonl clean.jsonl --against a.json --against b.jsonl --ngram 8 --near 0.6
    """
    import msgspec

    # Arrow's own allocator keeps twice the memory of a table made of many small pieces.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    from curate.dedup import decontaminate as method
    from curate.errors import CurateError
    from curate.io import writer
    from curate.progress import part, progress_bar
    from curate.table import ledger, subset, table
    from curate.table.counting import rows_that_count

    *sources, out = paths
    if not sources:
        raise CurateError("decontaminate needs an input and an output: curate decontaminate IN... OUT --against EVAL")
    with progress_bar(quiet or as_json) as progress:
        rows = table.read(sources, name, progress=part(progress, 0, 0.4))
        items = table.read(against, progress=part(progress, 0.4, 0.5))
        found = method.decontaminate(
            rows, items, ngram or None, near, semantic, embedder, flag, share, part(progress, 0.5, 1)
        )
    subset.write(found.table, rows_that_count(found.table, "unique"), out, subset.target(found.table, to))
    if out != "-":
        table.write(found.table, subset.ledger_path(out))
    if report:
        with writer(report) as write:
            for some in _described(found.hits, rows, items):
                write([msgspec.json.encode(hit) for hit in some])
    contaminated = len(found.hits.first)
    if as_json:
        summary = {**dict(ledger.funnel(found.table)), "contaminated": contaminated, "notes": found.notes}
        click.echo(msgspec.json.encode(summary).decode()[:-1], nl=False, err=True)
        before = ',"hits":['
        for some in _described(found.hits, rows, items):
            click.echo(before + msgspec.json.encode(some).decode()[1:-1], nl=False, err=True)
            before = ","
        click.echo("]}" if before == "," else before + "]}", err=True)
    elif not quiet:
        _tell(found, rows, items, show, flag)
        for step, count in ledger.funnel(found.table):
            click.echo(f"{step} {count:,}", err=True)
        if out != "-":
            click.echo(f"ledger: {subset.ledger_path(out)}", err=True)


def _described(hits: Hits, rows: pa.Table, items: pa.Table) -> Iterator[list[dict[str, object]]]:
    """The hits with the places of both rows, some at a time."""
    import numpy as np

    from curate.dedup.hits import BATCH

    for start in range(0, len(hits), BATCH):
        yield _placed(hits.at(np.arange(start, min(start + BATCH, len(hits)))), rows, items)


def _placed(hits: list[Hit], rows: pa.Table, items: pa.Table) -> list[dict[str, object]]:
    from curate.table.table import take

    own, tests = [hit.row for hit in hits], [hit.item for hit in hits]
    columns = (
        *(take(rows[name], own) for name in ("file", "row")),
        *(take(items[name], tests) for name in ("file", "row")),
    )
    return [
        {
            "file": file,
            "row": row,
            "eval_file": eval_file,
            "eval_row": eval_row,
            "method": hit.method,
            "similarity": round(hit.similarity, 4),
            "text": hit.text,
        }
        for hit, file, row, eval_file, eval_row in zip(hits, *columns, strict=True)
    ]


def _tell(found: Found, rows: pa.Table, items: pa.Table, show: int, flag: bool) -> None:
    for note in found.notes:
        click.echo(note, err=True)
    for hit in _placed(found.hits.best(show), rows, items):
        text = " ".join(str(hit["text"]).split())
        click.echo(
            f"{hit['file']}:{hit['row']} has of {hit['eval_file']}:{hit['eval_row']} "
            f"({hit['method']} {hit['similarity']:.2f}): {text if len(text) <= 160 else text[:160] + '…'}",
            err=True,
        )
    if len(found.hits) > show:
        click.echo(f"... and {len(found.hits) - show:,} more hits; --report FILE lists all", err=True)
    item, hit_by = found.hits.commonest()
    if hit_by > 10:
        place = f"{items['file'][item].as_py()}:{items['row'][item].as_py()}"
        click.echo(f"{place} alone is hit by {hit_by:,} rows: look whether that is boilerplate", err=True)
    click.echo(f"{'flagged' if flag else 'removed'} {len(found.hits.first):,} contaminated rows", err=True)
