"""`curate dedup`"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from curate.commands.options import engine_options
from curate.engine.connect import connected

if TYPE_CHECKING:
    from curate.dedup.mark import Marked
    from curate.engine.rows import Rows
    from curate.progress import Progress


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="IN... OUT")
@click.option("--exact", is_flag=True, help="Exact duplicates of the normalised text; always looked for.")
@click.option("--near", type=float, metavar="T", help="Also rows whose shingles have this Jaccard similarity, say 0.7.")
@click.option("--semantic", type=float, metavar="T", help="Also rows whose embeddings have this cosine, say 0.95.")
@click.option(
    "--key",
    default="conversation",
    show_default=True,
    help="What of a row counts: conversation, prompt, response, first-prompt, or exchange (any turn with its answer).",
)
@click.option(
    "--against", multiple=True, metavar="FILE", help="Also remove rows that are like one of FILE, which stays."
)
@click.option(
    "--best", metavar="COLUMN", help="Of duplicates keep the row with most of this; default: quality, if there."
)
@click.option(
    "--embedder", default="auto", show_default=True, help="auto, static, minilm, tfidf, or a hub id or folder."
)
@click.option("--rethreshold", is_flag=True, help="IN is a ledger of dedup: mark it for tighter thresholds, at once.")
@click.option("--format", "name", help="The format of the input rows; found out if not given, `mixed` for any.")
@click.option("--to", help="The format to write; that of the input if not given.")
@engine_options
@click.option("--quiet", is_flag=True, help="Print errors only.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON on standard error.")
def dedup(
    paths: tuple[str, ...],
    exact: bool,
    near: float | None,
    semantic: float | None,
    key: str,
    against: tuple[str, ...],
    best: str | None,
    embedder: str,
    rethreshold: bool,
    name: str | None,
    to: str | None,
    quiet: bool,
    as_json: bool,
    engine: str,
    ray_address: str | None,
) -> None:
    """Write the rows of IN... without duplicates to OUT, and what became of each row to OUT.ledger.parquet.

    Of rows that are alike the best stays: the one with most quality, if the table says so, then with the longer
    response.  A row goes only if it is itself like one that stays.  Invalid rows are left out; the ledger lists them.
    Text counts without case, width and white space; near-duplicates are told by five words (characters, in Chinese and
    Japanese) in a row.

    \b
    curate dedup raw/*.json unique.jsonl --near 0.7
    curate dedup new.jsonl fresh.jsonl --near 0.7 --against old.jsonl
    curate dedup unique.jsonl.ledger.parquet tighter.jsonl --rethreshold --near 0.85
    curate explain unique.jsonl.ledger.parquet 12
    """
    # Arrow's own allocator keeps twice the memory of a table made of many small pieces.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    from curate.dedup import mark
    from curate.errors import CurateError
    from curate.progress import part, progress_bar
    from curate.table import ledger, subset, table

    *sources, out = paths
    if not sources:
        raise CurateError("dedup needs at least one input and an output: curate dedup IN... OUT")
    if rethreshold and (len(sources) > 1 or against):
        raise CurateError("--rethreshold takes one ledger and no --against: curate dedup LEDGER OUT --rethreshold")
    mark.check(near, semantic)
    if rethreshold and engine == "ray":
        raise CurateError(
            "--rethreshold looks at no text again and has nothing for a cluster to do; leave out --engine"
        )
    with connected(engine, ray_address), progress_bar(quiet or as_json) as progress:
        others = table.read(against, progress=part(progress, 0, 0.1)) if against else None
        how = (near, semantic, key, best, others, embedder, part(progress, 0.4, 0.9))
        if engine == "ray":
            from curate.dedup import on_ray
            from curate.engine.ray_read import read

            given = read(sources, name, progress=part(progress, 0.1, 0.4))
            marked = on_ray.mark(given, *how)
            _write_on_ray(given.with_thin(marked.table), out, to, part(progress, 0.9, 1))
        else:
            rows = table.read(sources, name, progress=part(progress, 0.1, 0.4))
            marked = mark.rethreshold(rows, near, semantic) if rethreshold else mark.mark(rows, *how)
            progress(f"writing {out}", 0.9, 1)
            subset.write(marked.table, ledger.left(marked.table), out, subset.target(marked.table, to))
            if out != "-":
                table.write(marked.table, subset.ledger_path(out))
    if as_json:
        import msgspec

        summary = {
            **dict(ledger.funnel(marked.table)),
            "duplicates": ledger.methods(marked.table),
            "notes": marked.notes,
        }
        click.echo(msgspec.json.encode(summary).decode(), err=True)
    elif not quiet:
        _tell(marked, out)


def _write_on_ray(rows: Rows, out: str, to: str | None, progress: Progress) -> None:
    from curate.engine import write
    from curate.table import ledger, subset

    write.write_subset(rows, ledger.left(rows.thin), out, subset.target(rows.thin, to), progress=progress)
    if out != "-":
        write.write_ledger(rows, subset.ledger_path(out))


def _tell(marked: Marked, out: str) -> None:
    from curate.table import ledger, subset

    for note in marked.notes:
        click.echo(note, err=True)
    for method, count in ledger.methods(marked.table).items():
        click.echo(f"{method} duplicates {count:,}", err=True)
    for step, count in ledger.funnel(marked.table):
        click.echo(f"{step} {count:,}", err=True)
    if out != "-":
        click.echo(f"ledger: {subset.ledger_path(out)}", err=True)
