"""What a training run is made with."""

from __future__ import annotations

import math
from dataclasses import dataclass

from curate.errors import CurateError

OPTIMISERS = ("adamw", "adam", "adamw_8bit", "adafactor", "adagrad", "rmsprop", "sgd")
SCHEDULES = (
    "cosine",
    "linear",
    "constant",
    "constant_with_warmup",
    "cosine_with_min_lr",
    "cosine_with_restarts",
    "inverse_sqrt",
    "polynomial",
    "warmup_stable_decay",
)


@dataclass(frozen=True)
class LoraSettings:
    """Settings of the adapters, the optimiser and its schedule.

    Attributes:
        rank: of the adapters, as peft calls it.
        alpha: scale of the adapters times their rank.
        dropout: share of the adapters' inputs that is left out, in [0, 1).
        targets: modules that get adapters, by name; `all-linear` leaves out the output head.
        rslora: scale by alpha / sqrt(rank) in place of alpha / rank (Kalajdzievski 2023).
        dora: train a magnitude besides the direction (Liu et al. 2024).
        learning_rate: at its peak.
        final_rate: at the end, for schedules that do not end at zero.
        epochs: passes over the rows.
        batch_size: rows in a batch.
        accumulation: batches in a step.
        warmup: share of the steps in which the rate rises, in [0, 1).
        schedule: one of SCHEDULES.
        optimizer: one of OPTIMISERS.
        betas: decay of Adam's two moments; the first is the momentum of SGD.
        clip: largest norm of the gradient; 0 does not limit it.
        weight_decay: of the adapters.
        seed: of the adapters' initial weights, the order of the rows, and dropout.
    """

    rank: int = 8
    alpha: int = 16
    dropout: float = 0.0
    targets: str | tuple[str, ...] = "all-linear"
    rslora: bool = False
    dora: bool = False
    learning_rate: float = 1e-3
    final_rate: float = 0.0
    epochs: int = 3
    batch_size: int = 8
    accumulation: int = 1
    warmup: float = 0.1
    schedule: str = "cosine"
    optimizer: str = "adamw"
    betas: tuple[float, float] = (0.9, 0.999)
    clip: float = 1.0
    weight_decay: float = 0.0
    seed: int = 0

    @property
    def rows(self) -> int:
        """Rows in a step."""
        return self.batch_size * self.accumulation

    def steps(self, rows: int) -> int:
        """Steps that so many rows make in all epochs."""
        return self.epochs * math.ceil(rows / self.rows)

    def check(self) -> None:
        """Check that training can be done with these numbers.

        Raises:
            CurateError: for the first number that it cannot be done with.
        """
        for name in ("rank", "alpha", "epochs", "batch_size", "accumulation"):
            if getattr(self, name) < 1:
                raise CurateError(f"{name} is {getattr(self, name)}; it must be at least 1")
        if not (math.isfinite(self.learning_rate) and self.learning_rate > 0):
            raise CurateError(f"the learning rate is {self.learning_rate}; it must be a number above 0, as 1e-4")
        for name in ("dropout", "warmup"):
            if not 0 <= getattr(self, name) < 1:
                raise CurateError(f"{name} is {getattr(self, name)}; it must be in [0, 1)")
        for name in ("clip", "weight_decay", "final_rate"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise CurateError(f"{name} is {getattr(self, name)}; it must be a number, at least 0")
