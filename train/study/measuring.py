"""One run of an ablation: fresh adapters, training, and what they make of every held-out set."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np

from curate.models.language_model import LanguageModel
from schemas.record import Conversation
from train.lora.masking import TrainingExample
from train.lora.trainer import LoraSettings, evaluate, reset, train
from train.study.compute import Compute, schedule
from train.study.extras import ExtraMetrics, extra_metrics

# Measuring goes forward only; training also goes back.
FORWARD = 1 / 3


@dataclass(frozen=True)
class Run:
    """One training run: so many rows of an arm, with a seed; size 0 is the base model, measured once."""

    arm: str
    size: int
    seed: int

    @property
    def name(self) -> str:
        """For progress and plans."""
        return "base model" if self.size == 0 else f"{self.arm}, {self.size:,} rows, seed {self.seed}"


@dataclass(frozen=True)
class HeldOut:
    """Rows to measure on.

    Attributes:
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
    """What all runs share.  rows: for a run the examples that it trains on."""

    examples: dict[int, TrainingExample]
    orders: dict[tuple[str, int], list[int]]
    heldout: list[HeldOut]
    settings: LoraSettings
    compute: Compute
    extras: ExtraMetrics
    template: str = "auto"

    def rows(self, r: Run) -> list[TrainingExample]:
        """The first rows of the run's order."""
        return [self.examples[i] for i in self.orders[r.arm, r.seed][: r.size]] if r.size else []

    def scheduled(self, r: Run) -> tuple[list[TrainingExample], LoraSettings, float]:
        """Rows, settings and passes of the run."""
        settings = replace(self.settings, seed=r.seed)
        return schedule(self.rows(r), self.compute, settings) if r.size else ([], settings, 0.0)

    def work(self, r: Run) -> tuple[int, int]:
        """Tokens that the run trains on, prompts and passes counted, and tokens that it measures."""
        rows, settings, _ = self.scheduled(r)
        measured = sum(len(e) for held in self.heldout for e in held.examples)
        return sum(map(len, rows)) * (settings.epochs if rows else 0), measured


@dataclass(frozen=True)
class RunResult:
    """Attributes:
    rows: a result for each held-out set.
    train_seconds: how long it took.
    measure_seconds: how long it took.
    """

    rows: list[dict[str, Any]]
    train_seconds: float
    measure_seconds: float


def measure(
    model: Any,
    loaded: LanguageModel,
    setup: Setup,
    r: Run,
    key: str,
    progress: Callable[[str, float], None] = lambda what, done: None,
) -> RunResult:
    """Train one run and measure it.

    Args:
        progress: called with what is going on and the share of the run that is done.
    """
    examples, settings, passes = setup.scheduled(r)
    of = max(1.0, _share(setup, r))
    reset(model, r.seed)
    began = perf_counter()
    trained = None
    if examples:
        trained = train(
            model,
            loaded,
            examples,
            settings,
            lambda step, steps, loss: progress(f"{r.name}: loss {loss:.3f}", (of - 1) / of * step / steps),
        )
    middle = perf_counter()
    rows = []
    for held in setup.heldout:
        progress(f"{r.name}: measuring on {held.name}", (of - 1) / of)
        row = {
            "key": key,
            "arm": r.arm,
            "size": r.size,
            "seed": r.seed,
            "heldout": held.name,
            "kind": held.kind,
            "epochs": passes,
            "steps": trained.steps if trained else 0,
            "trained_tokens": trained.trained_tokens if trained else 0,
            "train_loss": float(np.mean(trained.losses[-5:])) if trained else None,
        }
        losses, weights = evaluate(model, loaded, held.examples)
        row |= _losses(losses, weights, held.categories)
        if held.kind == "heldout":
            row |= extra_metrics(model, loaded, held.examples, held.conversations, setup.extras, setup.template)
        rows.append(row)
    return RunResult(rows, middle - began, perf_counter() - middle)


def _share(setup: Setup, r: Run) -> float:
    """The work of the whole run in units of its measuring."""
    trained, measured = setup.work(r)
    return (trained + measured * FORWARD) / max(1.0, measured * FORWARD)


def _losses(losses: np.ndarray, weights: np.ndarray, categories: Sequence[str]) -> dict[str, Any]:
    """Args:
    losses: (n,) of each held-out row, as `lora.evaluate` gives them.
    weights: (n,) of each held-out row, as `lora.evaluate` gives them.
    """
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
