"""`curate select`"""

from __future__ import annotations

import click


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="IN... OUT")
@click.option("--size", default=1000, show_default=True, help="How many rows.")
@click.option(
    "--method",
    default="facility_location",
    show_default=True,
    help="facility_location (rows that stand for all others) or random.",
)
@click.option("--balance", metavar="COLUMN", help="Take equal shares of each value of this column, say category.")
@click.option("--quota", "quotas", multiple=True, metavar="NAME=N", help="Take exactly N of this value of --balance.")
@click.option("--seed", default=0, show_default=True, help="Seed of random choices.")
@click.option("--embedder", default="auto", show_default=True, help="auto, minilm, tfidf, or any hub id or folder.")
@click.option("--format", "name", help="The format of the input rows; found out if not given, `mixed` for any.")
@click.option("--to", help="The format to write; that of the input if not given.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
def select(
    paths: tuple[str, ...],
    size: int,
    method: str,
    balance: str | None,
    quotas: tuple[str, ...],
    seed: int,
    embedder: str,
    name: str | None,
    to: str | None,
    quiet: bool,
) -> None:
    """Write the best --size rows of IN..., in order, to OUT, and what became of each row to OUT.ledger.parquet.

    The first n rows of OUT are the selection of size n.  Exact duplicates are set aside first.

    \b
    curate select raw/*.json best.jsonl --size 1000 --balance category
    curate select pool.jsonl best.jsonl --balance category --quota "Closed QA=150"
    """
    from curate import ledger, subset, table
    from curate.dedup import exact
    from curate.errors import CurateError
    from curate.select import choose

    *sources, out = paths
    if not sources:
        raise CurateError("select needs at least one input and an output: curate select IN... OUT")
    pool = exact.mark(table.read(sources, name))
    selection = choose(
        pool, method=method, size=size, balance=balance, quotas=_quotas(quotas), seed=seed, embedder=embedder
    )
    ranked = ledger.with_rank(pool, selection.order)
    subset.write(ranked, selection.order.tolist(), out, subset.target(ranked, to))
    if out != "-":
        table.write(ranked, subset.ledger_path(out))
    if quiet:
        return
    if selection.note:
        click.echo(selection.note, err=True)
    for group, (wanted, got) in selection.shortfalls.items():
        click.echo(f"{group}: {wanted:,} wanted, {got:,} there; the rest came from the other groups", err=True)
    if len(selection.order) < size:
        click.echo(
            f"the pool has {len(selection.order):,} rows to choose from, fewer than the {size:,} asked for", err=True
        )
    for step, rows in ledger.funnel(ranked):
        click.echo(f"{step} {rows:,}", err=True)
    if out != "-":
        click.echo(f"ledger: {subset.ledger_path(out)}", err=True)


def _quotas(given: tuple[str, ...]) -> dict[str, int] | None:
    quotas = {}
    for text in given:
        name, _, number = text.rpartition("=")
        if not name or not number.isdigit():
            raise click.BadParameter(f"{text!r} is not NAME=N", param_hint="--quota")
        quotas[name] = int(number)
    return quotas or None
