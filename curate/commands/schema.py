"""`curate schema`"""

from __future__ import annotations

import click


@click.command()
@click.argument("format_name", metavar="FORMAT[/VARIANT]")
def schema(format_name: str) -> None:
    """Print the JSON Schema (draft 2020-12) of a FORMAT's rows, or of `problem`, a line of OUT.rejects.jsonl.

    Every row that `curate validate` accepts is valid by it.  Fields that it does not name are allowed: they are kept
    with the row.

    \b
    curate schema sft > sft.schema.json
    curate schema self-instruct/seed
    """
    import msgspec

    from curate.table.reading import format_named
    from schemas import json_schema

    if format_name == "problem":
        document = json_schema.of_problem()
    else:
        document = json_schema.of_format(format_named(format_name))
    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())
