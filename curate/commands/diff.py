"""`curate diff`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from curate.commands.options import format_option, json_option, print_json
from curate.text.counted import counted

if TYPE_CHECKING:
    from rich.table import Table

# Values of a column that are shown; others are counted.
SHOWN = 12


@click.command()
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@format_option
@click.option("--rows", default=5, show_default=True, help="How many of the rows that are in one only to name.")
@json_option
def diff(a: str, b: str, format_name: str | None, rows: int, as_json: bool) -> None:
    """Say which rows two subsets share, and where they differ in balance, lengths and scores.

    A and B are data files, or ledgers, of which the selected rows count.  Rows are the same if they have the same text,
    whatever file and format they are in.  Scores are compared where both have the column.  --json names all rows.

    \b
    curate diff best.jsonl random.jsonl
    curate diff best.jsonl.ledger.parquet random.jsonl.ledger.parquet --json
    """
    from curate.select import difference
    from curate.table import table

    compared = difference.compare(table.read([a], format_name), table.read([b], format_name))
    if as_json:
        print_json({"a": a, "b": b, **compared})
    else:
        _print(a, b, compared, rows)


def _print(a: str, b: str, compared: dict[str, Any], rows: int) -> None:
    from rich.console import Console

    console = Console(soft_wrap=True)
    rows_a, rows_b = compared["rows"]
    shared = f"shared {compared['shared']:,} ({compared['jaccard']:.1%} of all)"
    if compared["order_agreement"] is not None:
        shared += f", in orders that agree to {compared['order_agreement']:+.2f} (Spearman)"
    lines = [f"A {a}: {counted(rows_a, 'row')}", f"B {b}: {counted(rows_b, 'row')}", shared]
    for side in "ab":
        places = compared[f"only_in_{side}"]
        if places and rows:
            more = f" and {len(places) - rows:,} more" if len(places) > rows else ""
            lines.append(f"only in {side.upper()} {len(places):,}: {', '.join(places[:rows])}{more}")
    for line in lines:
        console.print(line, markup=False, highlight=False)
    for column, values in compared["balance"].items():
        if len(values) > 1 or column == "category":
            console.print(_counts(column, values, rows_a, rows_b))
    lengths = {f"{name} characters": values for name, values in compared["lengths"].items()}
    console.print(_numbers(lengths | compared["scores"]))


def _counts(column: str, values: dict[str, list[int]], rows_a: int, rows_b: int) -> Table:
    """A table of a column's values: rows and shares in A and in B."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    table.add_column(column, overflow="fold")
    for head in ("A", "share", "B", "share"):
        table.add_column(head, justify="right", no_wrap=True)
    for value, (in_a, in_b) in list(values.items())[:SHOWN]:
        shares = (f"{in_a:,}", f"{in_a / max(rows_a, 1):.1%}", f"{in_b:,}", f"{in_b / max(rows_b, 1):.1%}")
        table.add_row(Text(value), *shares)
    if len(values) > SHOWN:
        others = list(values.values())[SHOWN:]
        sums = [f"{sum(counts[side] for counts in others):,}" for side in (0, 1)]
        table.add_row(counted(len(others), "other"), sums[0], "", sums[1], "")
    return table


def _numbers(measures: dict[str, dict[str, Any]]) -> Table:
    """A table of means and medians in A and in B, and how far apart the means are."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    table.add_column("mean (median)", overflow="fold")
    for head in ("A", "B", "B - A in sd"):
        table.add_column(head, justify="right", no_wrap=True)
    for name, pair in measures.items():
        if pair["mean"] is not None:
            sides = [f"{mean:,.4g} ({median:,.4g})" for mean, median in zip(pair["mean"], pair["median"], strict=True)]
            table.add_row(Text(name), *sides, f"{pair['effect']:+.2f}")
    return table
