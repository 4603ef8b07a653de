"""`curate export`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from curate.export.job import Outcome

TOOLS = ("llamafactory", "axolotl", "unsloth", "trl", "deepspeed")
DEFAULT_MODEL = "Qwen/Qwen2.5-0.5B-Instruct"


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="SUBSET... DIR")
@click.option("--for", "tool", type=click.Choice(TOOLS), required=True, help="The tool that trains next.")
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="The model to tune: a hub id or a folder.")
@click.option(
    "--template",
    default="auto",
    show_default=True,
    help="How a conversation becomes text: auto, the model's own chat template; or a name of `curate render --list`.",
)
@click.option("--name", help="What the tool is to call the data set; by the name of the file if not given.")
@click.option(
    "--max-length", default=2048, show_default=True, help="Longest row, in tokens; the tool cuts longer ones."
)
@click.option("--format", "format_name", help="The format of SUBSET; found out if not given, `mixed` for any.")
@click.option("--force", is_flag=True, help="Replace files in DIR that are not of an earlier export, or were changed.")
@click.option("--show", default=5, show_default=True, help="How many of the rows left out to print.")
@click.option("--json", "as_json", is_flag=True, help="Print a summary as JSON.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
def export(
    paths: tuple[str, ...],
    tool: str,
    model: str,
    template: str,
    name: str | None,
    max_length: int,
    format_name: str | None,
    force: bool,
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
    from curate.errors import CurateError
    from curate.export.choice import named
    from curate.export.job import Job
    from curate.export.write import name_of, write
    from curate.table import table

    *sources, out = paths
    if not sources:
        raise CurateError("export needs a subset and a folder: curate export SUBSET DIR --for TOOL")
    if name is not None and name != name_of(name):
        raise click.BadParameter(f"{name!r} has other characters than letters, digits, - and _", param_hint="--name")
    job = Job(name=name or name_of(sources[0]), model=model, template=named(template), max_length=max_length)
    outcome = write(table.read(sources, format_name), out, tool, job, force)
    if as_json:
        _print_json(outcome)
    elif not quiet:
        _print(outcome, show)


def _print(outcome: Outcome, show: int) -> None:
    from curate.export.readme import lost

    for row in outcome.left_out[:show]:
        code = f"{row.code} " if row.code else ""
        click.echo(f"left out {row.file}:{row.row}: {row.path}: {code}{row.why}; {row.remedy}", err=True)
    if len(outcome.left_out) > show:
        click.echo(f"left out {len(outcome.left_out) - show:,} more; all are in left_out.jsonl", err=True)
    for name, rows in lost(outcome):
        click.echo(f"not handed over, never trained on: {name} in {rows:,} rows", err=True)
    for note in outcome.notes:
        click.echo(note, err=True)
    rows = outcome.rows + len(outcome.left_out)
    examples = f" as {outcome.written:,} examples" if outcome.written != outcome.rows else ""
    click.echo(f"read {rows:,}, wrote {outcome.rows:,}{examples}, left out {len(outcome.left_out):,}", err=True)
    click.echo(f"next: cd {outcome.at} && {outcome.command}")


def _print_json(outcome: Outcome) -> None:
    import msgspec

    click.echo(msgspec.json.encode(outcome).decode())
