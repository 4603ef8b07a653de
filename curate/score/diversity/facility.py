"""Facility location: how well a few rows of the set stand for all of it."""

from __future__ import annotations

import numpy as np

from curate.score.diversity.metric import Metric, Sample

FACILITIES = 32
METRIC = Metric(
    "facility",
    "mean cosine of a row with the best of 32 rows chosen to stand for all; where a few rows say it all it is near 1",
    "cosine, -1 to 1",
    "lower",
    "the facility-location function (Nemhauser et al. 1978) at its greedy maximum",
    "vectors",
    most=2000,
    lowest=-1,
    highest=1,
)


def facility(vectors: np.ndarray, count: int = FACILITIES) -> float:
    """Mean over rows of the largest cosine with `count` greedily chosen rows; 1 for no rows.

    Args:
        vectors: (n, d) of unit length; negative cosines count as 0 while rows are chosen.
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


def value(sample: Sample) -> float:
    """Facility-location value of a sample."""
    return facility(sample.vectors)
