"""`curate convert`"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click
import msgspec

from curate.commands.options import (
    engine_options,
    json_option,
    print_json,
    print_note,
    quiet_option,
    step_options,
)
from curate.commands.outputs import keep_inputs, sources_and_output
from curate.convert.options import ConvertOptions
from curate.engine.connect import connected
from curate.text.counted import counted

if TYPE_CHECKING:
    from curate.convert.accounts import ConvertSummary


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="IN... OUT")
@click.option(
    "--to", required=True, metavar="NAME", help="The format to write, or format/variant; see `curate formats`."
)
@step_options(ConvertOptions)
@click.option(
    "--map",
    "fields",
    metavar="FIELD=NAME,...",
    help="Fields that IN names otherwise, as instruction=question,output=answer.",
)
@click.option("--roles", metavar="NAME=ROLE,...", help="Roles that IN names otherwise, as hummany=user,bot=assistant.")
@click.option(
    "--report", metavar="FILE", help="Write what was read, lost, repaired and rejected, and where: .html or .json."
)
@engine_options
@quiet_option
@json_option
@click.pass_context
def convert(
    ctx: click.Context,
    paths: tuple[str, ...],
    options: ConvertOptions,
    engine: str,
    ray_address: str | None,
    report: str | None,
    as_json: bool,
    quiet: bool,
    **texts: str | None,
) -> None:
    """Convert IN... to format --to, every row accounted for.

    The ending of OUT gives the container: .json (an array), .jsonl, .parquet, .csv and others, with .gz or .zst after
    them.  `-` is standard input or output, as JSON lines.  OUT appears whole or not at all.  A * in its name makes
    several files.  IN and OUT may be URLs (s3://, gs://, hf://datasets/ and others).

    Exit code 1 if every row is rejected, or one of several INs is of no known format and was passed over.

    \b
    curate convert alpaca.json sharegpt.jsonl --to sharegpt
    curate convert 'raw/*.json' all.jsonl --to sft --from mixed --lossless
    curate convert chats.jsonl - --to sft | head -1
    """
    from curate.convert import convert as conversion
    from curate.convert.paths import rejects_path
    from curate.convert.report_file import check_report_path, write_report
    from curate.errors import CurateError, no_rows
    from curate.io import expand
    from curate.progress import progress_bar

    paths_in, out = sources_and_output(paths, "convert", "--to FORMAT")
    keep_inputs(rejects_path(out), paths_in, "the file of rejected rows,")
    options = msgspec.structs.replace(
        options,
        to=texts["to"] or options.to,
        fields=_pairs(texts["fields"], "--map"),
        roles=_pairs(texts["roles"], "--roles"),
        digests=bool(report),
    )
    sources = expand(paths_in)
    if report:
        check_report_path(report, sources, out)
    if engine == "ray" and options.workers:
        raise CurateError("--workers is of --engine local; a Ray cluster has as many as it has processors")
    with (
        connected(engine, ray_address) as where,
        progress_bar(quiet or as_json or not sys.stderr.isatty()) as progress,
    ):
        summary = conversion.convert(sources, out, options, progress, where)
    if report:
        write_report(report, out, options, summary)
    if as_json:
        print_json(summary, out)
    for line in _faults(summary) if quiet or as_json else _notes(summary, options, out, report):
        print_note(line)
    if not summary.read and not summary.unknown:
        raise no_rows(paths_in)
    ctx.exit(1 if summary.unknown or (summary.rejected and not summary.written) else 0)


def _all_rejected(summary: ConvertSummary) -> str:
    from curate.table.invalid import InvalidRows, all_invalid

    return all_invalid(
        [
            InvalidRows(code, places.rows, str(summary.examples[code][0]), summary.examples[code][0].file)
            for code, places in sorted(summary.codes.items())
        ]
    )


def _faults(summary: ConvertSummary) -> Iterator[str]:
    """Why the exit code is not 0."""
    if summary.rejected and not summary.written:
        yield f"error: {_all_rejected(summary)}"
    for why in summary.unknown:
        yield f"passed over {why}"


def _notes(summary: ConvertSummary, options: ConvertOptions, out: str, report: str | None) -> Iterator[str]:
    """What became of the rows."""
    from curate.convert.paths import rejects_path
    from curate.table.invalid import rejected

    for field, places in sorted(summary.lost.items()):
        yield f"lost {field} in {counted(places.rows, 'row')}"
    for code, places in sorted(summary.repairs.items()):
        yield f"repaired {places.rows:,} for {code}, first {summary.examples[f'{code} repaired'][0]}"
    if summary.written or not summary.rejected:
        for code, places in sorted(summary.codes.items()):
            yield rejected(code, places.rows, summary.examples[code][0])
    yield from _faults(summary)
    if summary.edited:
        columns = ", ".join(f"{name} in {rows:,}" for name, rows in sorted(summary.changed.items())) or "unknown where"
        edited = counted(summary.edited, "row was", "rows were")
        yield f"{edited} changed since they were converted ({columns}); written as they are now"
    if summary.restored:
        yield f"restored {counted(summary.restored, 'row to what it was', 'rows to what they were')}"
    yield from _more_rows(summary)
    yield from _taken_fields(summary, options)
    yield from _mixed_files(summary, options)
    if summary.rejected and out != "-":
        yield f"rejected rows are in {rejects_path(out)}"
    if report:
        yield f"which rows, and examples of each: {report}"
    yield f"read {summary.read:,}, wrote {summary.written:,}, rejected {summary.rejected:,}"


def _more_rows(summary: ConvertSummary) -> Iterator[str]:
    """Of what more rows were written than read, and which rows hold more examples than were written."""
    pairs = summary.others["both"].rows if "both" in summary.others else 0
    if pairs:
        yield f"{counted(pairs, 'pair')} written as two rows each, a good answer and a bad one"
    if summary.more > pairs:
        yield f"{counted(summary.more - pairs, 'more row')} by --turns split"
    if "further" in summary.others:
        held = counted(summary.others["further"].rows, "row has", "rows have")
        yield f"{held} more examples (instances or paths), none of which is a row; --turns split writes a row for each"


def _mixed_files(summary: ConvertSummary, options: ConvertOptions) -> Iterator[str]:
    """For each source that has rows of several formats, some of which were rejected, what to do."""
    from curate.table.reading import mixed_note

    for source in summary.sources if options.name is None else ():
        if source.counts.rejected:
            yield from mixed_note(source.file, options.adapter, options.repair)


def _taken_fields(summary: ConvertSummary, options: ConvertOptions) -> Iterator[str]:
    """For each source whose fields were known by common names, which of them was taken as what."""
    from curate.table.reading import fields_note

    for source in summary.sources:
        if source.format == "question-answer":
            yield from fields_note(source.file, options.adapter, options.repair)


def _pairs(text: str | None, option: str) -> dict[str, str]:
    """The pairs of `a=b,c=d`."""
    from schemas.adapt import map_pairs

    try:
        return map_pairs(text or "")
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from None
