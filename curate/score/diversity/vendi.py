"""Vendi score: how many rows that have nothing in common would be as diverse."""

from __future__ import annotations

import numpy as np

from curate.score.diversity.metric import Metric, Sample


def vendi(vectors: np.ndarray) -> float:
    """The Vendi score of order 1 of (n, d) vectors of unit length; 0 for none.

    The n x n matrix of cosines and the d x d matrix of the vectors' products have the same eigenvalues above 0, so the
    smaller one is taken.

    Source: Friedman & Dieng 2023.
    """
    n, d = vectors.shape
    if not n:
        return 0.0
    # Summed in float64: eigenvalues near 0 would else be noise that counts.
    x = vectors.astype(np.float64)
    matrix = (x.T @ x if d < n else x @ x.T) / n
    eigenvalues = np.linalg.eigvalsh(matrix)
    p = eigenvalues[eigenvalues > 1e-12]
    return float(np.exp(-(p * np.log(p)).sum()))


def value(sample: Sample) -> float:
    """The Vendi score of a sample."""
    return vendi(sample.vectors)


METRICS = [
    Metric(
        "vendi",
        "how many rows with nothing in common would be as diverse",
        "effective rows, 1 to n",
        "higher",
        "Friedman & Dieng 2023; exp of the entropy of the eigenvalues of the cosine matrix over n",
        "vectors",
        value,
    ),
]
