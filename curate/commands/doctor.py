"""`curate doctor`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from curate.commands.options import print_json, print_note
from curate.text.counted import counted

if TYPE_CHECKING:
    from curate.doctor.finding import Finding

# From worst to least; see `Finding.verdict`.
WORDS = {"crash": "ends the run", "drop": "left out", "change": "changed"}
COLOURS = {"crash": "bold red", "drop": "yellow", "change": "cyan"}


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="DATA...")
@click.option(
    "--for",
    "tool",
    type=click.Choice(("llamafactory",)),
    required=True,
    expose_value=False,
    help="The tool that is to read DATA.",
)
@click.option("--dataset-info", metavar="FILE", help="LLaMA-Factory's dataset_info.json, with --dataset.")
@click.option("--dataset", metavar="NAME", help="The entry of --dataset-info that DATA belongs to.")
@click.option("--template", default="auto", show_default=True, help="The prompt template; see `curate render --list`.")
@click.option("--show", default=20, show_default=True, help="How many rows to print.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print JSON on standard output: a line for each row that is not trained on as it is.",
)
@click.pass_context
def doctor(
    ctx: click.Context,
    paths: tuple[str, ...],
    dataset_info: str | None,
    dataset: str | None,
    template: str,
    show: int,
    as_json: bool,
) -> None:
    """Say which rows of DATA LLaMA-Factory would drop, change or crash on, why, and what to do.

    DATA is judged as it is, by the tool's own rules; nothing is run and nothing is written.  Exit code 0 if every row
    would be trained on as it is, 1 if not.  `curate export` writes files that pass.

    \b
    curate doctor chats.json --for llamafactory
    curate doctor data/mine.json --for llamafactory --dataset-info data/dataset_info.json --dataset mine
    """
    import msgspec

    from curate.doctor import llamafactory, llamafactory_entry
    from curate.errors import no_rows
    from curate.export.choice import named
    from curate.io import expand

    if (dataset_info is None) != (dataset is None):
        raise click.UsageError("--dataset-info and --dataset go together")
    entry = llamafactory_entry.from_file(dataset_info, dataset) if dataset_info and dataset else None
    findings: list[Finding] = []
    rows = 0
    for path in expand(list(paths)):
        examined = llamafactory.examine(path, entry, named(template))
        rows += examined.rows
        findings += examined.findings
        if as_json:
            for finding in examined.findings:
                print_json(finding)
        elif examined.entry and not dataset_info:
            click.echo(f"{path} is taken to have this entry in dataset_info.json (else name it with --dataset-info):")
            click.echo("  " + msgspec.json.encode(examined.entry).decode())
    if not rows and not findings:
        raise no_rows(paths)
    if not as_json:
        _print(findings[:show])
        if len(findings) > show:
            click.echo(f"... and {len(findings) - show:,} more; --json prints all")
    by_verdict = {verdict: {(f.file, f.row) for f in findings if f.verdict == verdict and f.row} for verdict in WORDS}
    counts = ", ".join(_count(verdict, len(places)) for verdict, places in by_verdict.items() if places)
    good = rows - len(set().union(*by_verdict.values()))
    print_note(f"{counted(rows, 'row')}: {good:,} trained on as they are{', ' + counts if counts else ''}")
    ctx.exit(1 if findings else 0)


def _count(verdict: str, rows: int) -> str:
    """Rows of a verdict, as `2 end the run`."""
    return f"{rows:,} {'end the run' if verdict == 'crash' and rows > 1 else WORDS[verdict]}"


def _print(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        for finding in findings:
            click.echo(f"{_place(finding)}: {WORDS[finding.verdict]}: {finding.path}: {finding.why}; {finding.remedy}")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("row", "becomes", "where", "why", "what to do"):
        table.add_column(column, no_wrap=column in ("row", "becomes"), overflow="fold")
    for finding in findings:
        words = Text(WORDS[finding.verdict], COLOURS[finding.verdict])
        table.add_row(_place(finding), words, Text(finding.path), Text(finding.why), Text(finding.remedy))
    if findings:
        console.print(table)


def _place(finding: Finding) -> str:
    return f"{finding.file}:{finding.row}" if finding.row else finding.file
