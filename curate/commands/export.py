"""`curate export`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from curate.commands.options import (
    format_option,
    json_option,
    print_json,
    print_note,
    quiet_option,
    step_options,
)
from curate.commands.outputs import sources_and_output
from curate.export.options import DEFAULT_MODEL, OWN_MODELS, TOOLS, ExportOptions
from curate.text.counted import counted

if TYPE_CHECKING:
    from curate.export.job import Outcome


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="SUBSET... DIR")
@click.option("--for", "tool", type=click.Choice(TOOLS), required=True, help="The tool that trains next.")
@step_options(ExportOptions)
@format_option
@click.option("--show", default=5, show_default=True, help="How many of the rows left out to print.")
@json_option
@quiet_option
def export(
    paths: tuple[str, ...],
    tool: str,
    options: ExportOptions,
    format_name: str | None,
    show: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write SUBSET to DIR as --for reads it, with a configuration, a README and checksums.

    Of a ledger the selected rows are taken, in order.  A row that the tool cannot express is left out, and listed with
    the reason in left_out.jsonl.  For llamafactory DIR is its dataset_dir: an existing dataset_info.json keeps all its
    other entries.

    \b
    curate export best.jsonl LLaMA-Factory/data --for llamafactory
    curate export best.jsonl out --for axolotl --model meta-llama/Llama-3.2-1B --template chatml
    curate export best.jsonl.ledger.parquet out --for trl
    """
    from curate.export.choice import named
    from curate.export.job import Job
    from curate.export.write import name_of, write
    from curate.table import table

    sources, out = sources_and_output(paths, "export", "--for TOOL")
    name = options.name
    if name is not None and name != name_of(name):
        raise click.BadParameter(f"{name!r} has characters other than letters, digits, - and _", param_hint="--name")
    job = Job(
        name=name or name_of(sources[0]),
        model=options.model or OWN_MODELS.get(tool, DEFAULT_MODEL),
        template=named(options.template),
        max_length=options.max_length,
        reasoning=options.reasoning,
    )
    outcome = write(table.read(sources, format_name), out, tool, job, options.force)
    if as_json:
        print_json(outcome)
    elif not quiet:
        _print(outcome, show)


def _print(outcome: Outcome, show: int) -> None:
    from curate.export.readme import untrained

    for row in outcome.left_out[:show]:
        code = f"{row.code} " if row.code else ""
        print_note(f"left out {row.file}:{row.row}: {row.path}: {code}{row.why}; {row.remedy}")
    if len(outcome.left_out) > show:
        print_note(f"left out {len(outcome.left_out) - show:,} more; all are in left_out.jsonl")
    for name, rows in untrained(outcome):
        print_note(f"not handed over, never trained on: {name} in {counted(rows, 'row')}")
    for note in outcome.notes:
        print_note(note)
    rows = outcome.rows + len(outcome.left_out)
    examples = f" as {outcome.written:,} examples" if outcome.written != outcome.rows else ""
    print_note(f"read {rows:,}, wrote {outcome.rows:,}{examples}, left out {len(outcome.left_out):,}")
    click.echo(f"next: cd {outcome.at} && {outcome.command}")
