"""`curate detect`"""

from __future__ import annotations

import click


@click.command()
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def detect(file: str, as_json: bool) -> None:
    """Say which format FILE is in, with the share of rows that agree."""
    from curate.convert import detect_file
    from curate.errors import CurateError
    from curate.io import container

    found = detect_file(file)
    if as_json:
        import msgspec

        shares = {name or "none": share for name, share in found.shares.items()}
        result = {"file": file, "format": found.format or None, "container": container(file), "rows": found.rows}
        click.echo(msgspec.json.encode({**result, "mixed": found.mixed, "shares": shares}).decode())
        return
    if not found.rows:
        raise CurateError(f"{file}: there is no row in it", 1)
    if not found.format:
        raise CurateError(f"{file}: none of its {found.rows:,} rows fits a format; see `curate formats`", 1)
    said = ", ".join(f"{share:.1%} {name or 'no known format'}" for name, share in found.shares.items())
    kind = "mixed, mostly " if found.mixed else ""
    click.echo(f"{file}: {kind}{found.format} in {container(file)}, {found.rows:,} rows ({said})")
    if found.mixed:
        click.echo("Rows of several formats are read each by its own with --from mixed.")
