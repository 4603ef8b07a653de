"""K-center: each new row is the one farthest from all chosen.

Source: Gonzalez 1985; the largest distance to a chosen row is at most twice the smallest possible.
"""

from __future__ import annotations

import numpy as np

from curate.select.pool import MethodContext, Picks, Pool

ACTIVE = 2048


def order(pool: Pool, size: int, _context: MethodContext) -> Picks:
    """The row nearest the pool's mean, then always the one farthest from all chosen, by cosine; quality is ignored."""
    assert pool.vectors is not None
    chosen, distances = greedy(pool.vectors, size)
    why = [f"distance {distance:.3f} from the nearest row chosen before" for distance in distances.tolist()]
    why[:1] = ["nearest the middle of the pool"]
    return Picks(chosen, distances, why)


def greedy(vectors: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """(positions, cosine distances at their turn); the first row's distance counts as 2, the largest there is.

    Distances to the chosen rows only fall, so that a row can be the farthest only while its old distance is above the
    largest new one: new distances are kept for the farthest rows alone until that fails, and then made for all at once.

    Args:
        vectors: (n, d) float32 of unit length; of rows equally far the first is chosen first.
        size: how many rows to choose.
    """
    n = len(vectors)
    size = min(size, n)
    chosen = [int((vectors @ vectors.mean(axis=0)).argmax())] if size else []
    distances = [2.0][:size]
    near = np.full(n, -np.inf, np.float32)  # largest cosine with a chosen row
    known = 0  # chosen rows that `near` knows of
    while len(chosen) < size:
        for start in range(known, len(chosen), 256):
            centres = vectors[chosen[start : start + 256]]
            for at in range(0, n, 8192):
                part = near[at : at + 8192]
                np.maximum(part, (vectors[at : at + 8192] @ centres.T).max(axis=1), out=part)
        near[chosen] = np.inf
        known = len(chosen)
        # Rows as far as the last of these are active too, so that all others are nearer than any active one.
        limit = np.partition(near, ACTIVE)[ACTIVE - 1] if n > ACTIVE else np.inf
        active = np.flatnonzero(near <= limit)
        rest = near[near > limit].min() if len(active) < n else np.inf
        close, rows = near[active], vectors[active]
        while len(chosen) < size and (at := int(close.argmin())) >= 0 and close[at] < rest:
            chosen.append(int(active[at]))
            distances.append(float(1 - close[at]))
            np.maximum(close, rows @ rows[at], out=close)
            close[at] = np.inf
    return np.array(chosen, np.int64), np.array(distances)
