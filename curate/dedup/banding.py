"""Near-duplicates among many texts: candidates that share a band of their signatures, each verified.

signatures --bands--> buckets --pairs of small buckets-----> candidates --exact Jaccard--> pairs
                          |                                                  ^
                          +---large buckets, from the best texts on----------+
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import NamedTuple

import numpy as np

from curate.dedup import minhash
from curate.dedup.grouping import pairs_within
from curate.dedup.jaccard import jaccard
from curate.dedup.large_buckets import (
    BitFlags,
    Buckets,
    VerifiedPairs,
    compare_large_buckets,
    concatenate_pairs,
    slices,
    unique_keys,
)
from curate.dedup.minhash import SLOTS, band_keys, bands_for, buckets
from curate.dedup.shingles import Shingles
from curate.dedup.similar_pairs import reaches

# Candidates for which memory is reserved: 8 bytes each, some times over.
MOST_CANDIDATES = 20_000_000
# Up to so many texts their buckets are held in memory, and not made again where they are looked at again.
HELD_TEXTS = 250_000
# A candidate whose signatures agree this many standard deviations less than the threshold asks for is no candidate.
DEVIATIONS = 4
# Candidates whose signatures are compared at once.
SIGNATURES_AT_ONCE = 20_000


class SignedTexts(NamedTuple):
    """n texts of different sets, the best first.

    Attributes:
        texts: (n,) their numbers among the sets.
        sets: of all texts.
        signatures: (n, SLOTS) uint16.
    """

    texts: np.ndarray
    sets: Shingles
    signatures: np.ndarray


def banded_pairs(
    sets: Shingles, single: np.ndarray, threshold: float, between: int | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
    """Verified pairs of texts that share a band, with their similarity, and whether they are complete.

    Args:
        sets: of all texts.
        single: (n,) texts, the best first.
        threshold: Jaccard similarity in (0, 1].
        between: pairs only of one of the first so many and one of the others.
    """
    n = len(single)
    signed = SignedTexts(single, sets, minhash.signatures(sets, single))
    bands = bands_for(threshold)

    def of_band(band: int) -> Buckets:
        return buckets(band_keys(signed.signatures, bands, band), np.arange(n), n.bit_length())

    if n <= HELD_TEXTS:
        of_band = cache(of_band)
    counts = np.zeros(1, np.int64)
    for band in range(bands.bands):
        counts = add_counts(counts, np.bincount(of_band(band)[1]))
    return bucket_pairs(signed, of_band, threshold, largest_paired(counts), n.bit_length(), between)


def bucket_pairs(
    signed: SignedTexts,
    of_band: Callable[[int], Buckets],
    threshold: float,
    most: int,
    bits: int,
    between: int | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
    """Verified pairs of texts that share a bucket of some band, with their similarity, and whether they are complete.

    Of small buckets all pairs are candidates.  In large ones the best texts are compared with all others that are kept,
    until every text that is kept has been compared.

    Args:
        signed: n texts.
        of_band: the buckets of a band, as `minhash.buckets` with these `bits`.
        threshold: Jaccard similarity in (0, 1].
        most: the largest bucket of which all pairs are candidates.
        bits: see `minhash.buckets`.
        between: pairs only of one of the first so many texts and one of the others; of any two if None.
    """
    n = len(signed.texts)
    bands = bands_for(threshold)
    candidates: list[np.ndarray] = []
    large: list[BitFlags] = []
    for band in range(bands.bands):
        members, sizes = of_band(band)
        fits = sizes <= most
        one, other = pairs_within(members[np.repeat(fits, sizes)], sizes[fits])
        if between is not None:
            mixed = (one < between) & (other >= between)
            one, other = one[mixed], other[mixed]
        candidates.append(one * np.int64(n) + other)
        flags = np.zeros(n, bool)
        flags[members[np.repeat(~fits, sizes)]] = True
        large.append(BitFlags(flags))
    verify = partial(_verify, signed, threshold)
    pairs = concatenate_pairs([verify(keys) for keys in slices(unique_keys(candidates))])
    complete = not any(flags.any() for flags in large)
    if not complete:

        def of_some(band: int, texts: np.ndarray) -> Buckets:
            return buckets(band_keys(signed.signatures, bands, band, texts), texts, bits)

        pairs = compare_large_buckets(large, of_some, pairs, verify, between)
    better, worse, similarity = pairs
    return signed.texts[better], signed.texts[worse], similarity, complete


def add_counts(counts: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The sums of two arrays, of which the shorter one is taken to end in zeros."""
    longer, shorter = (counts, others) if len(counts) >= len(others) else (others, counts)
    longer = longer.copy()
    longer[: len(shorter)] += shorter
    return longer


def largest_paired(counts: np.ndarray) -> int:
    """The largest bucket size for all pairs, so that these are no more than MOST_CANDIDATES.

    Args:
        counts: (s,) how many buckets there are of each size from 0 on, in all bands.
    """
    sizes = np.arange(len(counts))
    pairs = np.cumsum(counts * (sizes * (sizes - 1) // 2))
    if pairs[-1] <= MOST_CANDIDATES:
        return len(counts) - 1
    # Once some buckets are compared from their best texts on, others may as well be: that is less work.
    return max(2, int(np.searchsorted(pairs, MOST_CANDIDATES // 4)) - 1)


def describe_recall(threshold: float) -> str:
    """How pairs are found at a threshold, and how many of them."""
    bands = bands_for(threshold)
    above = min(1.0, threshold + 0.05)
    return (
        f"{bands.bands} bands of {bands.rows} rows: expected recall {bands.recall(threshold):.3f} of pairs at "
        f"{threshold:g}, {bands.recall(above):.3f} at {above:g}"
    )


def _verify(signed: SignedTexts, threshold: float, keys: np.ndarray) -> VerifiedPairs:
    """Of candidate pairs, those similar enough: places of the better and the worse text, and similarity."""
    n = len(signed.texts)
    slack = DEVIATIONS * (threshold * (1 - threshold) / SLOTS) ** 0.5
    likely = [
        part[minhash.agreeing(signed.signatures, part // n, part % n) >= SLOTS * (threshold - slack)]
        for part in (keys[i : i + SIGNATURES_AT_ONCE] for i in range(0, len(keys), SIGNATURES_AT_ONCE))
    ]
    keys = np.concatenate([keys[:0], *likely])
    better, worse = keys // n, keys % n
    similarity = jaccard(signed.sets, signed.texts[better], signed.texts[worse])
    similar = reaches(similarity, threshold)
    return better[similar], worse[similar], similarity[similar]
