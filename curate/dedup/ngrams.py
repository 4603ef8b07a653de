"""N-grams of texts as 64-bit hashes, many texts at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from curate.dedup.grouping import ranges
from curate.dedup.shingles import BLOCK_CHARACTERS
from curate.dedup.units import hash_units, mix, powers
from curate.text.chinese import simplified
from curate.text.normal import folded

# An item of fewer units than an n-gram, but of so many or more, is looked for as a whole.
SHORTEST = 8


class Ngrams(NamedTuple):
    """g n-grams of items, some of them twice.

    Attributes:
        owners: (g,) int64 the item of each.
        hashes: (g,) uint64.
        lengths: (g,) int64 units.
    """

    owners: np.ndarray
    hashes: np.ndarray
    lengths: np.ndarray


def item_ngrams(items: Sequence[tuple[str, ...]], n: int) -> Ngrams:
    """The n-grams that items are looked for by.

    Args:
        items: the texts of each item; an n-gram never runs over the end of a text.
        n: units of an n-gram; a text of fewer, but of SHORTEST or more, is one n-gram.
    """
    parts = [(np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(0, np.int64))]
    shortest = min(SHORTEST, n)
    for start, block in blocks(items):
        texts = list(chain.from_iterable(block))
        owner = np.repeat(np.arange(start, start + len(block)), [len(item) for item in block])
        units, bounds = hash_folded_units(texts)
        counts = np.diff(bounds)
        sums = running_sums(units)
        for length in np.unique(np.minimum(counts, n)).tolist():
            if length < shortest:
                continue
            of_length = np.flatnonzero(np.minimum(counts, n) == length)
            at, one = ranges(bounds[of_length], counts[of_length] - length + 1)
            parts.append((owner[of_length][one], hash_windows(sums, length)[at], np.full(len(at), length)))
    return Ngrams(*map(np.concatenate, zip(*parts, strict=True)))


def blocks(rows: Sequence[tuple[str, ...]]) -> Iterator[tuple[int, Sequence[tuple[str, ...]]]]:
    """Rows of texts that follow one another, in blocks that stay in the processor's cache.

    Yields:
        (place of the block's first row, rows); rows without text may be left out.
    """
    begin = size = 0
    for i, texts in enumerate(rows):
        row_size = sum(map(len, texts)) + len(texts)
        if size and size + row_size > BLOCK_CHARACTERS:
            yield begin, rows[begin:i]
            begin, size = i, 0
        size += row_size
    if size:
        yield begin, rows[begin:]


def hash_folded_units(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Hashes of the units of a block of texts, (u,) uint64, and where those of each text begin, (t + 1,) int64."""
    # Folded as a whole, a text has the very units that `spans.text_units` finds in it.
    return hash_units([text if text.isascii() else folded(simplified(text)) for text in texts])


def running_sums(units: np.ndarray) -> np.ndarray:
    """(u + 1,) uint64 sums, from which `hash_windows` has the hash of any units in a row.

    Source: Karp and Rabin 1987.
    """
    power, _ = powers(1 << len(units).bit_length())
    return np.concatenate([np.zeros(1, np.uint64), np.cumsum(units * power[: len(units)], dtype=np.uint64)])


def hash_windows(sums: np.ndarray, length: int) -> np.ndarray:
    """(u - length + 1,) uint64 hashes of so many units in a row, from each unit on; none where there are too few."""
    windows = max(len(sums) - length, 0)
    _, inverse = powers(1 << (len(sums) - 1).bit_length())
    return mix((sums[length:] - sums[:windows]) * inverse[:windows] + np.uint64(length))
