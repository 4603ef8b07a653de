"""`curate select`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from curate.commands.kept_rows import print_funnel, read_rows
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
from curate.commands.outputs import sources_and_output
from curate.engine.connect import connected
from curate.select.options import PLAIN, Select, check

if TYPE_CHECKING:
    import pyarrow as pa

    from curate.select.selection import Selection


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="IN... OUT")
@step_options(Select, PLAIN)
@click.option("--seed", default=0, show_default=True, help="Seed of random choices.")
@embedder_option
@format_option
@to_option
@engine_options
@json_option
@quiet_option
def select(
    paths: tuple[str, ...],
    options: Select,
    seed: int,
    embedder: str,
    format_name: str | None,
    to: str | None,
    engine: str,
    ray_address: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write the best --size rows of IN..., in order, to OUT, and why each row was chosen or not to OUT.ledger.parquet.

    The first n rows of OUT are the selection of size n.  Exact duplicates are removed first.

    \b
    curate select raw/*.json best.jsonl --size 1000 --balance category
    curate select pool.jsonl best.jsonl --balance category --quota "Closed QA=150" --min 50
    curate select pool.jsonl best.jsonl --balance category,language --allocation square-root
    curate select scored.jsonl.ledger.parquet best.jsonl --method lima
    """
    from curate.dedup import exact
    from curate.progress import part, progress_bar
    from curate.select.selection import choose
    from curate.table import subset, table

    sources, out = sources_and_output(paths, "select")
    check(options, "--")
    with connected(engine, ray_address) as workers, progress_bar(quiet or as_json) as progress:
        pool = exact.mark(read_rows(workers, sources, format_name, part(progress, 0, 0.4)).table())
        selection = choose(pool, options, seed, embedder, progress=part(progress, 0.4, 0.9), workers=workers)
        progress("writing", 0.9, 1)
    ranked = selection.ledger(pool)
    subset.write(ranked, selection.order, out, subset.target(ranked, to))
    if out != "-":
        table.write(ranked, subset.ledger_path(out))
    if as_json:
        print_json(_summary(selection, ranked), out)
    elif not quiet:
        for line in selection.messages(options):
            print_note(line)
        print_funnel(ranked, out)


def _summary(selection: Selection, ranked: pa.Table) -> dict[str, object]:
    from curate.table import ledger
    from curate.table.invalid import invalid_rows

    shortfalls = {name: {"wanted": wanted, "got": got} for name, (wanted, got) in selection.shortfalls.items()}
    return {
        "selected": len(selection.order),
        "funnel": dict(ledger.funnel(ranked)),
        "invalid": [problem.plain() for problem in invalid_rows(ranked)],
        "shortfalls": shortfalls,
        "below_floor": selection.below,
        "notes": selection.notes,
    }
