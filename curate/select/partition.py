"""Greedy coverage over pools too large for one run: parts first, then the best of what they chose.

Source: Barbosa, Ene, Nguyen and Ward 2015, RandGreeDi (rows shared out at random; in expectation (1 - 1/e) / 2 of the
best), with the gains of the last round measured on a sample of the rows, whose error falls with the root of its size.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from threadpoolctl import threadpool_limits

from curate.engine.local_engine import LocalEngine
from curate.engine.rows import Workers
from curate.select.greedy_coverage import Greedy, greedy
from curate.text.counted import counted

WHOLE = 65_536  # rows that are ordered in one run
PART = 32_768
COVERED = 50_000  # rows on which the last round measures gains
LEAST = 1024


def greedy_in_parts(
    vectors: np.ndarray, size: int, weights: np.ndarray | None = None, workers: Workers | None = None
) -> tuple[Greedy, str]:
    """The first min(size, n) rows, with gains measured on the sample, and a sentence on how they were ordered.

    Sizes up to the same power of two (from LEAST on) give beginnings of one order.

    Args:
        vectors: (n, d) float32 of unit length, in the order of hashes, so that every p-th row is a random share.
        size: how many rows to order.
        weights: (n,) in [0, 1]; see `greedy_coverage.greedy`.
        workers: where the parts are ordered; this process if None.
    """
    n = len(vectors)
    most = max(LEAST, 1 << (min(size, n) - 1).bit_length())
    count = -(-n // PART)
    parts = list((workers or LocalEngine()).each(_part, range(count), count, most, vectors, weights))
    sample = np.ascontiguousarray(vectors[:: max(1, n // COVERED)])
    union = np.sort(np.concatenate(parts))
    merged = greedy(np.ascontiguousarray(vectors[union]), most, _weights_of(weights, union), sample)
    best = Greedy(union[merged.order], merged.gains, merged.opening)
    value = merged.gains.sum()
    for part in parts:
        gains = gains_of(vectors[part], sample, _weights_of(weights, part))
        if gains.sum() > value:
            best, value = Greedy(part, gains, merged.opening), gains.sum()
    note = (
        f"{counted(n, 'row')} ordered in {count} parts and merged on a sample of {len(sample):,} (RandGreeDi): at "
        "least (1 - 1/e) / 2 of the best coverage in expectation"
    )
    scale = n / len(sample)
    return Greedy(best.order[:size], best.gains[:size] * scale, best.opening), note


def _part(first: int, count: int, most: int, vectors: np.ndarray, weights: np.ndarray | None) -> Iterator[np.ndarray]:
    """The first `most` of every `count`-th row from `first` on, once."""
    members = np.arange(first, len(vectors), count)
    # On several threads sums may round differently, and nothing may depend on where a part is ordered.
    with threadpool_limits(1):
        result = greedy(np.ascontiguousarray(vectors[members]), most, _weights_of(weights, members))
    yield members[result.order]


def gains_of(chosen: np.ndarray, rows: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """(k,) float64: what each chosen row adds to the coverage of `rows` after those before it; its sum is f.

    Args:
        chosen: (k, d) float32 of unit length.
        rows: (m, d) float32 of unit length, what is to be covered.
        weights: (k,) in [0, 1].
    """
    scaled = chosen if weights is None else chosen * weights.astype(np.float32)[:, None]
    gains = np.zeros(len(chosen))
    for start in range(0, len(rows), 4096):
        reached = np.maximum.accumulate(np.maximum(rows[start : start + 4096] @ scaled.T, 0), axis=1)
        gains += np.diff(reached, axis=1, prepend=0).sum(axis=0, dtype=np.float64)
    return gains


def _weights_of(weights: np.ndarray | None, members: np.ndarray) -> np.ndarray | None:
    return None if weights is None else weights[members]
