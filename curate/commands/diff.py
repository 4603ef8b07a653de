"""`curate diff`"""

from __future__ import annotations

import click

SHOWN = 12


@click.command()
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("--format", "name", help="The format of the rows; found out if not given, `mixed` for any.")
@click.option("--rows", default=5, show_default=True, help="How many of the rows that are in one only to name.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with all those rows.")
def diff(a: str, b: str, name: str | None, rows: int, as_json: bool) -> None:
    """Say which rows two subsets share, and where they differ in balance, lengths and scores.

    A and B are data files, or ledgers, of which the selected rows count.  Rows are the same if they say the same,
    whatever file and format they are in.  Scores are compared where both have the column.

    \b
    curate diff best.jsonl random.jsonl
    curate diff best.jsonl.ledger.parquet random.jsonl.ledger.parquet --json
    """
    from curate.select import difference
    from curate.table import table

    found = difference.compare(table.read([a], name), table.read([b], name))
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode({"a": a, "b": b, **found}).decode())
        return
    from rich.console import Console

    console = Console(soft_wrap=True)
    of_a, of_b = found["rows"]
    console.print(f"A {a}: {of_a:,} rows\nB {b}: {of_b:,} rows", markup=False, highlight=False)
    said = f"shared {found['shared']:,} ({found['jaccard']:.1%} of all)"
    if found["order_agreement"] is not None:
        said += f", in orders that agree to {found['order_agreement']:+.2f} (Spearman)"
    console.print(said, markup=False, highlight=False)
    for side in "ab":
        places = found[f"only_in_{side}"]
        if places and rows:
            more = f" and {len(places) - rows:,} more" if len(places) > rows else ""
            console.print(
                f"only in {side.upper()} {len(places):,}: {', '.join(places[:rows])}{more}",
                markup=False,
                highlight=False,
            )
    for column, values in found["balance"].items():
        if len(values) > 1 or column == "category":
            console.print(_counts(column, values, of_a, of_b))
    console.print(_numbers({f"{k} characters": v for k, v in found["lengths"].items()} | found["scores"]))


def _counts(column, values, of_a, of_b):  # type: ignore[no-untyped-def]
    """A table of a column's values: rows and shares in A and in B."""
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False)
    shown.add_column(column, overflow="fold")
    for head in ("A", "share", "B", "share"):
        shown.add_column(head, justify="right", no_wrap=True)
    for value, (one, other) in list(values.items())[:SHOWN]:
        shares = (f"{one:,}", f"{one / max(of_a, 1):.1%}", f"{other:,}", f"{other / max(of_b, 1):.1%}")
        shown.add_row(Text(value), *shares)
    if len(values) > SHOWN:
        rest = list(values.values())[SHOWN:]
        shown.add_row(f"{len(rest)} others", f"{sum(v[0] for v in rest):,}", "", f"{sum(v[1] for v in rest):,}", "")
    return shown


def _numbers(measures):  # type: ignore[no-untyped-def]
    """A table of means and medians in A and in B, and how far apart the means are."""
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False)
    shown.add_column("mean (median)", overflow="fold")
    for head in ("A", "B", "B - A in sd"):
        shown.add_column(head, justify="right", no_wrap=True)
    for name, pair in measures.items():
        if pair["mean"] is not None:
            sides = [f"{mean:,.4g} ({median:,.4g})" for mean, median in zip(pair["mean"], pair["median"], strict=True)]
            shown.add_row(Text(name), *sides, f"{pair['effect']:+.2f}")
    return shown
