"""`curate stats`"""

from __future__ import annotations

import os

import click

from curate.commands.options import engine_options, format_option, json_option, print_json, print_note
from curate.engine.connect import connected


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@format_option
@engine_options
@json_option
@click.pass_context
def stats(
    ctx: click.Context,
    files: tuple[str, ...],
    format_name: str | None,
    engine: str,
    ray_address: str | None,
    as_json: bool,
) -> None:
    """Rows, turns, lengths, languages, categories, duplicates and faults at a glance.

    Certain faults (refusals, answers that are cut off, ...) are counted in the first 1,000 valid rows; `curate score
    --with faults` looks at all.

    One of several files that is of no known format is passed over, and the exit code is then 1.
    """
    from curate.engine.describe import describe_files
    from curate.errors import no_rows
    from curate.io import expand
    from curate.score.faults.sample_counts import first_rows_faults
    from curate.table.reading import fields_note

    sources = expand(files)
    with connected(engine, ray_address) as where:
        description = describe_files(sources, format_name, where)
    if not description["rows"] and not description.get("passed_over"):
        raise no_rows(files)
    if all(map(os.path.isfile, sources)):
        looked_at, faults = first_rows_faults(sources, format_name)
        description |= {"faults": dict(faults.most_common()), "first_rows_looked_at_for_faults": looked_at}
    unknown = description.get("passed_over", [])
    if as_json:
        print_json(description)
        ctx.exit(1 if unknown else 0)
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for key, value in description.items():
        if key != "passed_over":
            table.add_row(key.replace("_", " "), _text(value))
    Console().print(table)
    for note in (note for file in (expand(files) if format_name is None else ()) for note in fields_note(file)):
        print_note(note)
    for why in unknown:
        print_note(f"passed over {why}")
    ctx.exit(1 if unknown else 0)


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_text(part)}" for key, part in value.items()) or "none"
    return f"{value:,}" if isinstance(value, (int, float)) else str(value)
