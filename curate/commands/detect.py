"""`curate detect`"""

from __future__ import annotations

import click


@click.command()
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def detect(file: str, as_json: bool) -> None:
    """Say which format FILE is in, with the share of rows that agree and why it was chosen."""
    from curate.errors import CurateError
    from curate.io import container
    from curate.table.reading import detect_file

    found = detect_file(file)
    if as_json:
        import msgspec

        shares = {name or "none": share for name, share in found.shares.items()}
        reasons = {name or "none": reason for name, reason in found.reasons.items()}
        result = {"file": file, "format": found.format or None, "container": container(file), "rows": found.rows}
        click.echo(msgspec.json.encode({**result, "mixed": found.mixed, "shares": shares, "reasons": reasons}).decode())
        return
    if not found.rows:
        raise CurateError(f"{file}: there is no row in it", 1)
    if not found.format:
        raise CurateError(
            f"{file}: none of its {found.rows:,} rows fits a format: {found.reasons['']}. See `curate formats`, and "
            "--map of `curate convert` for fields of other names",
            1,
        )
    kind = "mixed, mostly " if found.mixed else ""
    click.echo(f"{file}: {kind}{found.format} in {container(file)}, {found.rows:,} rows")
    for name, share in found.shares.items():
        click.echo(f"  {share:.1%} {name or 'no known format'}: {found.reasons[name]}")
    if found.mixed:
        click.echo("Rows of several formats are read each by its own with --from mixed.")
