"""`curate dedup`"""

from __future__ import annotations

import click


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="IN... OUT")
@click.option(
    "--exact", is_flag=True, help="Exact duplicates of the normalised text (the default, and so far the only way)."
)
@click.option("--format", "name", help="The format of the input rows; found out if not given, `mixed` for any.")
@click.option("--to", help="The format to write; that of the input if not given.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
def dedup(paths: tuple[str, ...], exact: bool, name: str | None, to: str | None, quiet: bool) -> None:
    """Write the rows of IN... without duplicates to OUT, and what became of each row to OUT.ledger.parquet.

    Of the rows that say the same (in NFKC, without case and runs of white space) the one with the longer response
    stays.  Invalid rows are left out; the ledger lists them with their problem.
    """
    from curate import ledger, subset, table
    from curate.dedup import exact as method
    from curate.errors import CurateError

    *sources, out = paths
    if not sources:
        raise CurateError("dedup needs at least one input and an output: curate dedup IN... OUT")
    marked = method.mark(table.read(sources, name))
    kept = [i for i in table.valid(marked).tolist() if marked["duplicate_of"][i].as_py() is None]
    subset.write(marked, kept, out, subset.target(marked, to))
    if out != "-":
        table.write(marked, subset.ledger_path(out))
    if not quiet:
        for step, rows in ledger.funnel(marked):
            click.echo(f"{step} {rows:,}", err=True)
        if out != "-":
            click.echo(f"ledger: {subset.ledger_path(out)}", err=True)
