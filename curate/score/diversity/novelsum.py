"""NovelSum: how novel each row is among the others, near ones counting most, where the reference pool is dense."""

from __future__ import annotations

import numpy as np

from curate.score.diversity.metric import Metric, Sample

NEIGHBOURS = 10
DENSITY_POWER = 0.5
DISTANCE_POWER = 1.0
BLOCK = 1024


def novelsum(vectors: np.ndarray, density: np.ndarray | None = None, power: float = DISTANCE_POWER) -> float:
    """Mean over rows of their distances to all rows, themselves included, averaged with weights 1 / rank ** power.

    It is 0 for no rows.

    Args:
        vectors: (n, d) of unit length.
        density: (n,) by which each row's distances are multiplied.
        power: of the rank; larger ones make near rows count more.

    Source: Yang et al. 2025 (arXiv 2502.17184).
    """
    n = len(vectors)
    if not n:
        return 0.0
    weights = 1 / np.arange(1, n + 1, dtype=np.float64) ** power
    weights /= weights.sum()
    total = 0.0
    for start in range(0, n, BLOCK):
        distances = 1 - vectors[start : start + BLOCK] @ vectors.T
        distances[np.arange(len(distances)), np.arange(start, start + len(distances))] = 0
        distances.sort(axis=1)
        novelty = np.maximum(distances, 0) @ weights
        total += float(novelty.sum() if density is None else novelty @ density[start : start + BLOCK])
    return total / n


def densities(
    vectors: np.ndarray, pool: np.ndarray, neighbours: int = NEIGHBOURS, power: float = DENSITY_POWER
) -> np.ndarray:
    """(n,) 1 / (mean squared distance to the nearest rows of the pool) ** power.

    Args:
        vectors: (n, d) of unit length.
        pool: (m, d) of unit length. Equal rows of it count once, and the nearest of all, which is the row itself if it
            is in the pool, does not count.
        neighbours: how many of the nearest rows count.
        power: of the density.
    """
    pool = np.unique(pool, axis=0)
    count = min(neighbours + 1, len(pool))
    distances = np.empty(len(vectors))
    for start in range(0, len(vectors), BLOCK):
        squared = np.maximum(2 - 2 * (vectors[start : start + BLOCK] @ pool.T), 0)
        nearest = np.sort(np.partition(squared, count - 1, axis=1)[:, :count], axis=1)
        distances[start : start + BLOCK] = nearest[:, 1:].mean(1) if count > 1 else nearest[:, 0]
    return 1 / (distances + 1e-9) ** power


def value(sample: Sample) -> float:
    """NovelSum of a sample, with the density of the pool where there is one."""
    return novelsum(sample.vectors, sample.density)


METRICS = [
    Metric(
        "novelsum",
        "how novel each row is among the others: near ones count most, and more where the reference pool is dense",
        "weighted cosine distance",
        "higher",
        "Yang et al. 2025 (arXiv 2502.17184), as their code computes it: distance power 1, density power 0.5, 10 "
        "neighbours; without a reference pool density is left out, as they advise",
        "vectors",
        value,
        most=5000,
    ),
]
