"""Facility location over a pool: how near the rows of a pool have a row of the set."""

from __future__ import annotations

import numpy as np

from curate.score.diversity.metric import Metric, Sample

BLOCK = 1024
METRIC = Metric(
    "pool_facility",
    "mean cosine of a row of the reference pool with the row of the set nearest to it; grows with the set",
    "cosine, -1 to 1",
    "higher",
    "the facility-location function (Nemhauser et al. 1978; Lin & Bilmes 2011)",
    "pool",
    most=5000,
    lowest=-1,
    highest=1,
)


def nearest_cosines(pool: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """(m,) largest cosine of each row of the (m, d) pool with any row of the (n, d) set; rows of unit length."""
    found = np.empty(len(pool), np.float32)
    for start in range(0, len(pool), BLOCK):
        found[start : start + BLOCK] = (pool[start : start + BLOCK] @ vectors.T).max(1)
    return found


def value(sample: Sample) -> float | None:
    """Facility-location value of a sample over the pool; None without a pool."""
    if sample.pool is None or not len(sample):
        return None
    return float(nearest_cosines(sample.pool, sample.vectors).mean(dtype=np.float64))
