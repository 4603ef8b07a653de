"""NovelSum greedy: each new row is the one that is newest to those chosen, near ones counting most.

Source: Yang et al. 2025, NovelSelect (arXiv 2502.17184) with its choice of powers: rank power 1, density power 0.5, ten
neighbours.  As in the authors' code a distance counts by the densities of both rows, and the first row, which they draw
at random, is here the one nearest the pool's mean.
"""

from __future__ import annotations

import numpy as np

from curate.select.k_center import middle
from curate.select.pool import MethodContext, Picks, Pool

NEIGHBOURS = 10
POWER = 0.5
EXACT = 64
BLOCK = 1024
FLOOR = 1e-9


def order(pool: Pool, size: int, context: MethodContext) -> Picks:
    """The row of the highest novelty times weight, one after the other; weights are those of `Pool.weights`."""
    assert pool.vectors is not None
    reference = pool.vectors if pool.reference is None else pool.reference
    weights = pool.weights(context.options.trade_off)
    chosen, novelty = greedy(pool.vectors, density(pool.vectors, reference), size, weights)
    why = [f"novelty {value:.3f} to the rows chosen before" for value in novelty.tolist()]
    why[:1] = ["nearest the middle of the pool"]
    return Picks(chosen, novelty, why)


def density(vectors: np.ndarray, reference: np.ndarray, neighbours: int = NEIGHBOURS) -> np.ndarray:
    """(n,) float32: (mean cosine distance to the nearest rows of the reference) ** -POWER.

    Args:
        vectors: (n, d) float32 of unit length.
        reference: (m, d) float32 of unit length; the rows are part of it, so that the nearest one, each row itself, is
            left out.
        neighbours: how many nearest rows the mean is over.
    """
    out = np.empty(len(vectors), np.float32)
    k = min(neighbours + 1, len(reference))
    for start in range(0, len(vectors), BLOCK):
        near = vectors[start : start + BLOCK] @ reference.T
        top = np.sort(np.partition(near, len(reference) - k, axis=1)[:, -k:], axis=1)[:, :-1]
        distance = np.maximum(1 - top, 0).mean(axis=1) if k > 1 else np.ones(len(near))
        out[start : start + len(near)] = (distance + FLOOR) ** -POWER
    return out


def greedy(
    vectors: np.ndarray, density: np.ndarray, size: int, weights: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """(positions, novelties at their turn); of equal rows the first is chosen first.

    The novelty of a row x to the chosen S is the mean over s in S of (density x + density s) (1 - cos(x, s)) / rank,
    rank 1 for the smallest such product.  The EXACT smallest are kept one by one; those beyond, which count little and
    differ little, count by their mean.

    Args:
        vectors: (n, d) float32 of unit length.
        density: (n,) float32, see `density`.
        size: how many rows to choose.
        weights: (n,) in [0, 1] that novelties are multiplied by; all 1 if None.

    Source: Yang et al. 2025 (arXiv 2502.17184).
    """
    n = len(vectors)
    size = min(size, n)
    if not size:
        return np.zeros(0, np.int64), np.zeros(0)
    keep = min(EXACT, size)
    nearest = np.full((keep, n), np.inf, np.float32)  # each column ascends
    beyond = np.zeros(n)  # sum of the products that are not among them
    ranks = (1 / np.arange(1, size + 1)).astype(np.float32)
    chosen = [middle(vectors, weights)]
    novelties = [0.0]
    free = np.ones(n, bool)
    free[chosen] = False
    while len(chosen) < size:
        last = chosen[-1]
        new = (density + density[last]) * np.maximum(1 - vectors @ vectors[last], 0)
        many = len(chosen)
        nearest_so_far = nearest[: min(many, keep)]
        if many > keep:
            beyond += np.maximum(nearest_so_far[-1], new)
        # A newcomer moves each larger one a place on: of itself and the one before, the larger, if that is smaller.
        moved = np.maximum(nearest_so_far[:-1], new)
        np.minimum(nearest_so_far[1:], moved, out=nearest_so_far[1:])
        np.minimum(nearest_so_far[0], new, out=nearest_so_far[0])
        novelty = ranks[: len(nearest_so_far)] @ nearest_so_far
        if many > keep:
            novelty = novelty + beyond / (many - keep) * ranks[keep:many].sum()
        if weights is not None:
            novelty = novelty * weights
        novelty = np.where(free, novelty, -np.inf)
        best = int(novelty.argmax())
        chosen.append(best)
        novelties.append(float(novelty[best]) / many)
        free[best] = False
    return np.array(chosen, np.int64), np.array(novelties)
