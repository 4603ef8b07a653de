"""How well a model predicts held-out answers: loss and perplexity, with intervals over rows, and by category."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES, SHARE = 2000, 0.9


@dataclass(frozen=True)
class CategoryLoss:
    """Attributes:
    loss: mean over learnt tokens, in nats
    low: the interval that holds it in 90% of resamplings of rows.
    high: the interval that holds it in 90% of resamplings of rows.
    base: the same of the model before training, with the difference's interval; None where it was not measured.
    """

    name: str
    rows: int
    tokens: int
    loss: float
    low: float
    high: float
    base: float | None = None
    gain: float | None = None
    gain_low: float | None = None
    gain_high: float | None = None

    @property
    def perplexity(self) -> float:
        """e to the loss."""
        return math.exp(min(self.loss, 700))


def by_category(
    losses: np.ndarray,
    weights: np.ndarray,
    base: np.ndarray | None,
    categories: Sequence[str | None],
    tokens: Sequence[int],
) -> list[CategoryLoss]:
    """All rows under the name `all`, then every category, most rows first.

    Args:
        losses: (n,) summed loss of each row
        base: (n,) summed loss of each row
        weights: (n,) sum of its tokens' weights
        tokens: (n,) learnt ones.
    """
    names = np.array([category or "(none)" for category in categories])
    counts = np.array(tokens)
    found = [measure("all", losses, weights, base, int(counts.sum()))]
    kinds = sorted(set(names.tolist()), key=lambda name: (-int((names == name).sum()), name))
    if len(kinds) > 1:
        for kind in kinds:
            at = names == kind
            rest = None if base is None else base[at]
            found.append(measure(kind, losses[at], weights[at], rest, int(counts[at].sum())))
    return found


def measure(name: str, losses: np.ndarray, weights: np.ndarray, base: np.ndarray | None, tokens: int) -> CategoryLoss:
    """Mean loss of rows with its interval by the bootstrap over rows (Efron 1979), percentile method.

    The gain over `base` is resampled with the same rows on both sides, so that what rows share drops out.
    """
    draws = np.random.default_rng(0).multinomial(len(losses), np.full(len(losses), 1 / len(losses)), RESAMPLES)
    total = draws @ weights
    means = draws @ losses / np.maximum(total, 1e-12)
    tail = (1 - SHARE) / 2
    low, high = np.quantile(means, [tail, 1 - tail]).tolist()
    loss = float(losses.sum() / weights.sum())
    if base is None:
        return CategoryLoss(name, len(losses), tokens, loss, low, high)
    gains = draws @ (base - losses) / np.maximum(total, 1e-12)
    before = float(base.sum() / weights.sum())
    g_low, g_high = np.quantile(gains, [tail, 1 - tail]).tolist()
    return CategoryLoss(name, len(losses), tokens, loss, low, high, before, before - loss, g_low, g_high)
