"""Which rows a candidate can still add to, without looking at all pairs: those in clusters near its own.

How many clusters that takes is measured: on a sample of candidates everything there is to gain is counted, and as many
of the nearest clusters are looked at as hold NEAR of it.  (An inverted file, as in Jégou, Douze and Schmid 2011.)
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

NEAR = 0.98
TESTED = 512
FORECAST = 256  # rows spread over the pool, whose coverage is expected when it is asked what there is to gain
BLOCK = 256
ROUNDS = 4
LEAST = 8192  # rows below which all pairs are looked at


def near_rows(
    candidates: np.ndarray, rows: np.ndarray, covered: np.ndarray
) -> tuple[Iterator[tuple[np.ndarray, np.ndarray | None]], float]:
    """Blocks of candidates with the rows to compare them with (None for all), and the share of gains that these hold.

    Args:
        candidates: (n, d) float32.
        rows: (m, d) float32, what is to be covered.
        covered: (m,) float32, how far each row is covered already.
    """
    all_rows = ((np.arange(at, min(at + BLOCK, len(candidates))), None) for at in range(0, len(candidates), BLOCK))
    if len(rows) < LEAST:
        return all_rows, 1.0
    centres = _centres(rows)
    own = _nearest(rows, centres)
    home = own if candidates is rows else _nearest(candidates, centres)
    by_cluster = np.argsort(own, kind="stable")
    starts = np.searchsorted(own[by_cluster], np.arange(len(centres) + 1))
    ranked = np.argsort(-(centres @ centres.T), axis=1, kind="stable")
    forecast = covered.copy()
    spread = candidates[:: max(1, len(candidates) // FORECAST)]
    for at in range(0, len(rows), 8192):
        part = forecast[at : at + 8192]
        np.maximum(part, (rows[at : at + 8192] @ spread.T).max(axis=1), out=part)
    shares = _shares(candidates, rows, forecast, home, by_cluster, starts, ranked)
    count = int(np.searchsorted(shares, NEAR)) + 1
    if 2 * count > len(centres):
        return all_rows, 1.0
    return _near(home, by_cluster, starts, ranked[:, :count]), float(shares[count - 1])


def _near(
    home: np.ndarray, by_cluster: np.ndarray, starts: np.ndarray, ranked: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for cluster, near in enumerate(ranked):
        members = np.flatnonzero(home == cluster)
        if not len(members):
            continue
        reach = np.concatenate([by_cluster[starts[c] : starts[c + 1]] for c in near])
        for at in range(0, len(members), BLOCK):
            yield members[at : at + BLOCK], reach


def _shares(
    candidates: np.ndarray,
    rows: np.ndarray,
    covered: np.ndarray,
    home: np.ndarray,
    by_cluster: np.ndarray,
    starts: np.ndarray,
    ranked: np.ndarray,
) -> np.ndarray:
    """(clusters,) share of all gains of some candidates that lies in the nearest one, two, three... clusters."""
    total = np.zeros(len(ranked))
    tested = np.arange(0, len(candidates), max(1, len(candidates) // TESTED))
    filled = np.flatnonzero(np.diff(starts))
    for at in range(0, len(tested), BLOCK):
        part = tested[at : at + BLOCK]
        excess = candidates[part] @ rows.T
        excess -= covered
        np.maximum(excess, 0, out=excess)
        excess_by_cluster = np.zeros((len(part), len(ranked)))
        excess_by_cluster[:, filled] = np.add.reduceat(excess[:, by_cluster], starts[filled], axis=1)
        total += np.take_along_axis(excess_by_cluster, ranked[home[part]], axis=1).sum(axis=0)
    return np.cumsum(total) / max(float(total.sum()), 1e-12)


def _centres(rows: np.ndarray) -> np.ndarray:
    """(root of m, d) float32 of unit length: k-means by cosine on a sample, a few rounds from rows spread evenly."""
    count = int(len(rows) ** 0.5)
    sample = rows[:: max(1, len(rows) // (40 * count))]
    centres = sample[:: max(1, len(sample) // count)][:count].copy()
    for _ in range(ROUNDS):
        own = _nearest(sample, centres)
        order = np.argsort(own, kind="stable")
        filled, first = np.unique(own[order], return_index=True)
        centres[filled] = np.add.reduceat(sample[order], first, axis=0)
        centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-12)
    return centres


def _nearest(rows: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """(m,) int64: the centre nearest each row."""
    parts = [(rows[at : at + 8192] @ centres.T).argmax(axis=1) for at in range(0, len(rows), 8192)]
    return np.concatenate(parts)
