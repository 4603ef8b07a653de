"""How long a run trains: fixed passes, fixed steps or fixed trained tokens.

They answer different questions.  With fixed epochs a larger set also trains for longer, which is how people train: the
curve shows rows and training time together.  With fixed steps or tokens every size gets the same training, small sets
by more passes over their rows: the curve shows what the rows themselves are worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from curate.models.masking import TrainingExample
from train.lora.settings import LoraSettings


@dataclass(frozen=True)
class Compute:
    """What is the same in every run.

    Attributes:
        kind: one of `train.study.options.COMPUTE_KINDS`.
        amount: so many passes, optimiser steps, or trained tokens, in every run.
    """

    kind: str
    amount: int

    def describe(self) -> str:
        """What every run gets, for plans and reports."""
        if self.kind == "epochs":
            passes = "pass" if self.amount == 1 else "passes"
            return f"{self.amount} {passes} over the rows in every run, so that larger sizes also train for longer"
        what = "optimiser steps" if self.kind == "steps" else "trained tokens"
        return f"{self.amount:,} {what} in every run, so that smaller sizes pass over their rows more often"


def amount(kind: str, largest: Sequence[TrainingExample], settings: LoraSettings) -> int:
    """What a run on the largest size trains for by its epochs."""
    if kind == "epochs":
        return settings.epochs
    if kind == "steps":
        return settings.steps(len(largest))
    return settings.epochs * sum(example.trained for example in largest)


def schedule(
    examples: Sequence[TrainingExample], compute: Compute, settings: LoraSettings
) -> tuple[list[TrainingExample], LoraSettings, float]:
    """The rows and settings to train a run with, and how many passes over the rows that is.

    For fixed steps and tokens the rows are written out, one pass in random order after the other, as far as they go.
    """
    if compute.kind == "epochs":
        return list(examples), replace(settings, epochs=compute.amount), float(compute.amount)
    random = np.random.default_rng([settings.seed, 1])
    rows: list[TrainingExample] = []
    tokens = 0
    for _ in count():
        for i in random.permutation(len(examples)).tolist():
            if _enough(compute, len(rows), tokens, settings):
                return rows, replace(settings, epochs=1), len(rows) / len(examples)
            rows.append(examples[i])
            tokens += examples[i].trained
    raise AssertionError


def _enough(compute: Compute, rows: int, tokens: int, settings: LoraSettings) -> bool:
    return rows >= compute.amount * settings.rows if compute.kind == "steps" else tokens >= compute.amount
