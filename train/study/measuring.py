"""One run of an ablation: fresh adapters, training, and the loss on every held-out set."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np

from curate.models.language_model import LanguageModel
from curate.models.masking import TrainingExample
from curate.text.counted import counted
from schemas.record import Conversation
from train.lora.settings import LoraSettings
from train.lora.trainer import TrainResult, TrainStep, evaluate, reset, train
from train.study.compute import Compute, schedule
from train.study.extra_metrics import ExtraMetrics, measure_extra

# Measuring goes forward only; training also goes back.
FORWARD = 1 / 3
ShareDone = Callable[[str, float], None]


@dataclass(frozen=True)
class Run:
    """One training run.

    Attributes:
        arm: whose rows it trains on; `base` for the base model.
        size: how many of them; 0 is the base model, measured once.
        seed: of the order of rows and of the adapters.
    """

    arm: str
    size: int
    seed: int

    @property
    def name(self) -> str:
        """For progress and plans."""
        return "base model" if self.size == 0 else f"{self.arm}, {counted(self.size, 'row')}, seed {self.seed}"


@dataclass(frozen=True)
class HeldOut:
    """Rows to measure on.

    Attributes:
        name: of the set.
        kind: `heldout`, or `forgetting` for text that the training rows are not about.
        examples: as the model sees them.
        conversations: those rows; empty for plain text.
    """

    name: str
    kind: str
    examples: list[TrainingExample]
    conversations: list[Conversation]

    @property
    def categories(self) -> list[str]:
        """(n,) category of each row."""
        if not self.conversations:
            return ["(none)"] * len(self.examples)
        return [conversation.category or "(none)" for conversation in self.conversations]


@dataclass(frozen=True)
class Setup:
    """What all runs share.

    Attributes:
        examples: rows of the pool as the model sees them, by position.
        orders: for each arm and seed the positions of its rows, best first.
        heldout: the sets to measure on.
        settings: of training; the seed is that of the run.
        compute: what is the same in every run.
        extras: measures beyond the loss.
        template: how a conversation becomes text.
    """

    examples: dict[int, TrainingExample]
    orders: dict[tuple[str, int], list[int]]
    heldout: list[HeldOut]
    settings: LoraSettings
    compute: Compute
    extras: ExtraMetrics
    template: str = "auto"

    def positions(self, r: Run) -> list[int]:
        """The first rows of the run's order, by position in the pool."""
        return self.orders[r.arm, r.seed][: r.size] if r.size else []

    def rows(self, r: Run) -> list[TrainingExample]:
        """The first rows of the run's order."""
        return [self.examples[i] for i in self.positions(r)]

    def scheduled(self, r: Run) -> tuple[list[TrainingExample], LoraSettings, float]:
        """Rows, settings and passes of the run."""
        settings = replace(self.settings, seed=r.seed)
        return schedule(self.rows(r), self.compute, settings) if r.size else ([], settings, 0.0)

    def work(self, r: Run) -> tuple[int, int]:
        """Tokens that the run trains on, prompts and passes counted, and tokens that it measures."""
        rows, settings, _ = self.scheduled(r)
        measure_tokens = sum(len(e) for held in self.heldout for e in held.examples)
        return sum(map(len, rows)) * (settings.epochs if rows else 0), measure_tokens


@dataclass(frozen=True)
class RunResult:
    """What a run gave.

    Attributes:
        rows: a result for each held-out set.
        train_seconds: how long training took.
        measure_seconds: how long measuring took.
    """

    rows: list[dict[str, Any]]
    train_seconds: float
    measure_seconds: float


def no_progress(_what: str, _share: float) -> None:
    """Reports to nobody."""


def measure(lm: LanguageModel, setup: Setup, r: Run, key: str, progress: ShareDone = no_progress) -> RunResult:
    """Train one run and measure it.

    Args:
        lm: the model with adapters, which are reset.
        setup: what all runs share.
        r: the run.
        key: its name in the results.
        progress: called with what is going on and the share of the run that is done, in [0, 1].
    """
    examples, settings, passes = setup.scheduled(r)
    work = max(1.0, _work_per_measuring(setup, r))
    reset(lm, r.seed)
    start = perf_counter()
    result = None
    if examples:

        def on_step(step: TrainStep) -> None:
            progress(f"{r.name}: loss {step.loss:.3f}", (work - 1) / work * step.step / step.steps)

        result = train(lm, examples, settings, progress=on_step)
    middle = perf_counter()
    rows = []
    for heldout_set in setup.heldout:
        progress(f"{r.name}: measuring on {heldout_set.name}", (work - 1) / work)
        row = {
            "key": key,
            "arm": r.arm,
            "size": r.size,
            "seed": r.seed,
            "heldout": heldout_set.name,
            "kind": heldout_set.kind,
        }
        row |= _training_columns(result, passes)
        losses, weights = evaluate(lm, heldout_set.examples)
        row |= _loss_columns(losses, weights, heldout_set.categories)
        if heldout_set.kind == "heldout":
            row |= measure_extra(lm, heldout_set.examples, heldout_set.conversations, setup.extras, setup.template)
        rows.append(row)
    return RunResult(rows, middle - start, perf_counter() - middle)


def _work_per_measuring(setup: Setup, r: Run) -> float:
    """The work of the whole run in units of its measuring."""
    train_tokens, measure_tokens = setup.work(r)
    return (train_tokens + measure_tokens * FORWARD) / max(1.0, measure_tokens * FORWARD)


def _training_columns(result: TrainResult | None, passes: float) -> dict[str, Any]:
    return {
        "epochs": passes,
        "steps": result.steps if result else 0,
        "trained_tokens": result.trained_tokens if result else 0,
        "train_loss": float(np.mean(result.losses[-5:])) if result else None,
    }


def _loss_columns(losses: np.ndarray, weights: np.ndarray, categories: Sequence[str]) -> dict[str, Any]:
    """The columns of the loss, from the (n,) losses and weights that `trainer.evaluate` gives."""
    loss = float(losses.sum() / weights.sum())
    names = np.array(categories)
    by_category = {n: float(losses[names == n].sum() / weights[names == n].sum()) for n in sorted(set(categories))}
    return {
        "heldout_loss": loss,
        "heldout_perplexity": math.exp(min(loss, 50)),
        "heldout_by_category": json.dumps(by_category, ensure_ascii=False),
        "heldout_rows": losses.tolist(),
        "heldout_weights": weights.tolist(),
    }
