"""k-center radius: how far the set reaches beyond its 32 most central points."""

from __future__ import annotations

import numpy as np

from curate.score.diversity.metric import Metric, Sample

CENTERS = 32
METRIC = Metric(
    "radius",
    "largest distance of a row to the nearest of 32 spread-out rows",
    "cosine distance, 0 to 2",
    "higher",
    "k-center objective by the farthest-first rule (Gonzalez 1985), from the row nearest to the mean",
    "vectors",
    highest=2,
)


def radius(vectors: np.ndarray, count: int = CENTERS) -> float:
    """Largest cosine distance of a row to the nearest of `count` centers; 0 if there are no more rows than that.

    Args:
        vectors: (n, d) of unit length.
    """
    if len(vectors) <= count:
        return 0.0
    distances = 1 - vectors @ vectors[int((vectors @ vectors.mean(0)).argmax())]
    for _ in range(count - 1):
        distances = np.minimum(distances, 1 - vectors @ vectors[int(distances.argmax())])
    return float(max(distances.max(), 0))


def value(sample: Sample) -> float:
    """k-center radius of a sample."""
    return radius(sample.vectors)
