"""MinHash signatures, and the pairs of texts that share a band of them (locality-sensitive hashing).

Broder 1997 for MinHash; Li, Owen and Zhang 2012 for one pass instead of one a slot; Shrivastava 2017, Optimal
Densification for Fast and Accurate Minwise Hashing, for empty slots; Leskovec, Rajaraman and Ullman, Mining of Massive
Datasets, chapter 3, for bands.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from curate.dedup.kept import empty
from curate.dedup.shingles import BITS, Shingles

SLOTS = 128
SEED = 42
RECALL = 0.995
ROWS_AT_ONCE = 1024
# Of a group that would make too many pairs, only these many rows are paired with all others.
HUBS = 64


class Bands(NamedTuple):
    """How a signature is cut: `bands` bands of `rows` slots each."""

    bands: int
    rows: int

    def recall(self, similarity: float) -> float:
        """Chance that two texts of this Jaccard similarity share a band."""
        return 1 - (1 - similarity**self.rows) ** self.bands


def bands_for(threshold: float) -> Bands:
    """The longest bands, so the fewest candidates, that find a pair at the threshold with a chance of RECALL.

    Pairs above the threshold are found more often than that.
    """
    for rows in range(SLOTS, 1, -1):
        bands = Bands(SLOTS // rows, rows)
        if bands.recall(threshold) >= RECALL:
            return bands
    return Bands(SLOTS, 1)


def signatures(sets: Shingles, texts: np.ndarray) -> np.ndarray:
    """(t, SLOTS) uint16 signatures of these texts.

    The space of hashes is cut into SLOTS bins, and a slot holds the least hash of its bin: one pass over a set instead
    of SLOTS.  Sets are ascending, so the least of a bin is the first.  A slot whose bin is empty takes what another bin
    has, the first one filled in an order of its own, which is the same for all texts; so two texts agree in a slot with
    a chance that is their similarity.

    Args:
        texts: (t,) numbers of texts whose sets are not empty.
    """
    place = np.full(len(sets.sizes), -1, np.int64)
    place[texts] = np.arange(len(texts))
    result = empty((len(texts), SLOTS), np.uint16)
    lying = np.argsort(sets.starts, kind="stable")  # one after the other in memory
    lying = lying[sets.sizes[lying] > 0]

    def sign(some: np.ndarray) -> None:
        signed = _filled(*_binned(sets, some))
        wanted = place[some] >= 0
        result[place[some[wanted]]] = signed[wanted]

    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
        list(pool.map(sign, (lying[i : i + ROWS_AT_ONCE] for i in range(0, len(lying), ROWS_AT_ONCE))))
    return result


def _binned(sets: Shingles, texts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(t, SLOTS) uint16, the end of the least hash in each bin, and (t, SLOTS) bool, whether it has any.

    Args:
        texts: (t,) texts that lie one after the other in memory.
    """
    begin = sets.starts[texts[0]]
    hashes = sets.hashes[begin : begin + sets.sizes[texts].sum()]
    row = np.repeat(np.arange(len(texts)) * SLOTS, sets.sizes[texts])
    slot = row + (hashes >> np.uint64(BITS - SLOTS.bit_length() + 1)).view(np.int64)
    first = np.flatnonzero(np.append(True, slot[1:] != slot[:-1]))
    slot = slot[first]
    ends, has = np.zeros(len(texts) * SLOTS, np.uint16), np.zeros(len(texts) * SLOTS, bool)
    # The high bits say the bin and are low for the least, so the low ones tell hashes apart.
    ends[slot], has[slot] = hashes[first].astype(np.uint16), True
    return ends.reshape(-1, SLOTS), has.reshape(-1, SLOTS)


def _filled(ends: np.ndarray, has: np.ndarray) -> np.ndarray:
    """The signatures with what other bins have in the empty slots.  Each row has at least one bin that is not empty."""
    flat, full = ends.ravel(), has.ravel()
    empty = np.flatnonzero(~full)
    slot = empty % SLOTS
    for others in _orders():
        if not len(empty):
            break
        other = empty + others[slot]
        found = full[other]
        flat[empty[found]] = flat[other[found]]
        empty, slot = empty[~found], slot[~found]
    return ends


@lru_cache
def _orders() -> np.ndarray:
    """(SLOTS, SLOTS): how far from each slot the bin is that it looks at, turn by turn."""
    random = np.random.default_rng(SEED)
    return np.array([random.permutation(SLOTS) for _ in range(SLOTS)]).T - np.arange(SLOTS)


def band_keys(signed: np.ndarray, bands: Bands, band: int, texts: np.ndarray | None = None) -> np.ndarray:
    """(n,) uint64 hashes of one band of the signatures, (t, SLOTS), or of those of some texts, (n,)."""
    key = np.zeros(len(signed) if texts is None else len(texts), np.uint64)
    for slot in range(band * bands.rows, (band + 1) * bands.rows):
        key = (key ^ (signed[:, slot] if texts is None else signed[texts, slot])) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    return key


def buckets(keys: np.ndarray, texts: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Texts that share a band: (m,) int32 texts, bucket by bucket and ascending in each, and (b,) bucket sizes.

    Buckets of one are left out.

    Args:
        keys: (n,) uint64 of the band, of which the last 64 - `bits` bits count.
        texts: (n,) numbers below 2^bits.
    """
    # Number and key in one, since sorting is much faster than sorting positions; what is left of the key is enough to
    # tell bands apart, and candidates are verified.
    shift = np.uint64(bits)
    packed = np.sort((keys << shift) | texts.astype(np.uint64))
    begins = np.flatnonzero(np.append(True, (packed[1:] ^ packed[:-1]) >> shift != 0)[: len(packed)])
    sizes = np.diff(np.append(begins, len(packed)))
    members = packed[np.repeat(sizes > 1, sizes)] & ((np.uint64(1) << shift) - np.uint64(1))
    return members.astype(np.int32), sizes[sizes > 1]


def agreeing(signed: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(p,) in how many slots the signatures one[i] and other[i] agree.

    Args:
        signed: (n, SLOTS).
    """
    same = (signed[one] == signed[other]).view(np.uint64).sum(axis=1)
    return (same * np.uint64(0x0101010101010101)) >> np.uint64(56)  # the eight bytes of each sum, added


def groups(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of equal keys together: (m,) int64 positions and (g,) sizes, for the keys that occur at least twice.

    Args:
        keys: (n,) numbers, or (n, k) rows of them. Positions ascend in a group.
    """
    rows = keys.reshape(len(keys), -1 if len(keys) else 1)
    order = np.argsort(keys, kind="stable") if keys.ndim == 1 else np.lexsort(rows.T)
    ordered = rows[order]
    begins = np.flatnonzero(np.append(True, (ordered[1:] != ordered[:-1]).any(axis=1))) if len(rows) else order
    sizes = np.diff(np.append(begins, len(rows)))
    return order[np.repeat(sizes > 1, sizes)], sizes[sizes > 1]


def pairs_within(members: np.ndarray, sizes: np.ndarray, hubs: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of members of the same group, the earlier one first: two (p,) arrays.

    Args:
        members: (m,) group by group.
        sizes: (g,) sizes of the groups.
        hubs: pairs of the first so many members of a group with all others only.
    """
    place = np.arange(len(members)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    after = np.repeat(sizes, sizes) - 1 - place
    if hubs is not None:
        after[place >= hubs] = 0
    left = np.repeat(np.arange(len(members)), after)
    right = left + 1 + np.arange(len(left)) - np.repeat(np.cumsum(after) - after, after)
    return members[left], members[right]
