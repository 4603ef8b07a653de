"""k-center radius: how far the set reaches beyond its 32 most central points, and how far a pool beyond the set."""

from __future__ import annotations

import numpy as np

from curate.score.diversity.facility import nearest_cosines
from curate.score.diversity.metric import Metric, Sample

CENTERS = 32


def radius(vectors: np.ndarray, count: int = CENTERS) -> float:
    """Largest cosine distance of a row to the nearest of `count` centers, in [0, 2].

    It is 0 if there are no more rows than centers.

    Args:
        vectors: (n, d) of unit length.
        count: centers, chosen by the farthest-first rule from the row nearest to the mean.

    Source: Gonzalez 1985, the k-center objective.
    """
    if len(vectors) <= count:
        return 0.0
    distances = 1 - vectors @ vectors[int((vectors @ vectors.mean(0)).argmax())]
    for _ in range(count - 1):
        distances = np.minimum(distances, 1 - vectors @ vectors[int(distances.argmax())])
    return float(max(distances.max(), 0))


def _radius(sample: Sample) -> float:
    return radius(sample.vectors)


def _pool_radius(sample: Sample) -> float | None:
    if sample.pool is None or not len(sample):
        return None
    return float(max(0.0, 1 - nearest_cosines(sample.pool, sample.vectors).min()))


METRICS = [
    Metric(
        "radius",
        "largest distance of a row to the nearest of 32 spread-out rows",
        "cosine distance, 0 to 2",
        "higher",
        "k-center objective by the farthest-first rule (Gonzalez 1985), from the row nearest to the mean",
        "vectors",
        _radius,
        highest=2,
    ),
    Metric(
        "pool_radius",
        "distance of the reference pool's worst-served row to the row of the set nearest to it; falls as the set grows",
        "cosine distance, 0 to 2",
        "lower",
        "the k-center objective (Gonzalez 1985)",
        "pool",
        _pool_radius,
        most=5000,
        highest=2,
    ),
]
