"""Buckets of so many texts that not all their pairs can be looked at: compared from the best texts on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from curate.dedup.graph import representatives
from curate.dedup.grouping import pairs_between

# Candidates verified at once.
AT_ONCE = 2_000_000
# The best texts of a bucket that are compared with all others in the first turn; in each turn there are twice as many,
# since most texts of a bucket are like its best one and dropped, or are like none and all have to be compared.
HUBS = 1
MOST_HUBS = 1024
# After these bands it is decided which texts are kept so far; the others need not be compared in those that follow.
STAGES = (0, 1, 4, 8, 16)

# (better (p,), worse (p,), similarity (p,)).
VerifiedPairs = tuple[np.ndarray, np.ndarray, np.ndarray]
# Verifies keys of pairs: better text times the number of texts, plus the worse one.
Verify = Callable[[np.ndarray], VerifiedPairs]
# (members (m,), sizes (b,)), see `minhash.buckets`.
Buckets = tuple[np.ndarray, np.ndarray]


class BitFlags:
    """A bool for each of n texts, eight to a byte.

    Attributes:
        count: n.
    """

    def __init__(self, flags: np.ndarray) -> None:
        self.count = len(flags)
        self._bits = np.packbits(flags)

    def array(self) -> np.ndarray:
        """(n,) bool."""
        return np.unpackbits(self._bits, count=self.count).view(bool)

    def any(self) -> bool:
        """Whether any of them is true."""
        return bool(self._bits.any())


def compare_large_buckets(
    large: Sequence[BitFlags],
    buckets: Callable[[int, np.ndarray], Buckets],
    pairs: VerifiedPairs,
    verify: Verify,
    between: int | None,
) -> VerifiedPairs:
    """The pairs so far, and those of large buckets that it takes to tell which texts are kept.

    In the end, any two texts that are kept have been compared where they share a bucket.  What is done in one component
    of texts that share buckets does not depend on the others.

    Args:
        large: for each band the texts that are in large buckets, numbered from the best on.
        buckets: of a band, those of some of these texts, as `minhash.buckets`.
        pairs: verified so far, in the other buckets.
        verify: see `Verify`.
        between: where texts are compared with others only, the first so many are compared with all others, whether they
            are kept or not.
    """
    n = large[0].count
    is_kept = np.ones(n, bool) if between is not None else representatives(n, pairs[0], pairs[1])
    compared = [BitFlags(np.arange(n) >= (n if between is None else between)) for _ in large]
    returned = np.zeros(n, bool)
    turn, busy = 0, True
    while busy:
        busy = False
        for begin, end in pairwise([*(k for k in STAGES if k < len(large)), len(large)]):
            candidates = []
            for band in range(begin, end):
                waiting = large[band].array() & is_kept
                done = compared[band].array()
                is_open = waiting & ~done
                if not is_open.any():
                    continue
                busy = True
                members, sizes = buckets(band, np.flatnonzero(waiting))
                hubs = _hubs(is_open[members], sizes, min(HUBS << turn, MOST_HUBS))
                for keys in _hub_pairs(members, sizes, hubs, n, between):
                    candidates.append(keys if between is not None else _new(keys, n, done, returned))
                is_open[members] = False  # those that remain open are alone in their buckets
                done |= is_open
                done[members[hubs]] = True
                compared[band] = BitFlags(done)
            more = [verify(keys) for keys in slices(unique_keys(candidates))] if candidates else []
            if not any(len(one) for one, _, _ in more):
                continue
            pairs = concatenate_pairs([pairs, *more])
            if between is None:
                now = representatives(n, pairs[0], pairs[1])
                back = now & ~is_kept
                if back.any():  # what a text was dropped for is dropped itself
                    compared = [BitFlags(flags.array() & ~back) for flags in compared]
                    returned |= back
                is_kept = now
        turn += 1
    # Pairs may have met in several buckets.
    _, first = np.unique(pairs[0] * n + pairs[1], return_index=True)
    return pairs[0][first], pairs[1][first], pairs[2][first]


def _hubs(is_open: np.ndarray, sizes: np.ndarray, most: int) -> np.ndarray:
    """(m,) bool: of each bucket the best open members, `most` of them or as many as make AT_ONCE pairs.

    Args:
        is_open: (m,) bool, bucket by bucket.
        sizes: (b,) of the buckets.
        most: how many of each.
    """
    turn = np.cumsum(is_open)
    first = np.cumsum(sizes) - sizes
    before = (turn - is_open)[first] if len(first) else first
    limit = np.maximum(1, np.minimum(most, AT_ONCE // np.maximum(sizes, 1)))
    return is_open & (turn - np.repeat(before, sizes) <= np.repeat(limit, sizes))


def _hub_pairs(
    members: np.ndarray, sizes: np.ndarray, hubs: np.ndarray, n: int, between: int | None
) -> Iterator[np.ndarray]:
    """Keys of the pairs of each hub with each other member of its bucket, each once, about AT_ONCE at a time."""
    first = np.cumsum(sizes) - sizes
    counts = np.add.reduceat(hubs, first, dtype=np.int64) if len(first) else sizes
    upto = np.cumsum(counts * sizes)
    low = 0
    while low < len(sizes):
        before = int(upto[low - 1]) if low else 0
        high = max(low + 1, int(np.searchsorted(upto, before + AT_ONCE)))
        here = slice(first[low], first[high - 1] + sizes[high - 1])
        block = members[here].astype(np.int64)
        groups = np.arange(high - low)
        both = np.concatenate([counts[low:high], sizes[low:high]])
        _, one, other = pairs_between(np.concatenate([block[hubs[here]], block]), both, groups, groups + len(groups))
        better, worse = np.minimum(one, other), np.maximum(one, other)
        wanted = better != worse if between is None else (better < between) & (worse >= between)
        yield unique_keys([better[wanted] * n + worse[wanted]])
        low = high


def _new(keys: np.ndarray, n: int, compared: np.ndarray, returned: np.ndarray) -> np.ndarray:
    """The keys of pairs that have not been compared: what was compared was so with all that were kept then."""
    one, other = keys // n, keys % n
    return keys[~((compared[one] & ~returned[other]) | (compared[other] & ~returned[one]))]


def unique_keys(parts: list[np.ndarray]) -> np.ndarray:
    """The keys of all parts, ascending and each once."""
    keys = np.concatenate(parts)
    parts.clear()  # memory is not held twice
    keys.sort()
    new = np.ones(len(keys), bool)
    new[1:] = keys[1:] != keys[:-1]
    return keys[new]


def slices(keys: np.ndarray) -> Iterator[np.ndarray]:
    """The keys, AT_ONCE at a time."""
    return (keys[i : i + AT_ONCE] for i in range(0, len(keys), AT_ONCE))


def concatenate_pairs(parts: list[VerifiedPairs]) -> VerifiedPairs:
    """The pairs of all parts."""
    none = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    better, worse, similarity = (np.concatenate(column) for column in zip(none, *parts, strict=True))
    return better, worse, similarity
