"""Mean distance of two rows of the set."""

from __future__ import annotations

import numpy as np

from curate.score.diversity.metric import Metric, Sample


def pairwise(vectors: np.ndarray) -> float:
    """Mean cosine distance over all pairs of (n, d) vectors of unit length; 0 for fewer than two."""
    n = len(vectors)
    if n < 2:
        return 0.0
    # The sum of all dot products is the square of the sum of all vectors.
    total = vectors.sum(0, dtype=np.float64)
    own = np.square(vectors, dtype=np.float64).sum()
    return float(1 - (total @ total - own) / (n * (n - 1)))


def value(sample: Sample) -> float:
    """Mean pairwise distance of a sample."""
    return pairwise(sample.vectors)


METRICS = [
    Metric(
        "pairwise",
        "mean distance of two rows",
        "cosine distance, 0 to 2",
        "higher",
        "the usual average pairwise distance; 1 - (|sum of vectors|^2 - n) / (n (n - 1)), exact and linear",
        "vectors",
        value,
        highest=2,
    ),
]
