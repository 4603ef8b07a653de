"""`curate convert`"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from curate.commands.options import engine_options
from curate.engine.connect import connected

if TYPE_CHECKING:
    from curate.convert.accounts import Summary
    from curate.convert.conversion import Options

# How far into a file to look for rows of other formats when some were rejected.
HINT_ROWS = 10_000


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
@click.option(
    "--shard-rows",
    type=click.IntRange(1),
    default=100_000,
    show_default=True,
    help="Rows of each file where OUT has a *, as out-*.parquet.",
)
@click.option("--workers", default=0, show_default=True, help="Processes; 0 takes a second one where files are large.")
@engine_options
@click.option("--quiet", is_flag=True, help="Print errors only.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON on standard error.")
def convert(paths: tuple[str, ...], to: str, as_json: bool, quiet: bool, report: str | None, **given: Any) -> None:
    """Convert IN... to format --to, every row accounted for.

    The ending of OUT gives the container: .json (an array), .jsonl, .parquet, .csv and others, with .gz or .zst after
    them.  `-` is standard input or output, as JSON lines.  OUT appears whole or not at all.  A * in its name makes
    several files.  IN and OUT may be URLs (s3://, gs://, hf://datasets/ and others).

    \b
    curate convert alpaca.json sharegpt.jsonl --to sharegpt
    curate convert 'raw/*.json' all.jsonl --to sft --from mixed --lossless
    curate convert chats.jsonl - --to sft | head -1
    """
    from curate.convert.conversion import Options
    from curate.convert.conversion import convert as run
    from curate.errors import CurateError
    from curate.io import expand
    from curate.progress import progress_bar
    from curate.table.reading import format_named

    *sources, out = paths
    if not sources:
        raise CurateError("convert needs at least one input and an output: curate convert IN... OUT --to FORMAT")
    names = {given_name: field for field, given_name in _pairs(given.pop("names"), "--map").items()}
    sources = expand(sources)
    if report:
        from curate.convert.report import check, write

        check(report, sources, out)
    roles = _pairs(given.pop("roles"), "--roles")
    engine, address = given.pop("engine"), given.pop("ray_address")
    if engine == "ray" and given["workers"]:
        raise CurateError("--workers is of --engine local; a Ray cluster has as many as it has processors")
    options = Options(to=format_named(to), names=names, roles=roles, digests=bool(report), **given)
    with connected(engine, address), progress_bar(quiet or as_json or not sys.stderr.isatty()) as progress:
        summary = run(sources, out, options, progress, engine)
    if report:
        write(report, out, options, summary)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(summary).decode(), err=True)
        return
    if not quiet:
        for line in _lines(summary, options, out):
            click.echo(line, err=True)
        if report:
            click.echo(f"which rows, and examples of each: {report}", err=True)
        click.echo(f"read {summary.read}, wrote {summary.written}, rejected {summary.rejected}", err=True)


def _lines(summary: Summary, options: Options, out: str) -> Iterator[str]:
    """What became of the rows, but for the last line."""
    from curate.convert.conversion import rejects_path
    from curate.table.reading import detect_file

    for field, places in sorted(summary.lost.items()):
        yield f"lost {field} in {places.rows:,} rows"
    for code, places in sorted(summary.repairs.items()):
        yield f"repaired {places.rows:,} for {code}, first {summary.examples[f'{code} repaired'][0]}"
    for code, places in sorted(summary.codes.items()):
        yield f"rejected {places.rows:,} for {code}, first {summary.examples[code][0]}"
    if summary.edited:
        yield f"{summary.edited:,} rows were changed since they were converted; they are written as they are now"
    if summary.restored:
        yield f"restored {summary.restored:,} rows to what they were"
    if summary.more:
        yield f"{summary.more:,} more rows by --turns split"
    if options.name is None:
        for source in summary.sources:
            if source.counts.rejected and source.file != "-" and detect_file(source.file, HINT_ROWS).mixed:
                yield f"{source.file} has rows of several formats; --from mixed reads each by its own"
    if summary.rejected and out != "-":
        yield f"rejected rows are in {rejects_path(out)}"


def _pairs(text: str | None, option: str) -> dict[str, str]:
    """The pairs of `a=b,c=d`."""
    pairs = {}
    for part in text.split(",") if text else []:
        name, equals, value = part.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise click.BadParameter(f"{part!r} is not of the form name=value", param_hint=option)
        pairs[name.strip()] = value.strip()
    return pairs
