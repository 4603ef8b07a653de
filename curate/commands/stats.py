"""`curate stats`"""

from __future__ import annotations

import click


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--format", "name", help="The format of the rows; found out if not given, `mixed` for any.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def stats(files: tuple[str, ...], name: str | None, as_json: bool) -> None:
    """Rows, turns, lengths, languages, categories and duplicates at a glance."""
    from curate.table import stats, table

    found = stats.describe(table.batches(files, name))
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(found).decode())
        return
    from rich.console import Console
    from rich.table import Table

    shown = Table(box=None, pad_edge=False, show_header=False)
    shown.add_column(style="bold", no_wrap=True)
    shown.add_column(overflow="fold")
    for key, value in found.items():
        shown.add_row(key.replace("_", " "), _text(value))
    Console().print(shown)


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_text(part)}" for key, part in value.items()) or "none"
    return f"{value:,}" if isinstance(value, (int, float)) else str(value)
