"""K-center: each new row is the one farthest from all chosen, its distance times its weight.

Source: Gonzalez 1985; without weights the largest distance to a chosen row is at most twice the smallest possible.
"""

from __future__ import annotations

import numpy as np

from curate.select.pool import MethodContext, Picks, Pool

ACTIVE = 2048


def order(pool: Pool, size: int, context: MethodContext) -> Picks:
    """The row nearest the pool's mean, then always the one farthest from all chosen, by cosine distance times weight.

    Weights are those of `Pool.weights`.
    """
    assert pool.vectors is not None
    weights = pool.weights(context.options.trade_off)
    chosen, distances = greedy(pool.vectors, size, weights)
    times = "" if weights is None else " times weight"
    why = [f"distance{times} {distance:.3f} from the nearest row chosen before" for distance in distances.tolist()]
    why[:1] = ["nearest the middle of the pool"]
    return Picks(chosen, distances, why)


def middle(vectors: np.ndarray, weights: np.ndarray | None = None) -> int:
    """The row nearest the mean of all, its nearness times its weight.

    Args:
        vectors: (n, d) float32 of unit length.
        weights: (n,) in [0, 1]; all 1 if None.
    """
    near = vectors @ vectors.mean(axis=0)
    return int((near if weights is None else (1 + near) * weights).argmax())


def greedy(vectors: np.ndarray, size: int, weights: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """(positions, cosine distances times weights at their turn); the first row's distance counts as 2, the largest.

    Distances to the chosen rows only fall, so that a row can be the farthest only while its old distance is above the
    largest new one: new distances are kept for the farthest rows alone until that fails, and then made for all at once.

    Args:
        vectors: (n, d) float32 of unit length; of rows equally far the first is chosen first.
        size: how many rows to choose.
        weights: (n,) in [0, 1]; all 1 if None.
    """
    n = len(vectors)
    size = min(size, n)
    scale = np.ones(n, np.float32) if weights is None else weights.astype(np.float32)
    chosen = [middle(vectors, weights)] if size else []
    distances = [2.0 * float(scale[i]) for i in chosen]
    near = np.full(n, -np.inf, np.float32)  # largest cosine with a chosen row
    known = 0  # chosen rows that `near` knows of
    while len(chosen) < size:
        for start in range(known, len(chosen), 256):
            centres = vectors[chosen[start : start + 256]]
            for at in range(0, n, 8192):
                part = near[at : at + 8192]
                np.maximum(part, (vectors[at : at + 8192] @ centres.T).max(axis=1), out=part)
        known = len(chosen)
        far = (1 - near) * scale
        far[chosen] = -np.inf
        # Rows as far as the last of these are active too, so that all others are nearer than any active one.
        limit = np.partition(far, n - ACTIVE)[n - ACTIVE] if n > ACTIVE else -np.inf
        active = np.flatnonzero(far >= limit)
        rest = far[far < limit].max() if len(active) < n else -np.inf
        apart, rows, own = far[active], vectors[active], scale[active]
        while len(chosen) < size and (at := int(apart.argmax())) >= 0 and apart[at] > rest:
            chosen.append(int(active[at]))
            distances.append(float(apart[at]))
            np.minimum(apart, (1 - rows @ rows[at]) * own, out=apart)
            apart[at] = -np.inf
    return np.array(chosen, np.int64), np.array(distances)
