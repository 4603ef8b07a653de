"""Mean distance of a row to the row nearest to it."""

from __future__ import annotations

import numpy as np

from curate.score.diversity.metric import Metric, Sample

BLOCK = 1024


def nearest(vectors: np.ndarray) -> float:
    """Mean cosine distance of (n, d) rows of unit length to the nearest other row; 0 for fewer than two.

    Source: Stasaski & Hearst 2022.
    """
    n = len(vectors)
    if n < 2:
        return 0.0
    total = 0.0
    for start in range(0, n, BLOCK):
        cosines = vectors[start : start + BLOCK] @ vectors.T
        cosines[np.arange(len(cosines)), np.arange(start, start + len(cosines))] = -np.inf
        total += float(np.maximum(1 - cosines.max(1), 0).sum())
    return total / n


def value(sample: Sample) -> float:
    """Mean nearest-neighbour distance of a sample."""
    return nearest(sample.vectors)


METRICS = [
    Metric(
        "nearest",
        "mean distance of a row to the row nearest to it; small where rows are near-copies",
        "cosine distance, 0 to 2",
        "higher",
        "mean nearest-neighbour distance (Stasaski & Hearst 2022)",
        "vectors",
        value,
        most=5000,
        highest=2,
    ),
]
