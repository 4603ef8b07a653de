"""`curate doctor`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from curate.commands.options import print_json, print_note
from curate.text.counted import counted

if TYPE_CHECKING:
    from curate.doctor.examined import Examined
    from curate.doctor.finding import Finding

# From worst to least; see `Finding.verdict`.
WORDS = {"crash": "ends the run", "drop": "left out", "change": "changed", "unknown": "not judged"}
COLOURS = {"crash": "bold red", "drop": "yellow", "change": "cyan", "unknown": "magenta"}
NAMES = ("llamafactory", "axolotl", "trl", "unsloth")  # as in curate.doctor.tools, which takes longer to import


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="DATA...")
@click.option(
    "--for",
    "tool",
    type=click.Choice(NAMES),
    required=True,
    help="The tool that is to read DATA.",
)
@click.option("--dataset-info", metavar="FILE", help="LLaMA-Factory's dataset_info.json, with --dataset.")
@click.option("--dataset", metavar="NAME", help="The entry of --dataset-info that DATA belongs to.")
@click.option("--no-thinking", is_flag=True, help="LLaMA-Factory trains with enable_thinking: false.")
@click.option("--config", metavar="FILE", help="Axolotl's configuration, whose `datasets` name DATA.")
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
    tool: str,
    dataset_info: str | None,
    dataset: str | None,
    no_thinking: bool,
    config: str | None,
    template: str,
    show: int,
    as_json: bool,
) -> None:
    """Say which rows of DATA a tool would drop, change or crash on, why, and what to do.

    DATA is judged as it is, by the tool's own rules; nothing is run and nothing is written.  What depends on a model's
    own chat template, or on a GPU, is "not judged".  Exit code 0 if every row would be trained on as it is, 1 if not.
    `curate export` writes files that pass.

    \b
    curate doctor chats.json --for llamafactory
    curate doctor chats.jsonl --for axolotl --config lora.yaml
    curate doctor data/mine.json --for llamafactory --dataset-info data/dataset_info.json --dataset mine
    """
    from curate.doctor.examined import Settings
    from curate.doctor.tools import TOOLS
    from curate.errors import no_rows
    from curate.export.choice import named
    from curate.io import expand

    _check_options(tool, dataset_info, dataset, config)
    settings = Settings(named(template), not no_thinking, dataset_info, dataset, config)
    findings: list[Finding] = []
    rows = good = 0
    for path in expand(list(paths)):
        examined = TOOLS[tool].examine(path, settings)
        rows += examined.rows
        good += _good(examined)
        findings += examined.findings
        if as_json:
            for finding in examined.findings:
                print_json(finding)
        else:
            for line in examined.assumed:
                click.echo(line)
    if not rows and not findings:
        raise no_rows(paths)
    if not as_json:
        _print(findings[:show])
        if len(findings) > show:
            click.echo(f"... and {len(findings) - show:,} more; --json prints all")
    by_verdict = {verdict: {(f.file, f.row) for f in findings if f.verdict == verdict and f.row} for verdict in WORDS}
    counts = "".join(f", {_count(verdict, len(places))}" for verdict, places in by_verdict.items() if places)
    whole = [f", {f.file} as a whole: {WORDS[f.verdict]}" for f in findings if not f.row]
    print_note(f"{counted(rows, 'row')}: {good:,} trained on as they are{counts}{''.join(dict.fromkeys(whole))}")
    ctx.exit(1 if findings else 0)


def _check_options(tool: str, dataset_info: str | None, dataset: str | None, config: str | None) -> None:
    if (dataset_info is None) != (dataset is None):
        raise click.UsageError("--dataset-info and --dataset go together")
    for option, value, owner in (("--dataset-info", dataset_info, "llamafactory"), ("--config", config, "axolotl")):
        if value and tool != owner:
            raise click.UsageError(f"{option} is for --for {owner}")


def _good(examined: Examined) -> int:
    """How many rows are trained on as they are: none where something is said of the whole file."""
    places = {finding.row for finding in examined.findings}
    return 0 if 0 in places else examined.rows - len(places)


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
