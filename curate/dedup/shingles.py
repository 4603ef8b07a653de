"""Texts to sets of shingles, all of a block at once.

A shingle is SIZE units (words, or characters of scripts without spaces, see `units`) in a row.  So English texts do not
look alike for sharing letters, nor Chinese ones unlike for having no spaces.  In code and mathematics operators,
brackets and superscripts are units too (see `signs`), so that 2⁵ = 32 is not 25 = 32.

    text       the    cat    sat    on     the    mat
    shingles   [the    cat    sat    on     the]
                      [cat    sat    on     the    mat]
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import blake2b
from itertools import islice
from typing import NamedTuple

import numpy as np

from curate.dedup.disk_array import GrowingArray
from curate.dedup.grouping import ranges
from curate.dedup.units import BASE, hash_units, mix
from curate.text.normal import normal

SIZE = 5
# A shingle is known by 48 bits of its hash, so that it fits into one 64-bit number beside a row number of 16 bits:
# sorting those is how rows are told apart and repeated shingles are dropped.  Two shingles of a pair of rows with 1,000
# each meet by chance once in 10^8 pairs.
BITS = 48
BLOCK_ROWS = 1 << (64 - BITS)
BLOCK_CHARACTERS = 1 << 16
AT_ONCE = 20_000  # texts held at a time, fewer than BLOCK_ROWS


class Shingles(NamedTuple):
    """The shingle sets of n texts.

    Attributes:
        hashes: (m,) uint64 below 2^48.
        starts: (n,) int64; the set of text i is hashes[starts[i] : starts[i] + sizes[i]], ascending and each hash once.
        sizes: (n,) int64.
    """

    hashes: np.ndarray
    starts: np.ndarray
    sizes: np.ndarray


def shingles(texts: Iterable[str], size: int = SIZE) -> Shingles:
    """The shingle sets of texts.

    A text of fewer than `size` units is one shingle.  One without any unit (punctuation, say) has a shingle that only
    the same normalised text shares; an empty text has none.

    Args:
        texts: n of them, read once and not held.
        size: units in a shingle, at least 1.
    """
    hashes = GrowingArray()
    starts: list[np.ndarray] = []
    sizes: list[np.ndarray] = []
    texts = iter(texts)
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:  # numpy works on the blocks without the lock
        while batch := list(islice(texts, AT_ONCE)):
            plain = np.fromiter(map(str.isascii, batch), bool, len(batch))
            order = np.argsort(~plain, kind="stable")  # plain text has a path of its own, so it has its own blocks
            counts = []
            before = hashes.size
            for block, count in pool.map(partial(_block, size=size), _blocks([batch[i] for i in order.tolist()])):
                hashes.add(block)
                counts.append(count)
            in_order = np.concatenate(counts)
            inverse = np.argsort(order)
            starts.append((before + np.cumsum(in_order) - in_order)[inverse])
            sizes.append(in_order[inverse])
    none = np.zeros(0, np.int64)
    return Shingles(hashes.whole(), np.concatenate([none, *starts]), np.concatenate([none, *sizes]))


def elements(sets: Shingles, texts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sets of these texts one after the other, (e,) uint64, and the place in `texts` of each element's, (e,)."""
    at, owner = ranges(sets.starts[texts], sets.sizes[texts])
    return sets.hashes[at], owner


def _blocks(texts: list[str]) -> Iterator[list[str]]:
    """The texts in turn, in blocks that stay in the processor's cache."""
    upto = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    begin = 0
    while begin < len(texts):
        before = int(upto[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(upto, before + BLOCK_CHARACTERS, side="right")))
        yield texts[begin:end]
        begin = end


def _block(texts: list[str], size: int) -> tuple[np.ndarray, np.ndarray]:
    """The sets of a block of texts one after the other, and the size of each, (n,) int64."""
    units, rows = hash_units(texts, signs=True)
    count = np.diff(rows)
    # Of n units, n - size + 1 shingles begin at the first ones, and one where there are too few.
    windows = np.maximum(count - size + 1, np.minimum(count, 1))
    first = np.cumsum(windows) - windows
    row = np.repeat(np.arange(len(texts)), windows)
    at = np.arange(len(row)) - first[row] + rows[:-1][row]
    padded = np.concatenate([units, np.zeros(size, np.uint64)])
    mixed = np.zeros(len(at), np.uint64)
    for k in range(size):
        mixed *= BASE
        mixed += padded[at + k]
    for i in np.flatnonzero((count > 0) & (count < size)).tolist():  # what follows in the block is not its own
        mixed[first[i]] = _short(units[rows[i] : rows[i + 1]], size)
    keys = (row.astype(np.uint64) << np.uint64(BITS)) | (mix(mixed) >> np.uint64(64 - BITS))
    wordless = [i for i in np.flatnonzero(count == 0).tolist() if texts[i] and not texts[i].isspace()]
    if wordless:
        keys = np.append(keys, np.array([(i << BITS) | _whole(texts[i]) for i in wordless], np.uint64))
    keys.sort()
    if len(keys):
        keys = keys[np.append(True, keys[1:] != keys[:-1])]
    sizes = np.bincount((keys >> np.uint64(BITS)).astype(np.int64), minlength=len(texts))
    return keys & np.uint64((1 << BITS) - 1), sizes


def _short(units: np.ndarray, size: int) -> np.uint64:
    mixed = np.zeros(1, np.uint64)
    for k in range(size):
        mixed *= BASE
        if k < len(units):
            mixed += units[k]
    return mixed[0]


def _whole(text: str) -> int:
    digest = blake2b(normal(text).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> (64 - BITS)
