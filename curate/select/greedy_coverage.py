"""Greedy coverage: the rows that together are most similar to all others, in order, exactly or nearly so.

f(S) = sum over rows i of max over chosen j of max(0, w_j cos(i, j)), with weights w in [0, 1]; monotone submodular.
Source: Nemhauser, Wolsey and Fisher 1978 (greedy reaches 1 - 1/e of the best), Minoux 1978 (lazy evaluation).

Small pools keep all similarities, and the order is that of plain greedy.  In larger ones the first rows, the opening,
are chosen by their gains on a sample of the rows.  Since a row's coverage never falls, only the similarities above it
can ever matter after that: those few are looked for among near rows (see `neighbourhoods`), and the rest of the order
is exact greedy on them.  Whatever the opening of t rows is, the first k rows reach 1 - exp(-(k - t) / k) of the best k
as those similarities count it, for OPT - f falls by a factor of 1 - 1/k with each such step.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np

from curate.select import neighbourhoods

DENSE = 8192  # rows up to which all similarities are kept: 256 MB
SAMPLE = 1024  # rows on which the gains of the opening are measured
OPENING = 32
ENTRIES = 80_000_000  # similarities kept after the opening, of eight bytes each
BLOCK = 256
_NOWHERE = np.zeros(0, np.int32)


class Greedy(NamedTuple):
    """An order of candidates by greedy coverage.

    Attributes:
        order: (k,) int64 positions of the candidates, best first.
        gains: (k,) float64, what each added to f.
        opening: how many of them were chosen by a sample.
        share: in [0, 1], how much of what there was to gain after the opening was counted.
    """

    order: np.ndarray
    gains: np.ndarray
    opening: int
    share: float = 1.0


def greedy(vectors: np.ndarray, size: int, weights: np.ndarray | None = None, rows: np.ndarray | None = None) -> Greedy:
    """The first min(size, n) candidates by greedy; of equal ones the first in `vectors` is chosen first.

    Args:
        vectors: (n, d) float32 of unit length, the candidates.
        size: how many candidates to order.
        weights: (n,) in [0, 1]; all 1 if None.
        rows: (m, d) float32 of unit length, what is to be covered; the candidates themselves if None.
    """
    rows = vectors if rows is None else rows
    candidates = vectors if weights is None else vectors * weights.astype(np.float32)[:, None]
    size = min(size, len(candidates))
    exact = len(candidates) * len(rows) <= DENSE * DENSE
    sample = rows if exact else rows[:: len(rows) // SAMPLE]
    near = candidates @ sample.T
    order, gains = _dense(near, size, None if exact else ENTRIES / len(candidates) / len(rows))
    if exact or len(order) == size:
        return Greedy(np.array(order, np.int64), np.array(gains) * (len(rows) / len(sample)), 0 if exact else size)
    del near
    opening = len(order)
    gains = []
    covered = np.zeros(len(rows), np.float32)
    for i in order:
        after = np.maximum(covered, rows @ candidates[i])
        gains.append(float((after - covered).sum(dtype=np.float64)))
        covered = after
    share = _sparse(candidates, rows, covered, order, gains, size)
    return Greedy(np.array(order, np.int64), np.array(gains), opening, share)


def _dense(near: np.ndarray, size: int, enough: float | None) -> tuple[list[int], list[float]]:
    """Greedy on similarities: chosen candidates and their gains.

    Args:
        near: (n, m) float32 similarities of candidates and rows.
        size: how many candidates to choose.
        enough: stop after the opening as soon as this share of the similarities, or less, is above what is covered.
    """
    covered = np.zeros(near.shape[1], np.float32)
    upper = np.concatenate([_gains(near[at : at + BLOCK], covered) for at in range(0, len(near), BLOCK)])
    measured_at = np.zeros(len(near), np.int64)  # with how many rows chosen a gain was counted
    sample = near[:: max(1, len(near) // SAMPLE)]
    order: list[int] = []
    gains: list[float] = []
    while len(order) < size:
        if enough is not None and len(order) >= OPENING and float((sample > covered).mean()) <= enough:
            break
        batch = 8
        # A gain never grows, so that a row whose old gain is below another's new one need not be looked at.
        while measured_at[best := int(upper.argmax())] < len(order):
            stale = np.flatnonzero((measured_at < len(order)) & (upper >= 0))
            if len(stale) > batch:
                stale = stale[np.argpartition(-upper[stale], batch - 1)[:batch]]
            for at in range(0, len(stale), BLOCK):
                part = stale[at : at + BLOCK]
                upper[part] = _gains(near[part], covered)
            measured_at[stale] = len(order)
            batch *= 4
        order.append(best)
        gains.append(float(upper[best]))
        upper[best] = -1
        covered = np.maximum(covered, near[best])
    return order, gains


def _gains(near: np.ndarray, covered: np.ndarray) -> np.ndarray:
    excess = near - covered
    # Sums of single precision are pairwise, so good to six digits, and twice as fast as those of double.
    return np.maximum(excess, 0, out=excess).sum(axis=1).astype(np.float64)


def _sparse(
    candidates: np.ndarray, rows: np.ndarray, covered: np.ndarray, order: list[int], gains: list[float], size: int
) -> float:
    """Lengthen an order to `size` by lazy greedy, in place; `covered` is what it covers, and grows.

    Returns the share of what there was to gain that was counted.
    """
    heap: list[tuple[float, int, int]] = []
    where: list[np.ndarray] = [_NOWHERE] * len(candidates)
    near: list[np.ndarray] = [_NOWHERE] * len(candidates)
    free = np.ones(len(candidates), bool)
    free[order] = False
    blocks, share = neighbourhoods.near_rows(candidates, rows, covered)
    for members, reach in blocks:
        reached = rows if reach is None else rows[reach]
        below = covered if reach is None else covered[reach]
        for i, line in zip(members.tolist(), candidates[members] @ reached.T, strict=True):
            at = np.flatnonzero(line > below)
            values = line[at]
            where[i] = (at if reach is None else reach[at]).astype(np.int32)
            near[i] = values
            if free[i]:
                heap.append((-_excess(values, below[at]), i, len(order)))
    heapq.heapify(heap)
    while len(order) < size:
        gain, i, seen = heapq.heappop(heap)
        places, values = where[i], near[i]
        under = covered[places]
        if seen < len(order):
            still = values > under
            if 2 * np.count_nonzero(still) < len(still):  # what has been covered meanwhile never matters again
                places, values, under = places[still], values[still], under[still]
                where[i], near[i] = places, values
            gain = -_excess(values, under)
            if heap and (gain, i) > heap[0][:2]:
                heapq.heappush(heap, (gain, i, len(order)))
                continue
        order.append(i)
        gains.append(-gain)
        covered[places] = np.maximum(values, under)
    return share


def _excess(values: np.ndarray, under: np.ndarray) -> float:
    excess = values - under
    return float(np.maximum(excess, 0, out=excess).sum())
