"""`curate schema`"""

from __future__ import annotations

import click


@click.command()
@click.argument("format", metavar="FORMAT[/VARIANT]")
def schema(format: str) -> None:
    """Print the JSON Schema (draft 2020-12) of a FORMAT's rows, or of `problem`, a line of OUT.rejects.jsonl.

    A row that `curate validate` takes is valid by it.  Fields that it does not name are allowed, since they travel
    with the row.

    \b
    curate schema sft > sft.schema.json
    curate schema self-instruct/seed
    """
    import msgspec

    from curate.table.reading import format_named
    from schemas import json_schema

    found = json_schema.of_problem() if format == "problem" else json_schema.of_format(format_named(format))
    click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
