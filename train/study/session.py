"""An ablation from rows to its folder: what `curate ablate` and `curate demo` do, free of the command line."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from curate.io import atomic
from curate.models import language_model
from curate.models.language_model import LanguageModel
from curate.progress import Progress, silent
from curate.score.options import Judge
from curate.table import table
from curate.text.counted import counted
from train.analysis.curve import Analysis
from train.lora import trainer
from train.lora.options import lora_settings
from train.study import ablation, files, plan, results
from train.study.ablation import Design, Study
from train.study.arms import Order
from train.study.extra_metrics import ExtraMetrics
from train.study.heldout import ContaminationCheck, SeparatedRows, check_contamination
from train.study.options import StudyOptions, parse_sizes
from train.study.plan import Plan, Throughput
from train.study.processes import Resources

# Starting another process costs about so much, so that shorter work is done in this one.
WORTH_A_PROCESS = 60.0
BUDGET_FILE = "budget.json"


@dataclass(frozen=True)
class StudyData:
    """The rows of a study.

    Attributes:
        rows: those that the arms order, none of a held-out set among them.
        separated: the held-out sets, and what was dropped to keep them apart.
        orders: for each arm the function from a seed to positions in `rows`.
    """

    rows: pa.Table
    separated: SeparatedRows
    orders: Mapping[str, Order]


@dataclass(frozen=True)
class PlannedStudy:
    """A study that is ready to run.

    Attributes:
        data: its rows.
        options: as the user gave them.
        folder: of the results.
        lm: the model with adapters.
        plan: runs, processes and time.
    """

    data: StudyData
    options: StudyOptions
    folder: Path
    lm: LanguageModel
    plan: Plan


def prepare(data: StudyData, folder: Path, options: StudyOptions, progress: Progress = silent) -> PlannedStudy:
    """Load the model, tokenise, and plan the runs.

    Args:
        data: the rows.
        folder: of the results; runs whose results it has are not done again.
        options: of the study.
        progress: called with what is going on.

    Raises:
        CurateError: for a model, sizes or a budget that cannot be used.
    """
    budget = plan.seconds(options.budget) if options.budget else None
    progress("loading the model", 0, 1)
    lm = language_model.load(options.lora.model)
    progress("tokenising", 0, 1)
    reasoning = options.lora.reasoning
    heldout = {name: _all_records(rows, reasoning) for name, rows in data.separated.heldout.items()}
    study = ablation.prepare(_all_records(data.rows, reasoning), heldout, _design(data.orders, options), lm)
    finished_keys = _finished_keys(folder)
    lm = trainer.attach(lm, study.setup.settings)
    processes = options.processes or most_processes(lm, options.threads, len(study.remaining(finished_keys)))
    throughput = plan.earlier_throughput(folder / results.TIMES, options.threads, processes)
    if throughput is None and study.remaining(finished_keys):
        progress("measuring the speed of this machine", 0, 1)
        throughput = plan.warm_up(study, lm, options.threads)
    if budget and throughput:
        study = _within_budget(study, finished_keys, throughput, processes, budget, folder)
    study_plan = plan.make(study, finished_keys, throughput, processes)
    if not options.processes and study_plan.seconds < WORTH_A_PROCESS and processes > 1:
        study_plan = plan.make(study, finished_keys, throughput, 1)
    return PlannedStudy(data, options, folder, lm, study_plan)


def check_rows(planned_study: PlannedStudy) -> ContaminationCheck:
    """Compare the rows that the runs train on with the held-out ones.

    Raises:
        CurateError: if one is like a held-out row.
    """
    trained = planned_study.data.rows.take(planned_study.plan.study.trained_positions())
    return check_contamination(trained, list(planned_study.data.separated.heldout.values()))


def run(planned_study: PlannedStudy, progress: Progress = silent) -> list[dict[str, Any]]:
    """Do the runs; gives the results of all, with win rates where there is a judge.

    Args:
        planned_study: the study.
        progress: called with what is going on.
    """
    options, lm, study = planned_study.options, planned_study.lm, planned_study.plan.study
    load = partial(language_model.load, options.lora.model, lm.precision, lm.device)
    resources = Resources(planned_study.plan.processes, options.threads, load)
    rows = ablation.run(study, lm, planned_study.folder, progress, resources)
    if not options.judge_url:
        return rows
    from train.answers.win_rate import win_rates

    judge = Judge(options.judge_url, options.judge_model or "", key_from="CURATE_JUDGE_KEY")
    rows = win_rates(rows, {held.name: held.conversations for held in study.setup.heldout}, judge)
    results.write(rows, planned_study.folder / results.NAME)
    return rows


def write(
    planned_study: PlannedStudy, rows: list[dict[str, Any]], check: ContaminationCheck, command: str
) -> list[Analysis]:
    """Analyse the results and write picture, page and JSON; gives the analyses, the main held-out set first.

    Args:
        planned_study: the study.
        rows: its results.
        check: that nothing held out was trained on.
        command: that repeats the study.
    """
    return files.write(rows, _facts(planned_study, check, command), planned_study.folder)


def most_processes(lm: LanguageModel, threads: int, runs: int) -> int:
    """As many as there are GPUs, or cores for their threads and memory for their models; no more than runs."""
    import torch

    if lm.device.startswith("cuda"):
        return max(1, min(torch.cuda.device_count(), runs))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    size = sum(p.numel() * p.element_size() for p in lm.model.parameters())
    # What a step keeps of a small model is some gigabytes; of a large one, less than its weights.
    room = int(_free_memory() // (2 * size + (2 << 30)))
    return max(1, min(cores // threads, room, runs))


def _design(orders: Mapping[str, Order], options: StudyOptions) -> Design:
    return Design(
        arms=orders,
        sizes=parse_sizes(options.sizes),
        seeds=range(options.seeds),
        settings=lora_settings(options.lora, 0),
        template=options.lora.template,
        max_length=options.lora.max_length,
        compute=options.compute,
        amount=options.amount,
        extras=ExtraMetrics(options.generate, options.new_tokens, options.accuracy),
        forgetting=options.forgetting,
    )


def _all_records(rows: pa.Table, reasoning: str) -> Any:
    return table.records(rows, np.arange(rows.num_rows), reasoning)


def _finished_keys(folder: Path) -> Collection[str]:
    """Keys of the runs whose results are there."""
    path = folder / results.NAME
    return dict.fromkeys(row["key"] for row in results.read(path)) if path.exists() else {}


def _free_memory() -> int:
    """Bytes that can be had without swapping; four gigabytes where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable"))
    except (OSError, ValueError, StopIteration):
        return 4 << 30


def _within_budget(
    study: Study, finished_keys: Collection[str], throughput: Throughput, processes: int, budget: float, folder: Path
) -> Study:
    """The part of the study that fits; what was once chosen for a folder is kept, so that it can be resumed."""
    study_digest = hashlib.blake2b("".join(study.keys.values()).encode(), digest_size=16).hexdigest()
    path = folder / BUDGET_FILE
    if path.exists():
        earlier = json.loads(path.read_text("utf-8"))
        if earlier["of"] == study_digest and earlier["budget"] == budget:
            return replace(study, runs=[r for r in study.runs if study.keys[r] in set(earlier["runs"])])
    subset = plan.fit(study, finished_keys, throughput, processes, budget)
    folder.mkdir(parents=True, exist_ok=True)
    with atomic(path) as file:
        keys = [subset.keys[r] for r in subset.runs]
        file.write(json.dumps({"budget": budget, "of": study_digest, "runs": keys}).encode())
    return subset


def _facts(planned_study: PlannedStudy, check: ContaminationCheck, command: str) -> dict[str, Any]:
    """What was done and how, for page and JSON."""
    study, setup = planned_study.plan.study, planned_study.plan.study.setup
    trained = [r for r in study.runs if r.size]
    removed = planned_study.data.separated.removed
    return {
        "model": planned_study.lm.name,
        "precision": planned_study.lm.precision,
        "arms": ", ".join(dict.fromkeys(r.arm for r in trained)),
        "sizes": ", ".join(f"{n:,}" for n in sorted({r.size for r in trained})),
        "seeds": len({r.seed for r in trained}),
        "compute": setup.compute.describe(),
        "settings": ", ".join(f"{k} {v}" for k, v in asdict(setup.settings).items() if k != "seed"),
        "held-out sets": ", ".join(f"{h.name} ({counted(len(h.examples), 'row')})" for h in setup.heldout),
        "held-out rows": check.describe(),
        "left out of the pool": ", ".join(f"{n:,} for {reason}" for reason, n in removed.items()),
        "threads": planned_study.options.threads,
        "curate": version("curate-sft"),
        "command": command,
    }
