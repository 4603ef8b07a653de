"""`curate detect`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from curate.commands.options import json_option, print_json, print_note
from curate.text.counted import counted

if TYPE_CHECKING:
    from schemas.detection import Detected


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--map", "field_map", default="", metavar="FIELD=NAME,...", help="As other commands have it.")
@json_option
@click.pass_context
def detect(ctx: click.Context, files: tuple[str, ...], field_map: str, as_json: bool) -> None:
    """Say which format each FILE is in, with the share of rows that agree and why it was chosen.

    With --json, one object for a single FILE and a list of them for several.  The exit code is that of the worst FILE.
    """
    from curate.errors import CurateError
    from curate.io import expand

    summaries: list[dict[str, Any]] = []
    code = 0
    paths = expand(files)
    for path in paths:
        try:
            _detect(path, field_map, summaries if as_json else None)
        except CurateError as error:
            if len(paths) == 1:
                raise
            print_note(f"error: {error}")
            code = max(code, error.code)
    if as_json:
        print_json(summaries[0] if len(paths) == 1 else summaries)
    ctx.exit(code)


def _detect(path: str, field_map: str, summaries: list[dict[str, Any]] | None) -> None:
    """Print what a file is, or add it to the summaries if there are any."""
    from curate.errors import no_rows
    from curate.io import container
    from curate.table.reading import detect_file

    detected = detect_file(path, field_map)
    if not detected.rows:
        raise no_rows([path])
    if summaries is None:
        _print(path, container(path), detected)
        return
    summaries.append(
        {
            "file": path,
            "format": detected.format or None,
            "container": container(path),
            "rows": detected.rows,
            "mixed": detected.mixed,
            "shares": {name or "none": share for name, share in detected.shares.items()},
            "faults": detected.faults,
            "reasons": {name or "none": reason for name, reason in detected.reasons.items()},
        }
    )


def _print(path: str, kind: str, detected: Detected) -> None:
    from curate.errors import CurateError
    from schemas.problems import CODES

    if not detected.format:
        raise CurateError(
            f"{path}: no row of {detected.rows:,} fits a format: {detected.reasons['']}. See `curate formats`, "
            "and --map for fields of other names",
            1,
        )
    mixed = "mixed, mostly " if detected.mixed else ""
    click.echo(f"{path}: {mixed}{detected.format} in {kind}, {counted(detected.rows, 'row')}")
    for name, share in detected.shares.items():
        click.echo(f"  {share:.1%} {name or 'no known format'}: {detected.reasons[name]}")
    for code, lines in detected.faults.items():
        about = CODES[code]
        click.echo(f"{code} {about.title}, {lines:,}: {about.remedy}")
    if detected.mixed:
        click.echo("Read each row by its own format with --format mixed.")
