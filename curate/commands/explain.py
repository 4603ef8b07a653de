"""`curate explain`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from curate.table.ledger import Comparison

# The marks around what only one side has, where there are no colours.
MARKS = (("[-", "-]"), ("{+", "+}"))


@click.command()
@click.argument("path", metavar="LEDGER")
@click.argument("row")
def explain(path: str, row: str) -> None:
    """Say what became of one input ROW (12, or file.jsonl:12) of LEDGER, and why.

    A row that was dropped for another is shown beside it, with what differs in colour, or as [-this-] {+that+} where
    there are no colours.
    """
    from curate.errors import CurateError
    from curate.table import ledger, table

    file, _, number = row.rpartition(":")
    if not number.isdigit():
        raise CurateError(f"{row!r} is not a row; write a number, or file.jsonl:12")
    rows = table.read([path])
    position = ledger.find(rows, int(number), file or None)
    click.echo(ledger.explain(rows, int(number), file or None))
    comparison = ledger.comparison(rows, position)
    if comparison:
        _print_comparison(comparison)


def _print_comparison(comparison: Comparison) -> None:
    """Print two texts side by side, with what differs."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from curate.dedup.difference import difference, marked

    console = Console(soft_wrap=False)
    table = Table(expand=True, show_lines=False)
    cells = []
    sides = difference(comparison.text, comparison.other_text)
    for parts, style, marks in zip(sides, ("bold red", "bold green"), MARKS, strict=True):
        if console.color_system:
            cells.append(Text.assemble(*((part.text, style if part.differs else "") for part in parts)))
        else:
            cells.append(Text(marked(parts, *marks)))
    for title in (comparison.title, comparison.other_title):
        table.add_column(Text(title), ratio=1, overflow="fold")
    table.add_row(*cells)
    console.print(table)
