"""`curate ablate` (train): Train on growing parts of a pool, and find the knee."""

from __future__ import annotations

import click
import msgspec

from curate.commands.options import format_option, json_option, quiet_option, step_options
from train.commands.options import require_training
from train.commands.study import Dialogue, repeating_command, run
from train.study.options import LORA_DEFAULTS, StudyOptions


@click.command()
@click.argument("pool", nargs=-1, required=True, metavar="POOL...")
@step_options(StudyOptions, without=LORA_DEFAULTS)
@click.option("--yes", is_flag=True, help="Start without asking; only a terminal is asked.")
@click.option("--plan", "only_plan", is_flag=True, help="Print the plan, and do not start.")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False), help="The folder for the results, curve and report."
)
@format_option
@json_option
@quiet_option
@click.pass_context
def ablate(
    context: click.Context,
    pool: tuple[str, ...],
    options: StudyOptions,
    yes: bool,
    only_plan: bool,
    out: str,
    format_name: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Measure how much data is needed: train on growing parts of POOL and measure each on the same held-out rows.

    Every arm is trained at every size with every seed; smaller sizes are the beginnings of larger ones.  The plan is
    printed first.  A run that is done is not done again, so that a stopped ablation goes on where it was.  Writes
    results.parquet, ablation.json, curve.png, curve.svg and report.html.

    \b
    curate ablate pool.jsonl --sizes 32,64,128,256 --arms random,selected,full --seeds 3 --out study
    curate ablate pool.jsonl --arms random,file:mine.jsonl --heldout test.jsonl --budget 30m --out study
    curate ablate pool.jsonl --compute steps --generate 20 --forgetting general.txt --yes --out study
    """
    require_training("ablate")
    from train.study.data import check_options, read_data

    options = msgspec.structs.replace(options, format_name=format_name)
    check_options(options)
    data = read_data(pool, options)
    run(data, out, options, repeating_command(context, pool, out), Dialogue(quiet, as_json, yes, only_plan))
