"""Near-duplicates: pairs of texts whose shingle sets have a Jaccard similarity of at least a threshold.

Candidates come from MinHash and bands, and every one is verified, so all pairs found are true ones.  Up to EXACT_TEXTS
texts every pair is compared and none is missed; above that a pair at the threshold is missed with a chance of
1 - `Bands.recall`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from itertools import chain
from typing import NamedTuple

import numpy as np

from curate.dedup import minhash
from curate.dedup.jaccard import jaccard
from curate.dedup.large_buckets import Bucketed, Flags, Verified, cut, joined, union, worked_off
from curate.dedup.links import NEAR, links, spread
from curate.dedup.minhash import SLOTS, band_keys, bands_for, buckets, groups, pairs_within
from curate.dedup.shingles import SIZE, Shingles, gathered, mix, shingles

EXACT_TEXTS = 1500
# Candidates for which memory is set aside: 8 bytes each, some times over.
MOST_CANDIDATES = 20_000_000
# Up to so many texts their buckets are kept in memory, and not made again where they are looked at again.
HELD_TEXTS = 250_000
# A candidate whose signatures agree this many standard deviations less than the threshold asks for is no candidate.
DEVIATIONS = 4


class Pairs(NamedTuple):
    """Pairs of similar texts, each pair once.

    Attributes:
        left: (p,) int64 positions, the better text on the left.
        right: (p,) int64 positions, the better text on the left.
        similarity: (p,) float32.
        complete: whether pairs of texts that are both like a better one were looked for too, so that the pairs also
            answer for a tighter threshold.
        note: one sentence on how they were found.
    """

    left: np.ndarray
    right: np.ndarray
    similarity: np.ndarray
    complete: bool
    note: str


def pairs(
    texts: Iterable[str], threshold: float, size: int = SIZE, outside: int = 0, order: np.ndarray | None = None
) -> Pairs:
    """All pairs of texts that are similar to a degree of `threshold` or more.

    Texts with the same set (similarity 1) are paired with the best of them only, which stands for the others in all
    other pairs.

    Args:
        texts: read once, in any order.
        order: (n,) the place of each among them, from the best text to the worst, by which they are numbered; they come
            so if None.
        threshold: Jaccard similarity in (0, 1].
        size: units in a shingle.
        outside: if not 0, so many of the best texts are compared with the others only, and those not with one another.
    """
    sets = shingles(texts, size)
    if order is not None:
        sets = sets._replace(starts=sets.starts[order], sizes=sets.sizes[order])
    said = np.flatnonzero(sets.sizes)
    left, right = _twins(sets, said)
    twin = np.zeros(len(sets.sizes), bool)
    twin[right] = True
    single = said[~twin[said]]
    return with_twins(left, right, compared(sets, single, threshold, outside))


def with_twins(left: np.ndarray, right: np.ndarray, found: Pairs) -> Pairs:
    """The pairs found, after those of the same set: left, the best text of each set, with right, each other one."""
    return found._replace(
        left=np.concatenate([left, found.left]),
        right=np.concatenate([right, found.right]),
        similarity=np.concatenate([np.ones(len(left), np.float32), found.similarity.astype(np.float32)]),
    )


def compared(sets: Shingles, single: np.ndarray, threshold: float, outside: int = 0) -> Pairs:
    """Pairs of these texts, of which no two have the same set.

    Args:
        single: (n,) texts, the best first.
        outside: see `pairs`.
    """
    between = int(np.searchsorted(single, outside)) if outside else None
    if len(single) > EXACT_TEXTS:
        one, other, near, complete = _banded(sets, single, threshold, between)
        return Pairs(one, other, near, complete, expected(threshold))
    one, other = _sharing(sets, single)
    mixed = (one < outside) & (other >= outside) if outside else np.ones(len(one), bool)
    one, other = one[mixed], other[mixed]
    near = jaccard(sets, one, other)
    passed = reaches(near, threshold)
    return Pairs(one[passed], other[passed], near[passed], True, "all pairs compared")


def across(texts: Sequence[str], others: Sequence[str], threshold: float, size: int = SIZE) -> Pairs:
    """All pairs of a text (left) and one of the others (right) that are similar to a degree of `threshold` or more.

    Otherwise as `pairs`.
    """
    # The others come first, so that each of them, and none of the texts, stands for those with the same set.
    found = pairs(chain(others, texts), threshold, size=size, outside=len(others))
    n = len(others) + len(texts)
    full = spread(n, links(found.left, found.right, found.similarity, NEAR))
    mixed = (full.better < len(others)) & (full.worse >= len(others))
    return Pairs(
        full.worse[mixed] - len(others), full.better[mixed], full.similarity[mixed], found.complete, found.note
    )


def reaches(similarity: np.ndarray, threshold: float) -> np.ndarray:
    """(p,) bool: whether a similarity is at least the threshold, in the 32 bits that the ledger keeps of it."""
    return similarity.astype(np.float32) >= np.float32(threshold)


def expected(threshold: float) -> str:
    """How pairs are found at a threshold, and how many of them."""
    bands = bands_for(threshold)
    above = min(1.0, threshold + 0.05)
    return (
        f"{bands.bands} bands of {bands.rows} rows: expected recall {bands.recall(threshold):.3f} of pairs at "
        f"{threshold:g}, {bands.recall(above):.3f} at {above:g}"
    )


def _twins(sets: Shingles, best_first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of the best text of those with the same set and each other one.

    Args:
        best_first: texts that have shingles.
    """
    if not len(best_first):
        return best_first, best_first
    lying = best_first[np.argsort(sets.starts[best_first], kind="stable")]
    sums = np.empty(len(sets.sizes), np.uint64)
    # Two sets may have the same sum by chance; the jaccard below tells them apart.
    sums[lying] = np.add.reduceat(sets.hashes, sets.starts[lying])
    members, sizes = groups(sums[best_first] ^ mix(sets.sizes[best_first].astype(np.uint64)))
    one, other = pairs_within(members, sizes, hubs=1)
    one, other = best_first[one], best_first[other]
    same = jaccard(sets, one, other) == 1
    return one[same], other[same]


def _sharing(sets: Shingles, single: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of texts that share a shingle, the better one first."""
    hashes, owner = gathered(sets, single)
    members, sizes = groups(hashes)
    found = np.zeros((len(single), len(single)), bool)
    order = owner[members]
    widest = 256  # a shingle in more texts than that: its rows of the table are set at once
    wide = np.repeat(sizes > widest, sizes)
    one, other = pairs_within(order[~wide], sizes[sizes <= widest])
    found[one, other] = True
    for held in np.split(order[wide], np.cumsum(sizes[sizes > widest])[:-1]):
        found[np.ix_(held, held)] = True
    one, other = np.nonzero(np.triu(found | found.T, 1))
    return single[one], single[other]


def _banded(
    sets: Shingles, single: np.ndarray, threshold: float, between: int | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
    """Verified pairs of texts that share a band, with their similarity, and whether they are complete.

    Args:
        single: texts, the best first.
        between: pairs only of one of the first so many and one of the others.
    """
    n = len(single)
    signed = minhash.signatures(sets, single)
    bands = bands_for(threshold)

    def bucketed(band: int) -> Bucketed:
        return buckets(band_keys(signed, bands, band), np.arange(n), n.bit_length())

    if n <= HELD_TEXTS:
        bucketed = cache(bucketed)
    counts = np.zeros(1, np.int64)
    for band in range(bands.bands):
        counts = added(counts, np.bincount(bucketed(band)[1]))
    return linked(sets, single, signed, bucketed, threshold, largest(counts), n.bit_length(), between)


def linked(
    sets: Shingles,
    single: np.ndarray,
    signed: np.ndarray,
    bucketed: Callable[[int], Bucketed],
    threshold: float,
    most: int,
    bits: int,
    between: int | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
    """Verified pairs of texts that share a bucket of some band, with their similarity, and whether they are complete.

    Larger ones are worked off from their best texts on: these are compared with all others that stay, until every text
    that stays in such a bucket has been compared.

    Args:
        single: texts, the best first.
        signed: their signatures.
        bucketed: the buckets of a band, as `minhash.buckets` with these `bits`.
        most: the largest bucket of which all pairs are made.
    """
    n = len(single)
    bands = bands_for(threshold)
    parts: list[np.ndarray] = []
    large: list[Flags] = []
    for band in range(bands.bands):
        members, sizes = bucketed(band)
        fits = sizes <= most
        one, other = pairs_within(members[np.repeat(fits, sizes)], sizes[fits])
        if between is not None:
            mixed = (one < between) & (other >= between)
            one, other = one[mixed], other[mixed]
        parts.append(one * np.int64(n) + other)
        flags = np.zeros(n, bool)
        flags[members[np.repeat(~fits, sizes)]] = True
        large.append(Flags(flags))
    judge = partial(_verified, sets, single, signed, threshold)
    found = joined([judge(part) for part in cut(union(parts))])
    complete = not any(flags.bits.any() for flags in large)
    if not complete:

        def again(band: int, texts: np.ndarray) -> Bucketed:
            return buckets(band_keys(signed, bands, band, texts), texts, bits)

        found = worked_off(large, again, found, judge, between)
    one, other, similar = found
    return single[one], single[other], similar, complete


def added(counts: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The sums of two arrays, of which the shorter one is taken to end in zeros."""
    longer, shorter = (counts, others) if len(counts) >= len(others) else (others, counts)
    longer = longer.copy()
    longer[: len(shorter)] += shorter
    return longer


def largest(counts: np.ndarray) -> int:
    """The largest bucket size for all pairs, so that these are no more than MOST_CANDIDATES.

    Args:
        counts: (s,) how many buckets there are of each size from 0 on, in all bands.
    """
    sizes = np.arange(len(counts))
    made = np.cumsum(counts * (sizes * (sizes - 1) // 2))
    if made[-1] <= MOST_CANDIDATES:
        return len(counts) - 1
    # Once some buckets are worked off from their best texts on, others may as well be: that is less work.
    return max(2, int(np.searchsorted(made, MOST_CANDIDATES // 4)) - 1)


def _verified(sets: Shingles, single: np.ndarray, signed: np.ndarray, threshold: float, keys: np.ndarray) -> Verified:
    """Of candidate pairs, those similar enough: better and worse place in `single`, and similarity."""
    n = len(single)
    slack = DEVIATIONS * (threshold * (1 - threshold) / SLOTS) ** 0.5
    likely = [
        part[minhash.agreeing(signed, part // n, part % n) >= SLOTS * (threshold - slack)]
        for part in (keys[i : i + 20_000] for i in range(0, len(keys), 20_000))
    ]
    keys = np.concatenate([keys[:0], *likely])
    one, other = keys // n, keys % n
    similar = jaccard(sets, single[one], single[other])
    enough = reaches(similar, threshold)
    return one[enough], other[enough], similar[enough]
