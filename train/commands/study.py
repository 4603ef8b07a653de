"""What `curate ablate` and `curate demo` share: plan, ask, run, print, write."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pyarrow as pa

    from train.study.ablation import Study
    from train.study.heldout import Apart
    from train.study.plan import Plan, Rates

# Options that say how to run, not what.
HOW = {"quiet", "as_json", "yes", "only_plan", "processes", "budget"}
# Starting another process costs about so much, so that shorter work is done in this one.
WORTH_A_PROCESS = 60.0


def run(
    rows: pa.Table,
    found: Apart,
    orders: Mapping[str, Any],
    sizes: list[int],
    out: str,
    options: Mapping[str, Any],
    command: str,
) -> None:
    """Plan and do an ablation, print what it says and where it is.

    Args:
        rows: those that the arms order, nothing of the held-out sets among them.
        command: that does it again.
    """
    import numpy as np

    from curate.models import language_model
    from curate.progress import progress_bar
    from curate.table import table
    from train.commands.options import settings
    from train.lora import trainer
    from train.study import ablation, heldout, plan
    from train.study import files as study_files
    from train.study import results as files
    from train.study.extras import Extras

    seconds = options["budget"] and plan.seconds(options["budget"])
    quiet = options["quiet"]
    folder = Path(out)
    if not quiet:
        _tell_apart(found)
    with progress_bar(quiet) as progress:
        progress("loading the model", 0, 1)
        loaded = language_model.load(options["model"])
        progress("tokenising", 0, 1)
        study = ablation.prepare(
            table.records(rows, np.arange(rows.num_rows)),
            {name: table.records(some, np.arange(some.num_rows)) for name, some in found.heldout.items()},
            orders,
            sizes,
            range(options["seeds"]),
            loaded.tokenizer,
            (loaded.name, loaded.precision),
            settings(options, 0),
            options["template"],
            options["max_length"],
            options["compute"],
            options["amount"],
            Extras(options["generate"], options["new_tokens"], options["accuracy"]),
            options["forgetting"],
        )
        done = _done(folder)
        adapted = trainer.attach(loaded, study.setup.settings)
        processes = options["processes"] or most_processes(loaded, options["threads"], len(study.left(done)))
        rates = plan.earlier(folder / files.TIMES, options["threads"], processes)
        if rates is None and study.left(done):
            progress("measuring the speed of this machine", 0, 1)
            rates = plan.warm_up(study, loaded, adapted, options["threads"])
    if seconds and rates:
        study = _within(study, done, rates, processes, seconds, folder)
        command = _chosen(command, study)
    planned = plan.make(study, list(done), rates, processes)
    if not options["processes"] and planned.seconds < WORTH_A_PROCESS and processes > 1:
        processes = 1
        planned = plan.make(study, list(done), rates, processes)
    if not quiet or options["only_plan"]:
        for line in planned.said():
            click.echo(line, err=True)
    if options["only_plan"]:
        return
    _ask(planned, options["yes"])
    trained = sorted({i for r in study.runs if r.size for i in study.setup.orders[r.arm, r.seed][: r.size]})
    proof = heldout.prove(rows.take(trained), list(found.heldout.values()))
    if not quiet:
        click.echo(f"held-out rows: {proof.said()}", err=True)
    load = partial(language_model.load, options["model"], loaded.precision, loaded.device)
    with progress_bar(quiet) as progress:
        results = ablation.run(study, loaded, folder, progress, processes, options["threads"], load, adapted)
    if options["judge_url"]:
        results = _judged(results, study, options, folder)
    about = _about(study, proof, found, loaded, options, command)
    analyses = study_files.write(results, about, folder)
    _print(results, analyses, folder, options)


def _done(folder: Path) -> dict[str, None]:
    """Keys of the runs whose results are there."""
    from train.study import results as files

    path = folder / files.NAME
    return dict.fromkeys(row["key"] for row in files.read(path)) if path.exists() else {}


def most_processes(loaded: Any, threads: int, runs: int) -> int:
    """As many as there are GPUs, or cores for their threads and memory for their models; no more than runs."""
    import torch

    if loaded.device.startswith("cuda"):
        return max(1, min(torch.cuda.device_count(), runs))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    size = sum(p.numel() * p.element_size() for p in loaded.model.parameters())
    # What a step keeps of a small model is some gigabytes; of a large one, less than its weights.
    room = int(_free_memory() // (2 * size + (2 << 30)))
    return max(1, min(cores // threads, room, runs))


def _free_memory() -> int:
    """Bytes that can be had without swapping; four gigabytes where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable"))
    except (OSError, ValueError, StopIteration):
        return 4 << 30


def _within(study: Study, done: Mapping, rates: Rates, processes: int, seconds: float, folder: Path) -> Study:
    """The part of the study that fits; what was once chosen for a folder stays, so that it can be gone on with."""
    from dataclasses import replace

    from curate.io import atomic
    from train.study import plan

    everything = hashlib.blake2b("".join(study.keys.values()).encode(), digest_size=16).hexdigest()
    path = folder / "budget.json"
    if path.exists():
        kept = json.loads(path.read_text("utf-8"))
        if kept["of"] == everything and kept["budget"] == seconds:
            return replace(study, runs=[r for r in study.runs if study.keys[r] in set(kept["runs"])])
    chosen = plan.fit(study, list(done), rates, processes, seconds)
    folder.mkdir(parents=True, exist_ok=True)
    with atomic(path) as file:
        runs = [chosen.keys[r] for r in chosen.runs]
        file.write(json.dumps({"budget": seconds, "of": everything, "runs": runs}).encode())
    return chosen


def _ask(planned: Plan, yes: bool) -> None:
    """Ask on a terminal whether to start; scripts are not asked."""
    if yes or not planned.left or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return
    if not click.confirm("start?", default=True, err=True):
        raise click.Abort


def command(context: click.Context, pool: tuple[str, ...], out: str, options: Mapping[str, Any]) -> str:
    """The command that does it again: what is not as by default."""
    words = ["curate", str(context.info_name), *pool]
    for param in context.command.params:
        name = param.name or ""
        if not isinstance(param, click.Option) or name in HOW or name == "out":
            continue
        value = options[name]
        if context.get_parameter_source(name) == click.core.ParameterSource.DEFAULT or value is None:
            continue
        for one in value if isinstance(value, tuple) else (value,):
            words += [param.opts[0]] if param.is_flag else [param.opts[0], str(one)]
    return shlex.join([*words, "--yes", "--out", out])


def _chosen(text: str, study: Study) -> str:
    """The command with the sizes and seeds that the budget chose."""
    from train.analysis.paired import FULL

    words = shlex.split(text)
    sizes = ",".join(str(n) for n in sorted({r.size for r in study.runs if r.size and r.arm != FULL}))
    seeds = str(len({r.seed for r in study.runs if r.size}))
    for name, value in (("--sizes", sizes), ("--seeds", seeds)):
        if name in words:
            words[words.index(name) + 1] = value
        else:
            words[-3:-3] = [name, value]
    return shlex.join(words)


def _judged(results: list[dict], study: Study, options: Mapping[str, Any], folder: Path) -> list[dict]:
    from curate.score.options import Judge
    from train.answers.win_rate import win_rates
    from train.study import results as files

    judge = Judge(options["judge_url"], options["judge_model"] or "", key_from="CURATE_JUDGE_KEY")
    results = win_rates(results, {held.name: held.conversations for held in study.setup.heldout}, judge)
    files.write(results, folder / files.NAME)
    return results


def _tell_apart(found: Apart) -> None:
    for name, count in found.duplicates.items():
        rows = found.heldout[name].num_rows
        twice = f", {count:,} duplicates left out" if count else ""
        click.echo(f"held-out set {name}: {rows:,} rows{twice}", err=True)
    if any(found.removed.values()):
        said = ", ".join(f"{count:,} for {reason}" for reason, count in found.removed.items() if count)
        click.echo(f"left out of the pool, for being like a held-out row: {said}", err=True)


def _about(
    study: Study, proof: Any, found: Apart, loaded: Any, options: Mapping[str, Any], command: str
) -> dict[str, Any]:
    """What and how, for page and JSON."""
    from dataclasses import asdict
    from importlib.metadata import version

    trained = [r for r in study.runs if r.size]
    return {
        "model": loaded.name,
        "precision": loaded.precision,
        "arms": ", ".join(dict.fromkeys(r.arm for r in trained)),
        "sizes": ", ".join(f"{n:,}" for n in sorted({r.size for r in trained})),
        "seeds": len({r.seed for r in trained}),
        "compute": study.setup.compute.said(),
        "settings": ", ".join(f"{k} {v}" for k, v in asdict(study.setup.settings).items() if k != "seed"),
        "held-out sets": ", ".join(f"{h.name} ({len(h.examples):,} rows)" for h in study.setup.heldout),
        "held-out rows": proof.said(),
        "left out of the pool": ", ".join(f"{n:,} for {reason}" for reason, n in found.removed.items()),
        "threads": options["threads"],
        "curate": version("curate-sft"),
        "command": command,
    }


def _print(results: list[dict], analyses: list, folder: Path, options: Mapping[str, Any]) -> None:
    from train.analysis import wording
    from train.study import screen

    said = wording.sentences(analyses[0])
    if options["as_json"]:
        print(json.dumps({"results": results, "sentences": said}, ensure_ascii=False))
        return
    if options["quiet"]:
        return
    from rich.console import Console

    console = Console()
    for analysis in analyses:
        title = "held-out loss" if len(analyses) == 1 else f"loss on {analysis.heldout}"
        console.print(screen.table(analysis, title))
        console.print()
    shown = screen.comparisons(analyses[0])
    if shown is not None:
        console.print(shown)
        console.print()
    for line in said:
        console.print(line, highlight=False)
        console.print()
    names = ("results.parquet", "ablation.json", "curve.png", "curve.svg", "report.html")
    console.print("\n".join(f"{folder / name}" for name in names), highlight=False, soft_wrap=True)
