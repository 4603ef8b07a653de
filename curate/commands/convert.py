"""`curate convert`"""

from __future__ import annotations

from typing import Any

import click


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="IN... OUT")
@click.option("--to", required=True, help="The format to write, or format/variant; see `curate formats`.")
@click.option("--from", "name", help="The format of IN; found out if not given, `mixed` for rows of any.")
@click.option(
    "--on-loss",
    type=click.Choice(["keep", "drop", "error"]),
    default="keep",
    show_default=True,
    help="Fields that the target does not name: keep them under their own names, drop them, or refuse the row.",
)
@click.option(
    "--lossless", is_flag=True, help="Add the column curate_origin, with which any row can be restored exactly."
)
@click.option(
    "--on-invalid",
    type=click.Choice(["reject", "error", "repair"]),
    default="reject",
    show_default=True,
    help="Invalid rows: list them in OUT.rejects.jsonl, stop at the first and write nothing, or mend those that can "
    "safely be.",
)
@click.option(
    "--turns",
    type=click.Choice(["error", "last", "split", "history"]),
    help="A conversation of several exchanges in a format of one: refuse it, write the last exchange, a row for each, "
    "or earlier ones into the field history.  [default: history for alpaca, error for others]",
)
@click.option(
    "--map",
    "names",
    metavar="FIELD=NAME,...",
    help="Fields that IN names otherwise, as instruction=question,output=answer.",
)
@click.option("--roles", metavar="NAME=ROLE,...", help="Roles that IN names otherwise, as hummany=user,bot=assistant.")
@click.option(
    "--report", metavar="FILE", help="Write what was read, lost, mended and rejected, and where: .html or .json."
)
@click.option("--workers", default=0, show_default=True, help="Processes; 0 takes a second one where files are large.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON on standard error.")
def convert(paths: tuple[str, ...], to: str, as_json: bool, quiet: bool, report: str | None, **given: Any) -> None:
    """Convert IN... to format --to, every row accounted for.

    The ending of OUT gives the container: .json (an array), .jsonl, .parquet, .csv and others, with .gz or .zst after
    them.  `-` is standard input or output, as JSON lines.  OUT appears whole or not at all.

    \b
    curate convert alpaca.json sharegpt.jsonl --to sharegpt
    curate convert 'raw/*.json' all.jsonl --to sft --from mixed --lossless
    curate convert chats.jsonl - --to sft | head -1
    """
    from curate.convert import Options, rejects_path
    from curate.convert import convert as run
    from curate.errors import CurateError
    from curate.io import expand
    from curate.reading import format_named

    *sources, out = paths
    if not sources:
        raise CurateError("convert needs at least one input and an output: curate convert IN... OUT --to FORMAT")
    names = {given_name: field for field, given_name in _pairs(given.pop("names"), "--map").items()}
    sources = expand(sources)
    options = Options(to=format_named(to), names=names, roles=_pairs(given.pop("roles"), "--roles"), **given)
    summary = run(sources, out, options)
    if report:
        from curate.report.conversion import write

        write(report, sources, out, options, summary)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(summary).decode(), err=True)
        return
    if quiet:
        return
    for field, places in sorted(summary.lost.items()):
        click.echo(f"lost {field} in {places.rows:,} rows", err=True)
    for code, places in sorted(summary.repairs.items()):
        click.echo(f"repaired {places.rows:,} for {code}, first {summary.examples[f'{code} repaired'][0]}", err=True)
    for code, places in sorted(summary.codes.items()):
        click.echo(f"rejected {places.rows:,} for {code}, first {summary.examples[code][0]}", err=True)
    if summary.edited:
        click.echo(
            f"{summary.edited:,} rows were changed since they were converted; they are written as they are", err=True
        )
    if summary.restored:
        click.echo(f"restored {summary.restored:,} rows to what they were", err=True)
    if summary.more:
        click.echo(f"{summary.more:,} more rows by --turns split", err=True)
    if summary.rejected and out != "-":
        click.echo(f"rejected rows are in {rejects_path(out)}", err=True)
    click.echo(f"read {summary.read}, wrote {summary.written}, rejected {summary.rejected}", err=True)


def _pairs(text: str | None, option: str) -> dict[str, str]:
    """The pairs of `a=b,c=d`."""
    pairs = {}
    for part in text.split(",") if text else []:
        name, equals, value = part.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise click.BadParameter(f"{part!r} is not of the form name=value", param_hint=option)
        pairs[name.strip()] = value.strip()
    return pairs
