"""Entropy of how rows are shared out among groups."""

from __future__ import annotations

import numpy as np


def entropy(counts: np.ndarray) -> float:
    """Shannon entropy in bits of (k,) counts; 0 for none."""
    counts = counts[counts > 0]
    if not len(counts):
        return 0.0
    shares = counts / counts.sum()
    return float(max(0.0, -(shares * np.log2(shares)).sum()))


def counted(labels: object) -> np.ndarray:
    """(k,) how often each label is there."""
    return np.unique(np.asarray(labels), return_counts=True)[1]
