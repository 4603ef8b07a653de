"""MinHash signatures, and the buckets of texts that share a band of them (locality-sensitive hashing).

    slots of a signature (SLOTS = 128, here 8), cut into bands of rows slots each (here 4 bands of 2)

               band 0     band 1     band 2     band 3
    text a   | 17   4 |  9  30 |  2  77 | 51   8 |
    text b   | 17   4 |  9  12 |  2  77 | 40   8 |     same bucket as a in bands 0 and 2: a candidate pair
    text c   | 90   1 |  6  12 |  3  77 | 40   9 |     no band in common with either: never compared

A pair of similarity s shares a given band with a chance of s^rows, and any of them with 1 - (1 - s^rows)^bands.

Source: Broder 1997 for MinHash; Li, Owen and Zhang 2012 for one pass instead of one a slot; Shrivastava 2017, Optimal
Densification for Fast and Accurate Minwise Hashing, for empty slots; Leskovec, Rajaraman and Ullman, Mining of Massive
Datasets, chapter 3, for bands.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from curate.dedup.disk_array import empty_array
from curate.dedup.shingles import BITS, Shingles

SLOTS = 128
SEED = 42
RECALL = 0.995
ROWS_AT_ONCE = 1024


class Bands(NamedTuple):
    """How a signature is cut.

    Attributes:
        bands: how many there are.
        rows: slots of each.
    """

    bands: int
    rows: int

    def recall(self, similarity: float) -> float:
        """Chance that two texts of this Jaccard similarity share a band."""
        return 1 - (1 - similarity**self.rows) ** self.bands


def bands_for(threshold: float) -> Bands:
    """The longest bands, so the fewest candidates, that find a pair at the threshold with a chance of RECALL.

    Pairs above the threshold are found more often than that.

    Args:
        threshold: Jaccard similarity in (0, 1].
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
        sets: of all texts.
        texts: (t,) numbers of texts whose sets are not empty.
    """
    place = np.full(len(sets.sizes), -1, np.int64)
    place[texts] = np.arange(len(texts))
    result = empty_array((len(texts), SLOTS), np.uint16)
    in_memory = np.argsort(sets.starts, kind="stable")  # texts that lie one after the other
    in_memory = in_memory[sets.sizes[in_memory] > 0]

    def sign(block: np.ndarray) -> None:
        signed = _densified(*_binned(sets, block))
        wanted = place[block] >= 0
        result[place[block[wanted]]] = signed[wanted]

    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
        list(pool.map(sign, (in_memory[i : i + ROWS_AT_ONCE] for i in range(0, len(in_memory), ROWS_AT_ONCE))))
    return result


def _binned(sets: Shingles, texts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(t, SLOTS) uint16, the end of the least hash in each bin, and (t, SLOTS) bool, whether it has any.

    Args:
        sets: of all texts.
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


def _densified(ends: np.ndarray, has: np.ndarray) -> np.ndarray:
    """The signatures with what other bins have in the empty slots.  Each row has at least one bin that is not empty."""
    flat, full = ends.ravel(), has.ravel()
    empty = np.flatnonzero(~full)
    slot = empty % SLOTS
    for offsets in _probe_offsets():
        if not len(empty):
            break
        donor = empty + offsets[slot]
        usable = full[donor]
        flat[empty[usable]] = flat[donor[usable]]
        empty, slot = empty[~usable], slot[~usable]
    return ends


@lru_cache
def _probe_offsets() -> np.ndarray:
    """(SLOTS, SLOTS): how far from each slot the bin is that it looks at, turn by turn."""
    random = np.random.default_rng(SEED)
    return np.array([random.permutation(SLOTS) for _ in range(SLOTS)]).T - np.arange(SLOTS)


def band_keys(signed: np.ndarray, bands: Bands, band: int, texts: np.ndarray | None = None) -> np.ndarray:
    """(n,) uint64 hashes of one band of signatures.

    Args:
        signed: (t, SLOTS) signatures.
        bands: how they are cut.
        band: its number.
        texts: (n,) those whose hashes are wanted; all if None.
    """
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
        bits: enough for the numbers of texts.
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
        signed: (n, SLOTS) signatures.
        one: (p,) numbers of signatures.
        other: (p,) numbers of signatures.
    """
    same = (signed[one] == signed[other]).view(np.uint64).sum(axis=1)
    return (same * np.uint64(0x0101010101010101)) >> np.uint64(56)  # the eight bytes of each sum, added
