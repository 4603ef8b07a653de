"""`curate formats`"""

from __future__ import annotations

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def formats(as_json: bool) -> None:
    """List the formats and what each carries.

    A field that a format does not name travels under its own name (see `curate convert --on-loss`); a conversation
    of several exchanges, tool turns and typed parts travel only where the table says so.
    """
    from schemas.registry import FORMATS

    rows = [
        {
            "format": f.name,
            "fields": _fields(f.shapes[0]),
            "shapes": [s.name for s in f.shapes],
            "several_exchanges": f.multi_turn,
            "tool_turns": f.tool_turns,
            "names": sorted(f.names),
            "example": f.example,
        }
        for f in FORMATS.values()
    ]
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(rows).decode())
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("format", "fields", "shapes read", "several exchanges", "tool turns"):
        table.add_column(column, overflow="fold")
    for row in rows:
        yes = ["yes" if row[key] else "no" for key in ("several_exchanges", "tool_turns")]
        table.add_row(row["format"], ", ".join(row["fields"]), ", ".join(row["shapes"]), *yes)  # type: ignore[arg-type]
    Console().print(table)


def _fields(shape) -> list[str]:  # type: ignore[no-untyped-def]
    from msgspec.structs import fields

    from schemas.row import CARRIED

    return [f.encode_name for f in fields(shape.row) if f.name not in CARRIED]
