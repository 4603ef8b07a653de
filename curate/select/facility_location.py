"""Facility location: rows that stand for all others, each new one adding the most.

Source: Nemhauser, Wolsey and Fisher 1978 (greedy reaches 1 - 1/e of the best), Minoux 1978 (lazy evaluation).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np

BLOCK = 1024


def order(vectors: np.ndarray | None, hashes: Sequence[bytes], size: int, seed: int) -> np.ndarray:
    """(min(size, n),) int64 positions, each the row that raises sum_i max_j max(0, cos(i, j)) the most.

    vectors: (n, d) float32 of unit length.  hashes: n hashes of what the rows say; ties go to the smallest.
    size: how many to order.  seed: not used, the order is determined.
    Memory: n x 1024 similarities at a time to begin with, then one row of n for each evaluation.
    """
    assert vectors is not None
    # In the order of their hashes the rows always come alike, so that rounding and ties do too.
    by_hash = np.array(sorted(range(len(hashes)), key=hashes.__getitem__), np.int64)
    return by_hash[greedy(np.ascontiguousarray(vectors[by_hash]), size)]


def greedy(vectors: np.ndarray, size: int) -> np.ndarray:
    """(min(size, n),) positions by lazy greedy; ties go to the first.  vectors: (n, d), unit length."""
    n = len(vectors)
    covered = np.zeros(n, np.float32)
    # A gain never grows, so that a row whose old gain is below another's new one need not be looked at.
    heap = [(-gain, i, 0) for i, gain in enumerate(_first_gains(vectors))]
    heapq.heapify(heap)
    chosen: list[int] = []
    while heap and len(chosen) < size:
        gain, i, seen = heapq.heappop(heap)
        similar = np.maximum(vectors @ vectors[i], 0)
        if seen < len(chosen):
            gain = -float(np.maximum(similar - covered, 0).sum(dtype=np.float64))
            if heap and (gain, i) > heap[0][:2]:
                heapq.heappush(heap, (gain, i, len(chosen)))
                continue
        chosen.append(i)
        covered = np.maximum(covered, similar)
    return np.array(chosen, np.int64)


def _first_gains(vectors: np.ndarray) -> list[float]:
    gains: list[float] = []
    for start in range(0, len(vectors), BLOCK):
        similar = np.maximum(vectors @ vectors[start : start + BLOCK].T, 0)
        gains.extend(similar.sum(axis=0, dtype=np.float64).tolist())
    return gains
