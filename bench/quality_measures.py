"""How well numbers tell clean rows from bad ones, and what else they go by."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from dirt.row import Row

FLOORS = (0.05, 0.1, 0.2, 0.3)
GROUPS: dict[str, Callable[[Row], bool]] = {
    "code": lambda r: bool(
        re.search(r"```|^\s*(?:def |class |import |SELECT |<html|#include|function )|\);\s*$", r.answer, re.M)
    ),
    "maths": lambda r: bool(re.search(r"\d\s*[-+*/×÷^]\s*\d[^\n]*=|=\s*-?\d|\d+ times \d|乘以|加上|减去", r.answer)),
    "one word": lambda r: len(r.answer.split()) == 1 and len(r.answer) <= (5 if r.language == "zh" else 20),
    "Chinese": lambda r: r.language == "zh",
}


def auc(good: np.ndarray, bad: np.ndarray) -> float:
    """Probability that a good row has the higher value, ties counting half; NaN without rows of either."""
    if not len(good) or not len(bad):
        return float("nan")
    ranks = mean_ranks(np.concatenate([good, bad]))[: len(good)]
    return float((ranks.sum() - len(good) * (len(good) + 1) / 2) / (len(good) * len(bad)))


def mean_ranks(numbers: np.ndarray) -> np.ndarray:
    """(n,) ranks from 1 on; equal numbers share the mean of theirs."""
    _, inverse, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def spearman(left: np.ndarray, right: np.ndarray) -> float:
    """Rank correlation of two rows of numbers; 0 where one is constant."""
    a, b = mean_ranks(left), mean_ranks(right)
    return float(np.corrcoef(a, b)[0, 1]) if a.std() and b.std() else 0.0


def below_floor(rows: Sequence[Row], numbers: np.ndarray) -> dict[str, dict[str, float]]:
    """For each group of rows its count and, for each floor, its share below the floor over the pool's share.

    Rows of quality 0 have a certain fault: gates leave them out before any floor does.

    Args:
        rows: a clean pool.
        numbers: (n,) their quality.
    """
    rows = [row for row, number in zip(rows, numbers.tolist(), strict=True) if number > 0]
    numbers, result = numbers[numbers > 0], {}
    for name, belongs in GROUPS.items():
        member = np.array([belongs(row) for row in rows])
        ratios = {"rows": float(member.sum())}
        for floor in FLOORS:
            low = numbers < np.quantile(numbers, floor)
            ratios[f"{floor:.2f}"] = float(low[member].mean() / low.mean()) if member.any() and low.any() else 0.0
        result[name] = ratios
    return result


def deviations(vectors: np.ndarray, subset: np.ndarray, candidates: np.ndarray, draws: int = 30) -> float:
    """By how many standard deviations the subset's NovelSum is above that of random rows among the candidates.

    Args:
        vectors: (n, d) of unit length.
        subset: (n,) bool.
        candidates: (n,) bool.
        draws: random subsets of the same size.
    """
    from curate.score.diversity.novelsum import densities, novelsum

    density = densities(vectors[candidates], vectors[candidates])
    of_all = np.zeros(len(vectors))
    of_all[candidates] = density
    random = np.random.default_rng(0)
    rows = np.flatnonzero(candidates)
    samples = [random.choice(rows, int(subset.sum()), replace=False) for _ in range(draws)]
    worth = np.array([novelsum(vectors[s], of_all[s]) for s in samples])
    own = novelsum(vectors[subset], of_all[subset])
    return float((own - worth.mean()) / worth.std()) if worth.std() > 1e-12 else 0.0
