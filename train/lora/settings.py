"""What a training run is made with."""

from __future__ import annotations

import math
from dataclasses import dataclass

from curate.errors import CurateError


@dataclass(frozen=True)
class LoraSettings:
    """Attributes:
    rank: of the adapters, as peft calls them (`all-linear` leaves out the output head).
    alpha: of the adapters, as peft calls them (`all-linear` leaves out the output head).
    dropout: of the adapters, as peft calls them (`all-linear` leaves out the output head).
    targets: of the adapters, as peft calls them (`all-linear` leaves out the output head).
    rslora: scale by alpha / sqrt(rank) in place of alpha / rank (Kalajdzievski 2023).
    dora: learn a magnitude beside the direction (Liu et al. 2024).
    learning_rate: at its peak.
    final_rate: at the end, for schedules that do not end at zero.
    epochs: passes over the rows.
    batch_size: rows in a batch
    accumulation: batches in a step.
    warmup: share of the steps in which the rate rises.
    schedule: names in train/optimiser.py.
    optimizer: names in train/optimiser.py.
    betas: decay of Adam's two moments; the first is the momentum of SGD.
    clip: largest norm of the gradient; 0 leaves it as it is.
    seed: of the adapters' beginning, the order of the rows, and dropout.
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
        """Raises CurateError for a number that training cannot be done with, and says which."""
        for name in ("rank", "alpha", "epochs", "batch_size", "accumulation"):
            if getattr(self, name) < 1:
                raise CurateError(f"{name} is {getattr(self, name)}; it must be 1 or more")
        if not (math.isfinite(self.learning_rate) and self.learning_rate > 0):
            raise CurateError(f"the learning rate is {self.learning_rate}; it must be a number above 0, as 1e-4")
        for name in ("dropout", "warmup"):
            if not 0 <= getattr(self, name) < 1:
                raise CurateError(f"{name} is {getattr(self, name)}; it must be 0 or more and below 1")
        for name in ("clip", "weight_decay", "final_rate"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise CurateError(f"{name} is {getattr(self, name)}; it must be a number, 0 or more")
