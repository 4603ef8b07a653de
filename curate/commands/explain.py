"""`curate explain`"""

from __future__ import annotations

import click


@click.command()
@click.argument("path", metavar="LEDGER")
@click.argument("row")
def explain(path: str, row: str) -> None:
    """Say what became of one input ROW (12, or file.jsonl:12) of LEDGER, and why."""
    from curate import ledger, table
    from curate.errors import CurateError

    file, _, number = row.rpartition(":")
    if not number.isdigit():
        raise CurateError(f"{row!r} is no row; write a number, or file.jsonl:12")
    click.echo(ledger.explain(table.read([path]), int(number), file or None))
