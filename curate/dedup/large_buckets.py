"""Buckets of so many texts that not all their pairs can be looked at: compared from the best texts on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from curate.dedup.clusters import stay
from curate.dedup.links import crossed

# Candidates verified at once.
AT_ONCE = 2_000_000
# The best texts of a bucket that are compared with all others in the first turn; in each turn there are twice as many,
# since most texts of a bucket are like its best one and go, or are like none and all have to be compared.
HUBS = 1
MOST_HUBS = 1024
# After these bands it is settled which texts stay so far; the others need not be compared in those that follow.
STAGES = (0, 1, 4, 8, 16)

Verified = tuple[np.ndarray, np.ndarray, np.ndarray]
Judge = Callable[[np.ndarray], Verified]
Bucketed = tuple[np.ndarray, np.ndarray]


class Flags:
    """A bool for each of n texts, eight to a byte."""

    def __init__(self, flags: np.ndarray) -> None:
        self.count = len(flags)
        self.bits = np.packbits(flags)

    def __call__(self) -> np.ndarray:
        """(n,) bool."""
        return np.unpackbits(self.bits, count=self.count).view(bool)


def worked_off(
    large: Sequence[Flags],
    buckets: Callable[[int, np.ndarray], Bucketed],
    found: Verified,
    judge: Judge,
    between: int | None,
) -> Verified:
    """The pairs found, and those of large buckets that it takes to tell which texts stay.

    In the end, any two texts that stay have been compared where they share a bucket.  What is done in one component of
    texts that share buckets does not depend on the others.

    Args:
        large: for each band the texts that are in large buckets, numbered from the best on.
        buckets: of a band, those of some of these texts, as `minhash.buckets`.
        judge: verifies keys of pairs.
        between: where texts are compared with others only, the first so many are compared with all others, whether they
            stay or not.
    """
    n = large[0].count
    stays = np.ones(n, bool) if between is not None else stay(n, found[0], found[1])
    compared = [Flags(np.arange(n) >= (n if between is None else between)) for _ in large]
    returned = np.zeros(n, bool)
    turn, busy = 0, True
    while busy:
        busy = False
        for begin, end in pairwise([*(k for k in STAGES if k < len(large)), len(large)]):
            parts = []
            for band in range(begin, end):
                held = large[band]() & stays
                done = compared[band]()
                is_open = held & ~done
                if not is_open.any():
                    continue
                busy = True
                members, sizes = buckets(band, np.flatnonzero(held))
                hubs = _hubs(is_open[members], sizes, min(HUBS << turn, MOST_HUBS))
                for keys in _crossed(members, sizes, hubs, n, between):
                    parts.append(keys if between is not None else _new(keys, n, done, returned))
                is_open[members] = False  # those left are alone in their buckets
                done |= is_open
                done[members[hubs]] = True
                compared[band] = Flags(done)
            more = [judge(some) for some in cut(union(parts))] if parts else []
            if not any(len(one) for one, _, _ in more):
                continue
            found = joined([found, *more])
            if between is None:
                now = stay(n, found[0], found[1])
                back = now & ~stays
                if back.any():  # what a text went for goes itself
                    compared = [Flags(flags() & ~back) for flags in compared]
                    returned |= back
                stays = now
        turn += 1
    # Pairs may have met in several buckets.
    _, first = np.unique(found[0] * n + found[1], return_index=True)
    return found[0][first], found[1][first], found[2][first]


def _hubs(is_open: np.ndarray, sizes: np.ndarray, most: int) -> np.ndarray:
    """(m,) bool: of each bucket the best open members, `most` of them or as many as make AT_ONCE pairs.

    Args:
        is_open: (m,) bool, bucket by bucket.
        sizes: (b,) of the buckets.
    """
    turn = np.cumsum(is_open)
    first = np.cumsum(sizes) - sizes
    before = (turn - is_open)[first] if len(first) else first
    limit = np.maximum(1, np.minimum(most, AT_ONCE // np.maximum(sizes, 1)))
    return is_open & (turn - np.repeat(before, sizes) <= np.repeat(limit, sizes))


def _crossed(
    members: np.ndarray, sizes: np.ndarray, hubs: np.ndarray, n: int, between: int | None
) -> Iterator[np.ndarray]:
    """Keys of the pairs of each hub with each other member of its bucket, each once, about AT_ONCE at a time."""
    first = np.cumsum(sizes) - sizes
    counts = np.add.reduceat(hubs, first, dtype=np.int64) if len(first) else sizes
    made = np.cumsum(counts * sizes)
    low = 0
    while low < len(sizes):
        before = int(made[low - 1]) if low else 0
        high = max(low + 1, int(np.searchsorted(made, before + AT_ONCE)))
        here = slice(first[low], first[high - 1] + sizes[high - 1])
        some = members[here].astype(np.int64)
        groups = np.arange(high - low)
        both = np.concatenate([counts[low:high], sizes[low:high]])
        _, one, other = crossed(np.concatenate([some[hubs[here]], some]), both, groups, groups + len(groups))
        better, worse = np.minimum(one, other), np.maximum(one, other)
        wanted = better != worse if between is None else (better < between) & (worse >= between)
        yield union([better[wanted] * n + worse[wanted]])
        low = high


def _new(keys: np.ndarray, n: int, compared: np.ndarray, returned: np.ndarray) -> np.ndarray:
    """The keys of pairs that have not been compared: what was compared was so with all that stayed then."""
    one, other = keys // n, keys % n
    return keys[~((compared[one] & ~returned[other]) | (compared[other] & ~returned[one]))]


def union(parts: list[np.ndarray]) -> np.ndarray:
    """The keys of all parts, ascending and each once."""
    keys = np.concatenate(parts)
    parts.clear()  # memory is not held twice
    keys.sort()
    new = np.ones(len(keys), bool)
    new[1:] = keys[1:] != keys[:-1]
    return keys[new]


def cut(keys: np.ndarray) -> Iterator[np.ndarray]:
    """The keys in parts that are looked at at once."""
    return (keys[i : i + AT_ONCE] for i in range(0, len(keys), AT_ONCE))


def joined(parts: list[Verified]) -> Verified:
    """The pairs of all parts."""
    none = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    one, other, similar = (np.concatenate(column) for column in zip(none, *parts, strict=True))
    return one, other, similar
