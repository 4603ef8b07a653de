"""Score first, then diversity: the best rows that are not too like a better one.

Source: Liu et al. 2024, DEITA (arXiv 2312.15685), its filter by the nearest chosen row; the threshold of 0.9 is theirs.
"""

from __future__ import annotations

import numpy as np

from curate.select.pool import MethodContext, Picks, Pool
from curate.select.top_score import best_first
from curate.text.counted import counted

BLOCK = 512


def order(pool: Pool, size: int, context: MethodContext) -> Picks:
    """Rows by falling quality, without those whose cosine with a chosen one reaches the threshold.

    If too few are left, the rows passed over follow, by falling quality.
    """
    assert pool.vectors is not None
    threshold = context.options.threshold
    ranked = best_first(pool)
    unlike, alike = spread(pool.vectors[ranked], threshold, size)
    refill = alike[: size - len(unlike)]
    chosen = ranked[np.concatenate([unlike, refill])]
    quality = np.ones(len(chosen)) if pool.quality is None else pool.quality[chosen]
    why = [f"quality {q:.3f}, unlike every better row" for q in quality[: len(unlike)].tolist()]
    why += [f"quality {q:.3f}, like a better row, taken to fill up" for q in quality[len(unlike) :].tolist()]
    note = (
        f"{counted(len(refill), 'row')} to fill up with, of similarity {threshold:g} or more to a better one"
        if len(refill)
        else ""
    )
    return Picks(chosen, quality, why, note)


def spread(vectors: np.ndarray, threshold: float, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows that are unlike all chosen before, until there are enough, and those passed over on the way.

    Args:
        vectors: (n, d) float32 of unit length, in the order in which they are looked at.
        threshold: cosine from which on two rows are alike.
        size: how many rows to choose.

    Returns:
        (unlike, alike): int64 positions, both ascending.
    """
    unlike: list[int] = []
    alike: list[int] = []
    chosen = np.empty((min(size, len(vectors)), vectors.shape[1]), np.float32)
    for start in range(0, len(vectors), BLOCK):
        block = vectors[start : start + BLOCK]
        like = np.zeros(len(block), bool)
        if unlike:
            like = (block @ chosen[: len(unlike)].T).max(axis=1) >= threshold
        within = block @ block.T >= threshold
        for i in range(len(block)):
            if len(unlike) == size:
                return np.array(unlike, np.int64), np.array(alike, np.int64)
            if like[i]:
                alike.append(start + i)
                continue
            chosen[len(unlike)] = block[i]
            unlike.append(start + i)
            like |= within[i]
    return np.array(unlike, np.int64), np.array(alike, np.int64)
