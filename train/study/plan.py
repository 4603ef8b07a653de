"""What an ablation will take, told before it starts; and sizes and seeds that fit into a given time."""

from __future__ import annotations

import heapq
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from curate.errors import CurateError
from curate.models.language_model import LanguageModel
from train.analysis.paired import FULL
from train.study.ablation import Study
from train.study.measuring import Run
from train.study.processes import threads_of_torch

WARM_STEPS = 2
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Throughput:
    """Attributes:
    train: tokens a second of one process.
    measure: tokens a second of one process.
    answer: seconds for one generated answer.
    source: in words.
    """

    train: float
    measure: float
    answer: float
    source: str


@dataclass(frozen=True)
class Plan:
    """runs: all.  left: those to be done.  tokens: (trained on, measured) by those left.  seconds: what they take."""

    study: Study
    left: list[Run]
    tokens: tuple[int, int]
    seconds: float
    processes: int
    rates: Throughput | None

    def said(self) -> list[str]:
        """In lines, for the screen."""
        trained = [r for r in self.study.runs if r.size]
        arms = list(dict.fromkeys(r.arm for r in trained))
        sizes = sorted({r.size for r in trained if r.arm != FULL})
        seeds = len({r.seed for r in trained})
        full = [r.size for r in trained if r.arm == FULL]
        lines = [
            f"plan: {len(arms)} {_several('arm', len(arms))} ({', '.join(arms)}), "
            f"sizes {', '.join(f'{n:,}' for n in sizes) or 'none'}"
            + (f", the full pool of {max(full):,}" if full else "")
            + f", {seeds} {_several('seed', seeds)}: {len(self.study.runs)} runs with the base model's, "
            f"{len(self.study.runs) - len(self.left)} done",
            f"training: {self.study.setup.compute.said()}",
        ]
        if self.left and self.rates:
            lines += [
                f"to do: {self.tokens[0]:,} tokens to train on, {self.tokens[1]:,} to measure",
                f"time: about {duration(self.seconds)} in {self.processes} {_several('process', self.processes)} "
                f"({self.rates.train:,.0f} tokens/s training, {self.rates.measure:,.0f} measuring in each, "
                f"{self.rates.source})",
            ]
        return lines


def make(study: Study, done: Sequence[str], rates: Throughput | None, processes: int) -> Plan:
    """The plan of a study.

    Args:
        done: keys of runs that need not be done.
    """
    left = study.left(dict.fromkeys(done))
    work = [study.setup.work(r) for r in left]
    tokens = sum(t for t, _ in work), sum(m for _, m in work)
    return Plan(study, left, tokens, makespan(study, left, rates, processes) if rates else 0.0, processes, rates)


def makespan(study: Study, left: Sequence[Run], rates: Throughput, processes: int) -> float:
    """Seconds for these runs, the longest begun first in whichever process is free."""
    busy = [0.0] * max(1, processes)
    for seconds in sorted((run_seconds(study, r, rates) for r in left), reverse=True):
        heapq.heapreplace(busy, busy[0] + seconds)
    return max(busy)


def run_seconds(study: Study, r: Run, rates: Throughput) -> float:
    """Seconds for one run."""
    trained, measured = study.setup.work(r)
    prompts = sum(min(study.setup.extras.generate, len(held.conversations)) for held in study.setup.heldout)
    return trained / rates.train + measured / rates.measure + prompts * rates.answer


def warm_up(study: Study, loaded: LanguageModel, adapted: Any, threads: int) -> Throughput:
    """Speed of this machine, by two steps of training on rows of middling length and one batch of measuring.

    Args:
        adapted: the model with its adapters; they are used, so reset them after.
    """
    from train.lora.trainer import evaluate, train

    settings = study.setup.settings
    longest = max(study.runs, key=lambda r: r.size)
    rows = sorted(study.setup.rows(longest), key=len)
    count = min(len(rows), settings.batch_size)
    start = (len(rows) - count) // 2
    batch = rows[start : start + count]
    held = sorted(study.setup.heldout[0].examples, key=len)
    some = held[len(held) // 4 :: max(1, len(held) // 8)][:8]
    times: list[float] = []
    with threads_of_torch(threads):
        train(
            adapted,
            loaded,
            batch,
            replace(settings, epochs=WARM_STEPS),
            lambda step, steps, loss: times.append(perf_counter()),
        )
        middle = perf_counter()
        evaluate(adapted, loaded, some)
        end = perf_counter()
        answer = 0.0
        if study.setup.extras.generate and study.setup.heldout[0].conversations:
            from train.answers.generation import answers

            answers(
                adapted,
                loaded,
                study.setup.heldout[0].conversations[:1],
                study.setup.template,
                study.setup.extras.new_tokens,
            )
            answer = perf_counter() - end
    # The first step also allocates; only what comes after it is counted.
    steps = max(times[-1] - times[0], 1e-9) / max(len(times) - 1, 1)
    return Throughput(
        sum(map(len, batch)) / steps,
        sum(map(len, some)) / max(end - middle, 1e-9),
        answer,
        "measured in a warm-up",
    )


def earlier(path: Path, threads: int, processes: int) -> Throughput | None:
    """Speed of runs that were done before with as many threads and processes; None without."""
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
        f"as in {len(times)} {_several('run', len(times))} done before",
    )


def fit(study: Study, done: Sequence[str], rates: Throughput, processes: int, budget: float) -> Study:
    """The study with so many sizes and seeds that what is to be done takes no longer than the budget, in seconds.

    The largest sizes and the last seeds go first.  Two seeds, so that arms can be compared at all, come before four
    sizes, without which no knee is told; then a third seed, then further sizes, then further seeds.

    Raises:
        CurateError: if not even the smallest size with one seed fits.
    """
    trained = [r for r in study.runs if r.size]
    sizes = sorted({r.size for r in trained if r.arm != FULL})
    seeds = sorted({r.seed for r in trained})
    best: tuple[tuple, Study] | None = None
    for s in range(1, len(seeds) + 1):
        for k in range(1, max(len(sizes), 1) + 1):
            for full in {any(r.arm == FULL for r in trained), False}:
                chosen = {*sizes[:k]}
                runs = [
                    r
                    for r in study.runs
                    if not r.size or (r.seed in seeds[:s] and (r.size in chosen if r.arm != FULL else full))
                ]
                some = replace(study, runs=runs)
                seconds = makespan(some, some.left(dict.fromkeys(done)), rates, processes)
                worth = (s >= 2, k >= 4, s >= 3, k, full, s)
                if seconds <= budget and any(r.size for r in runs) and (best is None or worth > best[0]):
                    best = worth, some
    if best is None:
        least = min(run_seconds(study, r, rates) for r in trained)
        raise CurateError(
            f"nothing fits into {duration(budget)}: the shortest run alone takes about {duration(least)}; give a "
            "longer --budget, smaller --sizes, or fewer held-out rows"
        )
    return best[1]


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
        raise CurateError(f"{text!r} is no length of time, as 30m or 1h30m") from None


def duration(seconds: float) -> str:
    """A length of time as people say it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    hours, rest = divmod(round(seconds / 60), 60)
    return f"{hours} h {rest} min"


def _several(what: str, n: int) -> str:
    return what if n == 1 else f"{what}es" if what.endswith("s") else f"{what}s"
