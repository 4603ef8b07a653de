"""Entropy of the set over clusters of the pool."""

from __future__ import annotations

import numpy as np

from curate.score.diversity.entropy import counted, entropy
from curate.score.diversity.metric import Metric, Sample

ITERATIONS = 20


def clusters(vectors: np.ndarray, pool: np.ndarray, count: int | None = None, seed: int = 0) -> np.ndarray:
    """(n,) number of the cluster of the pool that each row is nearest to.

    Args:
        vectors: (n, d) of unit length.
        pool: (m, d) of unit length.
        count: of clusters, the square root of m rounded if None.
        seed: of random choices.

    Source: Dhillon & Modha 2001, spherical k-means.
    """
    count = count or max(1, round(len(pool) ** 0.5))
    random = np.random.default_rng(seed)
    pool = pool[random.permutation(len(pool))[:20_000]]
    centers = _spread_out(pool, min(count, len(pool)), random)
    for _ in range(ITERATIONS):
        nearest = (pool @ centers.T).argmax(1)
        sums = np.zeros_like(centers, dtype=np.float64)
        np.add.at(sums, nearest, pool)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        moved = np.where(lengths > 0, sums / np.maximum(lengths, 1e-12), centers).astype(np.float32)
        if np.allclose(moved, centers, atol=1e-6):
            break
        centers = moved
    return (vectors @ centers.T).argmax(1)


def _spread_out(pool: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """(count, d) rows to begin from, far ones being likelier (k-means++, Arthur & Vassilvitskii 2007)."""
    rows = [int(random.integers(len(pool)))]
    distances = np.maximum(1 - pool @ pool[rows[0]], 0)
    while len(rows) < count and distances.sum() > 0:
        rows.append(int(random.choice(len(pool), p=distances / distances.sum(dtype=np.float64))))
        distances = np.minimum(distances, np.maximum(1 - pool @ pool[rows[-1]], 0))
    return pool[rows]


def value(sample: Sample) -> float | None:
    """Entropy of a sample over the clusters; None if none were made."""
    return None if sample.clusters is None else entropy(counted(sample.clusters))


METRICS = [
    Metric(
        "cluster_entropy",
        "how evenly the rows are shared out among clusters of all that is compared",
        "bits, up to log2 of the clusters",
        "higher",
        "Shannon 1948 over spherical k-means clusters (Dhillon & Modha 2001) of the reference pool or of both sets, "
        "about the square root of their rows of them",
        "vectors",
        value,
    ),
]
