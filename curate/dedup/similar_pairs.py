"""Pairs of similar texts, as the near and the semantic search return them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class SimilarPairs(NamedTuple):
    """p pairs of similar texts, each pair once.

    Attributes:
        left: (p,) int64 numbers of texts, the better one of the pair.
        right: (p,) int64 numbers of texts, the worse one.
        similarity: (p,) float32 in (0, 1].
        complete: whether pairs of texts that are both like a better one were looked for too, so that the pairs also
            answer for a tighter threshold.
        note: one sentence on how they were found.
    """

    left: np.ndarray
    right: np.ndarray
    similarity: np.ndarray
    complete: bool
    note: str


def reaches(similarity: np.ndarray, threshold: float) -> np.ndarray:
    """(p,) bool: whether a similarity is at least the threshold, in the 32 bits that the ledger keeps of it."""
    return similarity.astype(np.float32) >= np.float32(threshold)
