"""How well a model predicts held-out answers: loss and perplexity, with intervals over rows, and by category."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES, SHARE = 2000, 0.9


@dataclass(frozen=True)
class CategoryLoss:
    """The loss on the rows of a category.

    Attributes:
        name: of the category; `all` for all rows.
        rows: how many.
        tokens: how many of theirs are trained tokens.
        loss: mean over those, in nats.
        low: lower end of the interval that holds it in 90% of resamplings of the rows.
        high: its upper end.
        base: loss of the model before training; None where it was not measured.
        gain: what the loss is below that.
        gain_low: lower end of the gain's interval.
        gain_high: its upper end.
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
        losses: (n,) summed loss of each row, in nats.
        weights: (n,) sum of its tokens' weights.
        base: (n,) summed loss of each row under the model before training; None without.
        categories: (n,) of each row.
        tokens: (n,) trained tokens of each row.
    """
    names = np.array([category or "(none)" for category in categories])
    counts = np.array(tokens)
    category_losses = [measure("all", losses, weights, base, int(counts.sum()))]
    distinct = sorted(set(names.tolist()), key=lambda name: (-int((names == name).sum()), name))
    if len(distinct) > 1:
        for name in distinct:
            at = names == name
            own_base = None if base is None else base[at]
            category_losses.append(measure(name, losses[at], weights[at], own_base, int(counts[at].sum())))
    return category_losses


def measure(name: str, losses: np.ndarray, weights: np.ndarray, base: np.ndarray | None, tokens: int) -> CategoryLoss:
    """Mean loss of rows with its interval by the bootstrap over rows, percentile method.

    The gain over `base` is resampled with the same rows on both sides, so that what rows share drops out.

    Source: Efron 1979.
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
    base_loss = float(base.sum() / weights.sum())
    g_low, g_high = np.quantile(gains, [tail, 1 - tail]).tolist()
    return CategoryLoss(name, len(losses), tokens, loss, low, high, base_loss, base_loss - loss, g_low, g_high)
