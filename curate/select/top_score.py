"""The rows of the highest quality."""

from __future__ import annotations

import numpy as np

from curate.select.pool import MethodContext, Picks, Pool


def best_first(pool: Pool) -> np.ndarray:
    """(n,) int64 positions by falling quality; of equal rows the first is chosen first."""
    if pool.quality is None:
        return np.arange(len(pool.hashes))
    return np.argsort(-pool.quality, kind="stable").astype(np.int64)


def order(pool: Pool, size: int, _context: MethodContext) -> Picks:
    """Rows by falling quality."""
    first = best_first(pool)[:size]
    quality = np.zeros(len(first)) if pool.quality is None else pool.quality[first]
    return Picks(first, quality, [f"quality {q:.3f}" for q in quality.tolist()])
