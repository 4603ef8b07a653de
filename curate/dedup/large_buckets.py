"""Buckets of so many texts that not all their pairs can be looked at: compared from the best texts on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from curate.dedup.clusters import stay
from curate.dedup.links import crossed
from curate.dedup.minhash import HUBS

# Candidates verified at once.
AT_ONCE = 2_000_000

Verified = tuple[np.ndarray, np.ndarray, np.ndarray]
Judge = Callable[[np.ndarray], Verified]


def worked_off(n: int, large: list[np.ndarray], found: Verified, judge: Judge, between: int | None) -> Verified:
    """The pairs found, and those of large buckets that it takes to tell which texts stay.

    large: texts of each bucket, the best first.  Where texts are compared with others only, the first `between` ones
    are compared with all others, whether they stay or not.
    """
    every = Buckets(np.concatenate(large), np.repeat(np.arange(len(large), dtype=np.int32), list(map(len, large))))
    count = len(large)
    large.clear()
    some = every
    stays = stay(n, found[0], found[1]) if between is None else np.ones(n, bool)
    compared = np.zeros(n, bool) if between is None else np.arange(n) >= between
    left_out = np.zeros(n, bool)
    while True:
        if (left_out & stays).any():  # a text stays after all, since the one it went for goes itself
            some = every
        some = some.where(stays[some.member])
        left_out = ~stays
        is_open = ~compared[some.member]
        some = some.where(np.bincount(some.bucket[is_open], minlength=count)[some.bucket] > 0)
        hubs = _hubs(some, compared)
        if not hubs.any():
            break
        for part in _parts(some, hubs):
            keys = _crossed(part, hubs, stays, n)
            if between is not None:
                keys = keys[(keys // n < between) & (keys % n >= between)]
            found = joined([found, *(judge(part) for part in cut(union([keys])))])
            stays = stay(n, found[0], found[1]) if between is None else stays
        compared = (compared | hubs) & stays
    # Pairs may have met in several buckets.
    _, first = np.unique(found[0] * n + found[1], return_index=True)
    return found[0][first], found[1][first], found[2][first]


class Buckets(NamedTuple):
    """Texts of several buckets, bucket by bucket, and the number of the bucket of each: two (m,) int32."""

    member: np.ndarray
    bucket: np.ndarray

    def where(self, chosen: np.ndarray) -> Buckets:
        """Those for which `chosen`, (m,) bool, holds."""
        return Buckets(self.member[chosen], self.bucket[chosen])

    def begins(self) -> np.ndarray:
        """(b,) where each bucket begins."""
        return np.flatnonzero(np.append(True, self.bucket[1:] != self.bucket[:-1])[: len(self.bucket)])


def _hubs(some: Buckets, compared: np.ndarray) -> np.ndarray:
    """(n,) bool: the best texts of each bucket that have not been compared, HUBS of each."""
    hubs = np.zeros(len(compared), bool)
    is_open = ~compared[some.member]
    turn = np.cumsum(is_open, dtype=np.int32)
    begins = some.begins()
    turn -= np.repeat((turn - is_open)[begins], np.diff(np.append(begins, len(turn))))
    hubs[some.member[is_open & (turn <= HUBS)]] = True
    return hubs


def _parts(some: Buckets, hubs: np.ndarray) -> Iterator[Buckets]:
    """The buckets in parts that make about AT_ONCE pairs each."""
    begins = some.begins()
    sizes = np.diff(np.append(begins, len(some.member)))
    made = np.cumsum(np.add.reduceat(hubs[some.member], begins, dtype=np.int64) * sizes) if len(begins) else begins
    low = 0
    while low < len(begins):
        before = int(made[low - 1]) if low else 0
        high = max(low + 1, int(np.searchsorted(made, before + AT_ONCE)))
        end = int(begins[high]) if high < len(begins) else len(some.member)
        yield Buckets(some.member[begins[low] : end], some.bucket[begins[low] : end])
        low = high


def _crossed(part: Buckets, hubs: np.ndarray, stays: np.ndarray, n: int) -> np.ndarray:
    """Keys of the pairs of each hub with each text that stays, in each bucket."""
    here = part.where(stays[part.member])
    begins = here.begins()
    sizes = np.diff(np.append(begins, len(here.member)))
    is_hub = hubs[here.member]
    counts = np.add.reduceat(is_hub, begins, dtype=np.int64) if len(begins) else sizes
    groups_of = np.arange(len(begins))
    members = np.concatenate([here.member[is_hub], here.member]).astype(np.int64)
    _, one, other = crossed(members, np.concatenate([counts, sizes]), groups_of, groups_of + len(begins))
    apart = one != other
    one, other = one[apart], other[apart]
    return np.minimum(one, other) * n + np.maximum(one, other)


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
    none = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    one, other, similar = (np.concatenate(column) for column in zip(none, *parts, strict=True))
    return one, other, similar
