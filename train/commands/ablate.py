"""`curate ablate`"""

from __future__ import annotations

from typing import Any

import click

from train.commands.options import lora_options


@click.command()
@click.argument("pool", nargs=-1, required=True, metavar="POOL...")
@click.option("--sizes", default="32,128,512", show_default=True, help="Numbers of rows to train on; four show a knee.")
@click.option(
    "--arms",
    default="random,selected",
    show_default=True,
    help="Ways to order the pool: random; selected (the rank column of a ledger, else facility_location); a method of "
    "`curate select`; full, the whole pool; file:PATH, rows of your own.",
)
@click.option("--seeds", default=3, show_default=True, help="How many seeds for every arm and size.")
@click.option(
    "--compute",
    type=click.Choice(["epochs", "steps", "tokens"]),
    default="epochs",
    show_default=True,
    help="What is the same in every run: passes over its rows, optimiser steps, or trained tokens.",
)
@click.option("--amount", type=int, help="So many steps or tokens; what --epochs gives the largest size if not given.")
@click.option(
    "--heldout",
    multiple=True,
    metavar="[NAME=]FILE",
    help="Rows to measure on; may be repeated, the first is the main one. A share of POOL if not given.",
)
@click.option("--heldout-share", default=0.1, show_default=True, help="That share, the same of every category.")
@click.option("--heldout-rows", type=int, metavar="N", help="Measure on so many of each set at most, as stratified.")
@click.option("--forgetting", metavar="FILE", help="General text or rows, on which forgetting is measured.")
@click.option("--generate", default=0, show_default=True, help="Answer so many held-out prompts, and score them.")
@click.option("--new-tokens", default=128, show_default=True, help="The longest answer.")
@click.option("--accuracy", is_flag=True, help="Also measure token accuracy.")
@click.option("--judge-url", metavar="URL", help="An OpenAI-compatible API that judges answers; needs --generate.")
@click.option("--judge-model", metavar="NAME", help="The judge's name there.")
@click.option("--balance", metavar="COLUMN", help="Balance the selection by this column, say category.")
@click.option(
    "--embedder", default="auto", show_default=True, help="auto, static, minilm, tfidf, or a hub id or folder."
)
@click.option("--budget", metavar="TIME", help="Pick sizes and seeds that fit into this time, as 30m or 2h.")
@click.option("--yes", is_flag=True, help="Start without asking; only a terminal is asked.")
@click.option("--plan", "only_plan", is_flag=True, help="Print the plan, and do not start.")
@click.option("--processes", type=int, help="How many at a time; as many as cores, GPUs and memory allow if not given.")
@click.option("--threads", default=1, show_default=True, help="Threads of each process; results depend on it.")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False), help="The folder for results, curve and report."
)
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@lora_options
@click.pass_context
def ablate(context: click.Context, pool: tuple[str, ...], out: str, **options: Any) -> None:
    """Measure how much data is needed: train on growing parts of POOL and measure each on the same held-out rows.

    Every arm is trained at every size with every seed; smaller sizes are the beginnings of larger ones.  The plan is
    printed first.  A run that is done is not done again, so that a stopped ablation goes on where it was.  Writes
    results.parquet, ablation.json, curve.png, curve.svg and report.html.

    \b
    curate ablate pool.jsonl --sizes 32,64,128,256 --arms random,selected,full --seeds 3 --out study
    curate ablate pool.jsonl --arms random,file:mine.jsonl --heldout test.jsonl --budget 30m --out study
    curate ablate pool.jsonl --compute steps --generate 20 --forgetting general.txt --yes --out study
    """
    from curate.errors import CurateError
    from curate.select import selection as select
    from curate.table import table
    from train.commands import study
    from train.study import arms, heldout, plan

    # What is wrong with the options is said before anything is read.
    if options["budget"]:
        plan.seconds(options["budget"])
    if options["judge_url"] and not (options["judge_model"] and options["generate"]):
        raise CurateError("a judge needs answers and a name: --generate 20 --judge-model NAME")
    asked = arms.names(options["arms"])
    numbers = _numbers(options["sizes"])
    rows = table.read(pool)
    if options["heldout"]:
        sets = {name: table.read([path]) for name, path in named(options["heldout"]).items()}
        usable = rows.take(select.candidates(rows))
    else:
        usable, measured = heldout.split(rows, options["heldout_share"])
        sets = {"heldout": measured}
    if options["heldout_rows"]:
        sets = {name: heldout.sample(some, options["heldout_rows"]) for name, some in sets.items()}
    given = arms.pools(usable, asked)
    found = heldout.apart(given.rows, sets)
    given = given.take(found.kept)
    orders = arms.orders(given, asked, max(numbers), options["balance"], options["embedder"])
    study.run(given.rows, found, orders, numbers, out, options, study.command(context, pool, out, options))


def named(given: tuple[str, ...]) -> dict[str, str]:
    """Paths of held-out sets by name: NAME=FILE, or the file's name."""
    from pathlib import Path

    from curate.errors import CurateError
    from train.study.plain_text import NAME

    out: dict[str, str] = {}
    for text in given:
        name, equals, path = text.partition("=")
        if not equals or Path(text).exists():
            name, path = Path(text).name.split(".")[0], text
        if name in out or name == NAME:
            raise CurateError(f"two held-out sets are called {name!r}; name them: --heldout NAME=FILE")
        out[name] = path
    return out


def _numbers(text: str) -> list[int]:
    try:
        numbers = sorted({int(part) for part in text.split(",")})
    except ValueError:
        numbers = []
    if not numbers or numbers[0] < 1:
        raise click.BadParameter(f"{text!r} is not a list of numbers, as 32,128,512", param_hint="--sizes")
    return numbers
