"""MinHash signatures by rensa, and the pairs of texts that share a band of them (locality-sensitive hashing).

Broder 1997 for MinHash; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3, for bands.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from curate.dedup.shingles import Shingles, gathered

SLOTS = 128
SEED = 42
RECALL = 0.995
ROWS_AT_ONCE = 4096
# Of a bucket that would make too many pairs, only these many rows are compared with all others at a time.
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
    """(t, SLOTS) uint32 signatures of these texts.  texts: (t,) numbers of texts whose sets are not empty."""
    from rensa import RMinHash

    result = np.empty((len(texts), SLOTS), np.uint32)
    order = np.argsort(sets.starts[texts], kind="stable")  # as they lie in memory
    for i in range(0, len(order), ROWS_AT_ONCE):
        some = order[i : i + ROWS_AT_ONCE]
        sizes = sets.sizes[texts[some]]
        hashes = gathered(sets, texts[some])[0]
        offsets = np.append(0, np.cumsum(sizes)).astype(np.uint64)
        digests = RMinHash.digest_matrix_from_flat_token_hashes(hashes, offsets, SLOTS, SEED)
        result[some] = np.array(digests.to_rows(), np.uint32)
    return result


def buckets(signed: np.ndarray, bands: Bands, band: int) -> tuple[np.ndarray, np.ndarray]:
    """Texts that share a band: (m,) int32 texts, bucket by bucket and ascending in each, and (b,) bucket sizes.

    signed: (n, SLOTS) signatures.  Buckets of one are left out.
    """
    key = np.zeros(len(signed), np.uint64)
    for slot in range(band * bands.rows, (band + 1) * bands.rows):
        key = (key ^ signed[:, slot]) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    members, sizes = groups(key)
    return members.astype(np.int32), sizes


def groups(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of equal keys together: (m,) int64 positions and (g,) sizes, for the keys that occur at least twice.

    keys: (n,) numbers, or (n, k) rows of them.  Positions ascend in a group.
    """
    rows = keys.reshape(len(keys), -1 if len(keys) else 1)
    order = np.argsort(keys, kind="stable") if keys.ndim == 1 else np.lexsort(rows.T)
    ordered = rows[order]
    begins = np.flatnonzero(np.append(True, (ordered[1:] != ordered[:-1]).any(axis=1))) if len(rows) else order
    sizes = np.diff(np.append(begins, len(rows)))
    return order[np.repeat(sizes > 1, sizes)], sizes[sizes > 1]


def pairs_within(members: np.ndarray, sizes: np.ndarray, hubs: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of members of the same group, the earlier one first: two (p,) arrays.

    members: (m,) group by group.  sizes: (g,) sizes of the groups.
    hubs: pairs of the first so many members of a group with all others only.
    """
    place = np.arange(len(members)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    after = np.repeat(sizes, sizes) - 1 - place
    if hubs is not None:
        after[place >= hubs] = 0
    left = np.repeat(np.arange(len(members)), after)
    right = left + 1 + np.arange(len(left)) - np.repeat(np.cumsum(after) - after, after)
    return members[left], members[right]
