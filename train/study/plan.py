"""How long an ablation will take, estimated before it starts; and sizes and seeds that fit into a given time."""

from __future__ import annotations

import heapq
import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from curate.errors import CurateError
from curate.models.language_model import LanguageModel
from curate.text.counted import counted
from curate.text.duration import duration
from train.analysis.arm_names import FULL
from train.lora.trainer import evaluate
from train.lora.warm_up import step_seconds
from train.study.ablation import Study
from train.study.measuring import Run
from train.study.processes import threads_of_torch

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Throughput:
    """How fast one process works.

    Attributes:
        train: tokens a second.
        measure: tokens a second.
        answer: seconds for one generated answer.
        source: where the figures are from, in words.
    """

    train: float
    measure: float
    answer: float
    source: str


@dataclass(frozen=True)
class Plan:
    """What is to be done and how long it takes.

    Attributes:
        study: all runs.
        remaining: runs to be done.
        tokens: (trained on, measured) by those.
        seconds: that they take.
        processes: that share them.
        throughput: of each process; None where nothing is to be done.
    """

    study: Study
    remaining: list[Run]
    tokens: tuple[int, int]
    seconds: float
    processes: int
    throughput: Throughput | None

    def summary_lines(self) -> list[str]:
        """The plan in lines, for the screen."""
        trained = [r for r in self.study.runs if r.size]
        arms = list(dict.fromkeys(r.arm for r in trained))
        sizes = sorted({r.size for r in trained if r.arm != FULL})
        seeds = len({r.seed for r in trained})
        full = [r.size for r in trained if r.arm == FULL]
        lines = [
            f"plan: {counted(len(arms), 'arm')} ({', '.join(arms)}), "
            f"sizes {', '.join(f'{n:,}' for n in sizes) or 'none'}"
            + (f", the full pool of {max(full):,}" if full else "")
            + f", {counted(seeds, 'seed')}: {len(self.study.runs)} runs with the base model's, "
            f"{len(self.study.runs) - len(self.remaining)} done",
            f"training: {self.study.setup.compute.describe()}",
        ]
        speed = self.throughput
        if self.remaining and speed:
            lines += [
                f"to do: {self.tokens[0]:,} tokens to train on, {self.tokens[1]:,} to measure",
                f"time: about {duration(self.seconds)} in {counted(self.processes, 'process', 'processes')} "
                f"({speed.train:,.0f} tokens/s training, {speed.measure:,.0f} measuring in each, {speed.source})",
            ]
        return lines


def make(study: Study, finished_keys: Collection[str], throughput: Throughput | None, processes: int) -> Plan:
    """The plan of a study.

    Args:
        study: the runs.
        finished_keys: keys of runs that need not be done.
        throughput: of one process; None where nothing is to be done.
        processes: that share the runs.
    """
    remaining = study.remaining(finished_keys)
    work = [study.setup.work(r) for r in remaining]
    tokens = sum(t for t, _ in work), sum(m for _, m in work)
    seconds = makespan(study, remaining, throughput, processes) if throughput else 0.0
    return Plan(study, remaining, tokens, seconds, processes, throughput)


def makespan(study: Study, runs: Sequence[Run], throughput: Throughput, processes: int) -> float:
    """Seconds for these runs, the longest begun first in whichever process is free."""
    busy = [0.0] * max(1, processes)
    for seconds in sorted((run_seconds(study, r, throughput) for r in runs), reverse=True):
        heapq.heapreplace(busy, busy[0] + seconds)
    return max(busy)


def run_seconds(study: Study, r: Run, throughput: Throughput) -> float:
    """Seconds for one run."""
    train_tokens, measure_tokens = study.setup.work(r)
    prompts = sum(min(study.setup.extras.generate, len(held.conversations)) for held in study.setup.heldout)
    return train_tokens / throughput.train + measure_tokens / throughput.measure + prompts * throughput.answer


def warm_up(study: Study, lm: LanguageModel, threads: int) -> Throughput:
    """Speed of this machine, by two steps of training on rows of middling length and one batch of measuring.

    Args:
        study: whose rows and settings are used.
        lm: the model with adapters, which are trained; reset them after.
        threads: of torch.
    """
    setup = study.setup
    rows = sorted(setup.rows(max(study.runs, key=lambda r: r.size)), key=len)
    count = min(len(rows), setup.settings.batch_size)
    start = (len(rows) - count) // 2
    batch = rows[start : start + count]
    heldout_rows = sorted(setup.heldout[0].examples, key=len)
    sample = heldout_rows[len(heldout_rows) // 4 :: max(1, len(heldout_rows) // 8)][:8]
    with threads_of_torch(threads):
        steps = step_seconds(lm, batch, setup.settings)
        middle = perf_counter()
        evaluate(lm, sample)
        measuring = perf_counter() - middle
        answer = _answer_seconds(study, lm)
    measure_rate = sum(map(len, sample)) / max(measuring, 1e-9)
    return Throughput(sum(map(len, batch)) / steps, measure_rate, answer, "measured in a warm-up")


def _answer_seconds(study: Study, lm: LanguageModel) -> float:
    """Seconds for one generated answer; 0 where none are generated."""
    setup = study.setup
    conversations = setup.heldout[0].conversations
    if not (setup.extras.generate and conversations):
        return 0.0
    from train.answers.generation import generate_answers

    start = perf_counter()
    generate_answers(lm, conversations[:1], setup.template, setup.extras.new_tokens)
    return perf_counter() - start


def earlier_throughput(path: Path, threads: int, processes: int) -> Throughput | None:
    """Speed of earlier runs with as many threads and processes; None without."""
    if not path.exists():
        return None
    times = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    times = [t for t in times if t["threads"] == threads and t["processes"] == processes and t["train_tokens"]]
    seconds = sum(t["train_seconds"] for t in times)
    measuring = sum(t["measure_seconds"] for t in times)
    if not times or seconds <= 0 or measuring <= 0:
        return None
    return Throughput(
        sum(t["train_tokens"] for t in times) / seconds,
        # Answers are in the time for measuring, so they cost nothing more.
        sum(t["measure_tokens"] for t in times) / measuring,
        0.0,
        f"as in {counted(len(times), 'run')} done before",
    )


def fit(study: Study, finished_keys: Collection[str], throughput: Throughput, processes: int, budget: float) -> Study:
    """The study with so many sizes and seeds that what is to be done takes no longer than the budget.

    The largest sizes and the last seeds are dropped first.  Two seeds, so that arms can be compared at all, come before
    four sizes, without which no knee is found; then a third seed, then further sizes, then further seeds.

    Args:
        study: all runs.
        finished_keys: keys of runs that need not be done.
        throughput: of one process.
        processes: that share the runs.
        budget: in seconds.

    Raises:
        CurateError: if not even the smallest size with one seed fits.
    """
    best: tuple[tuple, Study] | None = None
    for worth, subset in _subsets(study):
        seconds = makespan(subset, subset.remaining(finished_keys), throughput, processes)
        if seconds <= budget and any(r.size for r in subset.runs) and (best is None or worth > best[0]):
            best = worth, subset
    if best is None:
        least = min(run_seconds(study, r, throughput) for r in study.runs if r.size)
        raise CurateError(
            f"nothing fits into {duration(budget)}: the shortest run alone takes about {duration(least)}; give a "
            "longer --budget, smaller --sizes, or fewer held-out rows"
        )
    return best[1]


def _subsets(study: Study) -> Iterator[tuple[tuple, Study]]:
    """Every choice of the first sizes and seeds, with its worth, to compare choices by."""
    trained = [r for r in study.runs if r.size]
    sizes = sorted({r.size for r in trained if r.arm != FULL})
    seeds = sorted({r.seed for r in trained})
    for s in range(1, len(seeds) + 1):
        for k in range(1, max(len(sizes), 1) + 1):
            for with_full in {any(r.arm == FULL for r in trained), False}:
                first_sizes = {*sizes[:k]}
                runs = [
                    r
                    for r in study.runs
                    if not r.size or (r.seed in seeds[:s] and (r.size in first_sizes if r.arm != FULL else with_full))
                ]
                yield (s >= 2, k >= 4, s >= 3, k, with_full, s), replace(study, runs=runs)


def seconds(text: str) -> float:
    """Seconds of a length of time: 90s, 30m, 1h30m, 2d; a bare number is minutes.

    Raises:
        CurateError: for others.
    """
    parts = re.findall(r"(\d+(?:\.\d+)?)([smhd])", text.strip().lower())
    if parts and "".join(n + u for n, u in parts) == text.strip().lower():
        return sum(float(n) * _UNITS[u] for n, u in parts)
    try:
        return 60 * float(text)
    except ValueError:
        raise CurateError(f"{text!r} is not a length of time, as 30m or 1h30m") from None
