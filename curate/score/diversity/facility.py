"""Facility location: how well a few rows stand for all of the set, and how well the set stands for a pool."""

from __future__ import annotations

import numpy as np

from curate.score.diversity.metric import Metric, Sample

FACILITIES = 32
BLOCK = 1024


def facility(vectors: np.ndarray, count: int = FACILITIES) -> float:
    """Mean over rows of the largest cosine with `count` greedily chosen rows, in [-1, 1]; 1 for no rows.

    Args:
        vectors: (n, d) of unit length; negative cosines count as 0 while rows are chosen.
        count: rows that are chosen.

    Source: Nemhauser et al. 1978, the greedy maximum of a submodular function.
    """
    n = len(vectors)
    if not n:
        return 1.0
    cosines = vectors @ vectors.T
    best = np.zeros(n, np.float32)
    for _ in range(min(count, n)):
        gains = np.maximum(cosines - best[:, None], 0).sum(0)
        best = np.maximum(best, cosines[:, int(gains.argmax())])
    return float(best.mean(dtype=np.float64))


def nearest_cosines(pool: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """(m,) largest cosine of each row of a pool with any row of a set.

    Args:
        pool: (m, d) of unit length.
        vectors: (n, d) of unit length, n above 0.
    """
    cosines = np.empty(len(pool), np.float32)
    for start in range(0, len(pool), BLOCK):
        cosines[start : start + BLOCK] = (pool[start : start + BLOCK] @ vectors.T).max(1)
    return cosines


def _facility(sample: Sample) -> float:
    return facility(sample.vectors)


def _pool_facility(sample: Sample) -> float | None:
    if sample.pool is None or not len(sample):
        return None
    return float(nearest_cosines(sample.pool, sample.vectors).mean(dtype=np.float64))


METRICS = [
    Metric(
        "facility",
        "mean cosine of a row with the best of 32 rows chosen to stand for all; where a few rows say it all it is "
        "near 1",
        "cosine, -1 to 1",
        "lower",
        "the facility-location function (Nemhauser et al. 1978) at its greedy maximum",
        "vectors",
        _facility,
        most=2000,
        lowest=-1,
        highest=1,
    ),
    Metric(
        "pool_facility",
        "mean cosine of a row of the reference pool with the row of the set nearest to it; grows with the set",
        "cosine, -1 to 1",
        "higher",
        "the facility-location function (Nemhauser et al. 1978; Lin & Bilmes 2011)",
        "pool",
        _pool_facility,
        most=5000,
        lowest=-1,
        highest=1,
    ),
]
