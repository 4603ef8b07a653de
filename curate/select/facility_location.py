"""Facility location: rows that stand for all others, each new one adding the most.

f(S) = sum over rows i of max over chosen j of max(0, w_j cos(i, j)), with weights w in [0, 1]; monotone submodular.
Source: Nemhauser, Wolsey and Fisher 1978 (greedy reaches 1 - 1/e of the best), Minoux 1978 (lazy evaluation).

Small pools keep all similarities, and the order is that of plain greedy.  In larger ones the first rows, the opening,
are chosen by their gains on a sample of the rows; then every gain is counted exactly, and since a row's coverage never
falls, only the similarities above it can ever matter again: those few are kept, and the rest of the order is exact.
Whatever the opening of t rows is, the first k rows reach 1 - exp(-(k - t) / k) of the best k, for
OPT - f falls by a factor of 1 - 1/k with each exact step.
"""

from __future__ import annotations

import heapq
import math
from typing import NamedTuple

import numpy as np

from curate.select.pool import Picks, Pool, Settings

DENSE = 8192  # rows up to which all similarities are kept: 256 MB
SAMPLE = 2048  # rows on which the gains of the opening are measured
OPENING = 32
ENTRIES = 80_000_000  # similarities kept after the opening, of eight bytes each
BLOCK = 256


def order(pool: Pool, size: int, settings: Settings) -> Picks:
    """The rows that raise f the most, one after the other; a row of quality q has the weight 1 - t + t q.

    t: `settings.trade_off`.  0 is coverage alone; at 1 a row counts for what it covers times its quality.
    Pools above partition.WHOLE rows are ordered in parts; see `curate.select.partition`.
    """
    from curate.select import partition

    assert pool.vectors is not None
    t = settings.trade_off if pool.quality is not None else 0
    weights = None if pool.quality is None or not t else 1 - t + t * pool.quality
    n = len(pool.vectors)
    if n > partition.WHOLE:
        found, note = partition.greedy_in_parts(pool.vectors, size, weights)
    else:
        found = greedy(pool.vectors, size, weights)
        note = _guarantee(found) if len(found.order) > 1 else ""
    why = [f"adds {gain / n:.2e} to the pool's mean coverage" for gain in found.gains.tolist()]
    return Picks(found.order, found.gains / n, why, note)


def _guarantee(found: Greedy) -> str:
    """How near the best possible coverage the order is known to come, in words."""
    k, t = len(found.order), found.opening
    if not t:
        return "coverage: greedy on all similarities, at least 1 - 1/e = 0.632 of the best"
    least = 1 - math.exp(-(k - t) / k)
    return f"coverage: {t} rows by a sample, then exact greedy, at least {least:.3f} of the best"


class Greedy(NamedTuple):
    """order: (k,) int64 positions of the candidates, best first.  gains: (k,) float64, what each added to f.

    opening: how many of them were chosen by a sample.
    """

    order: np.ndarray
    gains: np.ndarray
    opening: int


def greedy(vectors: np.ndarray, size: int, weights: np.ndarray | None = None, rows: np.ndarray | None = None) -> Greedy:
    """The first min(size, n) candidates by greedy; of equal ones the first in `vectors` goes first.

    vectors: (n, d) float32 of unit length, the candidates.  weights: (n,) in [0, 1]; all 1 if None.
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
    _sparse(candidates, rows, covered, order, gains, size)
    return Greedy(np.array(order, np.int64), np.array(gains), opening)


def _dense(near: np.ndarray, size: int, enough: float | None) -> tuple[list[int], list[float]]:
    """Greedy on (n, m) similarities: chosen candidates and their gains.

    enough: stop after the opening as soon as this share of the similarities, or less, is above what is covered.
    """
    covered = np.zeros(near.shape[1], np.float32)
    upper = np.concatenate([_gains(near[at : at + BLOCK], covered) for at in range(0, len(near), BLOCK)])
    seen = np.zeros(len(near), np.int64)  # with how many rows chosen a gain was counted
    some = near[:: max(1, len(near) // SAMPLE)]
    order: list[int] = []
    gains: list[float] = []
    while len(order) < size:
        if enough is not None and len(order) >= OPENING and float((some > covered).mean()) <= enough:
            break
        batch = 8
        # A gain never grows, so that a row whose old gain is below another's new one need not be looked at.
        while seen[best := int(upper.argmax())] < len(order):
            stale = np.flatnonzero((seen < len(order)) & (upper >= 0))
            if len(stale) > batch:
                stale = stale[np.argpartition(-upper[stale], batch - 1)[:batch]]
            for at in range(0, len(stale), BLOCK):
                part = stale[at : at + BLOCK]
                upper[part] = _gains(near[part], covered)
            seen[stale] = len(order)
            batch *= 4
        order.append(best)
        gains.append(float(upper[best]))
        upper[best] = -1
        covered = np.maximum(covered, near[best])
    return order, gains


def _gains(near: np.ndarray, covered: np.ndarray) -> np.ndarray:
    return np.maximum(near - covered, 0).sum(axis=1, dtype=np.float64)


def _sparse(
    candidates: np.ndarray, rows: np.ndarray, covered: np.ndarray, order: list[int], gains: list[float], size: int
) -> None:
    """Lengthens an order to `size` by exact lazy greedy; `covered` is what it covers, and grows."""
    taken = set(order)
    heap: list[tuple[float, int, int]] = []
    where: list[np.ndarray] = []
    near: list[np.ndarray] = []
    similar = np.empty((BLOCK, len(rows)), np.float32)
    for start in range(0, len(candidates), BLOCK):
        block = candidates[start : start + BLOCK]
        np.matmul(block, rows.T, out=similar[: len(block)])
        for i, line in enumerate(similar[: len(block)], start):
            places = np.flatnonzero(line > covered).astype(np.int32)
            values = line[places]
            where.append(places)
            near.append(values)
            if i not in taken:
                heap.append((-_excess(values, covered[places]), i, len(order)))
    heapq.heapify(heap)
    while len(order) < size:
        gain, i, seen = heapq.heappop(heap)
        places, values = where[i], near[i]
        below = covered[places]
        if seen < len(order):
            still = values > below
            if 2 * np.count_nonzero(still) < len(still):  # entries that have been covered meanwhile never matter again
                places, values, below = places[still], values[still], below[still]
                where[i], near[i] = places, values
            gain = -_excess(values, below)
            if heap and (gain, i) > heap[0][:2]:
                heapq.heappush(heap, (gain, i, len(order)))
                continue
        order.append(i)
        gains.append(-gain)
        covered[places] = np.maximum(values, below)


def _excess(values: np.ndarray, below: np.ndarray) -> float:
    return float(np.maximum(values - below, 0).sum(dtype=np.float64))
