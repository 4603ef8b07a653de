"""Score first, then diversity: the best rows that are not too like a better one.

Source: Liu et al. 2024, DEITA (arXiv 2312.15685), its filter by the nearest chosen row; the threshold of 0.9 is theirs.
"""

from __future__ import annotations

import numpy as np

from curate.select.pool import MethodContext, Picks, Pool
from curate.select.top_score import best_first

BLOCK = 512


def order(pool: Pool, size: int, context: MethodContext) -> Picks:
    """Rows by falling quality, without those whose cosine with a chosen one reaches the threshold.

    If too few are left, the rows passed over follow, by falling quality.
    """
    assert pool.vectors is not None
    threshold = context.options.threshold
    ranked = best_first(pool)
    taken, passed = spread(pool.vectors[ranked], threshold, size)
    refill = passed[: size - len(taken)]
    chosen = ranked[np.concatenate([taken, refill])]
    quality = np.ones(len(chosen)) if pool.quality is None else pool.quality[chosen]
    why = [f"quality {q:.3f}, unlike every better row" for q in quality[: len(taken)].tolist()]
    why += [f"quality {q:.3f}, like a better row, taken to fill up" for q in quality[len(taken) :].tolist()]
    note = f"{len(refill):,} rows reach similarity {threshold:g} to a better one and fill up" if len(refill) else ""
    return Picks(chosen, quality, why, note)


def spread(vectors: np.ndarray, threshold: float, size: int) -> tuple[np.ndarray, np.ndarray]:
    """(taken, passed over): positions of the first rows that are unlike all taken before, until there are `size`.

    Args:
        vectors: (n, d) float32 of unit length, in the order in which they are looked at; both lists ascend.
        threshold: cosine from which on two rows are alike.
        size: how many rows to take.
    """
    taken: list[int] = []
    passed: list[int] = []
    kept = np.empty((min(size, len(vectors)), vectors.shape[1]), np.float32)
    for start in range(0, len(vectors), BLOCK):
        block = vectors[start : start + BLOCK]
        like = np.zeros(len(block), bool)
        if taken:
            like = (block @ kept[: len(taken)].T).max(axis=1) >= threshold
        within = block @ block.T >= threshold
        for i in range(len(block)):
            if len(taken) == size:
                return np.array(taken, np.int64), np.array(passed, np.int64)
            if like[i]:
                passed.append(start + i)
                continue
            kept[len(taken)] = block[i]
            taken.append(start + i)
            like |= within[i]
    return np.array(taken, np.int64), np.array(passed, np.int64)
