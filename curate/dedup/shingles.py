"""Texts to sets of shingles, all of a block at once: words where words are spaced, characters where they are not.

A text is a sequence of units: runs of letters, marks, digits and underscores, except that each character of a script
written without spaces (Han, Kana, Thai, Lao, Khmer, Burmese) is a unit of its own.  A shingle is SIZE units in a row.
So a mixed text needs no language to be guessed, a Chinese sentence is not one long word, and English texts do not look
alike for sharing letters.  Case, width and punctuation do not count.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from hashlib import blake2b
from itertools import islice
from typing import NamedTuple

import numpy as np

from curate.dedup.kept import Kept
from curate.text.normal import folded, normal

SIZE = 5
# A shingle is known by 48 bits of its hash, so that it fits into one 64-bit number beside a row number of 16 bits:
# sorting those is how rows are told apart and repeated shingles are dropped.  Two shingles of a pair of rows with 1,000
# each meet by chance once in 10^8 pairs.
BITS = 48
BLOCK_ROWS = 1 << (64 - BITS)
BLOCK_CHARACTERS = 1 << 16
AT_ONCE = 20_000  # texts held at a time, fewer than BLOCK_ROWS

UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),  # Han iteration mark, zero
    (0x3040, 0x30FF),  # Kana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
# Letters that may become one with the letter before them; else only marks do.
JOINING = (("\u1100", "\u11ff"), ("\ua960", "\ua97f"), ("\ud7b0", "\ud7ff"), ("\U00016d63", "\U00016d6a"))
NONE, WORD, SINGLE = range(3)

# ASCII letters in lower case, digits and the underscore as they are, all else as 0.
_ASCII = bytes(ord(chr(i).lower()) if i < 128 and (chr(i).isalnum() or chr(i) == "_") else 0 for i in range(256))
_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))


class Shingles(NamedTuple):
    """The shingle sets of n texts.

    Attributes:
        hashes: (m,) uint64 below 2^48.
        starts: (n,) int64; the set of text i is hashes[starts[i] : starts[i] + sizes[i]], ascending and each hash once.
        sizes: see `starts`.
    """

    hashes: np.ndarray
    starts: np.ndarray
    sizes: np.ndarray


def shingles(texts: Iterable[str], size: int = SIZE) -> Shingles:
    """The shingle sets of texts, which are read once and not kept.

    A text of fewer than `size` units is one shingle.  One without any unit (punctuation, say) has a shingle that only
    the same normalised text shares; an empty text has none.
    """
    hashes = Kept()
    starts: list[np.ndarray] = []
    sizes: list[np.ndarray] = []
    texts = iter(texts)
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:  # numpy works on the blocks without the lock
        while taken := list(islice(texts, AT_ONCE)):
            plain = np.fromiter(map(str.isascii, taken), bool, len(taken))
            order = np.argsort(~plain, kind="stable")  # plain text has a path of its own, so it has its own blocks
            counts = []
            before = hashes.size
            for some, count in pool.map(partial(_block, size=size), _blocks([taken[i] for i in order.tolist()])):
                hashes.add(some)
                counts.append(count)
            in_order = np.concatenate(counts)
            inverse = np.argsort(order)
            starts.append((before + np.cumsum(in_order) - in_order)[inverse])
            sizes.append(in_order[inverse])
    none = np.zeros(0, np.int64)
    return Shingles(hashes.whole(), np.concatenate([none, *starts]), np.concatenate([none, *sizes]))


def gathered(sets: Shingles, texts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sets of these texts one after the other, (e,) uint64, and the place in `texts` of each element's, (e,)."""
    sizes = sets.sizes[texts]
    owner = np.repeat(np.arange(len(texts)), sizes)
    at = np.arange(len(owner)) + (sets.starts[texts] - (np.cumsum(sizes) - sizes))[owner]
    return sets.hashes[at], owner


class Unit(NamedTuple):
    """A word, or a character of a script without spaces, and where it is in the folded text."""

    text: str
    start: int
    end: int


def units(text: str) -> list[Unit]:
    """The units of one text, as `shingles` takes them; for the few texts that are looked at closely."""
    plain = folded(text)
    kinds = _kinds(_known([plain])[1:-1]).tolist()
    found: list[Unit] = []
    begin = None
    for i, kind in enumerate(kinds):
        if kind != WORD and begin is not None:
            found.append(Unit(plain[begin:i], begin, i))
            begin = None
        if kind == SINGLE:
            found.append(Unit(plain[i], i, i + 1))
        elif kind == WORD and begin is None:
            begin = i
    if begin is not None:
        found.append(Unit(plain[begin:], begin, len(plain)))
    return found


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
    units, rows = _units(texts)
    count = np.diff(rows)
    # Of n units, n - size + 1 shingles begin at the first ones, and one where there are too few.
    windows = np.maximum(count - size + 1, np.minimum(count, 1))
    first = np.cumsum(windows) - windows
    row = np.repeat(np.arange(len(texts)), windows)
    at = np.arange(len(row)) - first[row] + rows[:-1][row]
    padded = np.concatenate([units, np.zeros(size, np.uint64)])
    mixed = np.zeros(len(at), np.uint64)
    for k in range(size):
        mixed *= _BASE
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
        mixed *= _BASE
        if k < len(units):
            mixed += units[k]
    return mixed[0]


def _whole(text: str) -> int:
    digest = blake2b(normal(text).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> (64 - BITS)


def _units(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Hashes of the units of a block of texts, (u,) uint64, and where those of each text begin, (n + 1,)."""
    if all(map(str.isascii, texts)):
        joined = "\n".join(texts)
        codes = np.frombuffer(f"\n{joined}\n".encode("ascii").translate(_ASCII), np.uint8)
        word = codes != 0
        single = np.zeros(0, np.int64)
    else:
        texts = list(texts)
        known = _known(texts)
        special = np.flatnonzero(known & SPECIAL)
        if len(special):
            ends = np.cumsum(np.fromiter((len(text) + 1 for text in texts), np.int64, len(texts)))
            for i in np.unique(np.searchsorted(ends, special)).tolist():
                texts[i] = folded(texts[i])
            known = _known(texts)
        kinds = _kinds(known)
        word = kinds == WORD
        single = np.flatnonzero(kinds == SINGLE)
        codes = known & np.uint32((1 << KIND) - 1)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    change = np.flatnonzero(word[1:] != word[:-1]) + 1
    begins, ends = change[0::2], change[1::2]
    if len(single):
        begins = np.concatenate([begins, single])
        ends = np.concatenate([ends, single + 1])
        order = np.argsort(begins, kind="stable")
        begins, ends = begins[order], ends[order]
    # A polynomial hash of every unit from one running sum (Karp and Rabin 1987), modulo 2^64.
    power, inverse = _powers(1 << max(len(codes) - 1, 1).bit_length())
    sums = np.cumsum(np.multiply(codes, power[: len(codes)], dtype=np.uint64))
    units = (sums[ends - 1] - sums[begins - 1]) * inverse[begins]
    begin_of_text = np.cumsum(lengths + 1) - lengths
    return mix(units), np.append(np.searchsorted(begins, begin_of_text), len(begins))


def mix(values: np.ndarray) -> np.ndarray:
    """The finaliser of splitmix64 (Steele, Lea and Flood 2014), which scatters neighbouring numbers."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


@lru_cache(maxsize=4)
def _powers(length: int) -> tuple[np.ndarray, np.ndarray]:
    powers = []
    for base in (_BASE, _INVERSE):
        run = np.full(length, base, np.uint64)
        run[0] = 1
        powers.append(np.multiply.accumulate(run))
    return powers[0], powers[1]


# What is known of each code point, filled in as they occur: what it is folded to, its kind from bit KIND on, and
# whether it is SPECIAL: folded to several, or with those beside it, so that the whole text is to be folded.
KIND = 24
SPECIAL, UNKNOWN = np.uint32(1 << 30), np.uint32(1 << 31)
_TABLE = np.full(0x110000, UNKNOWN, np.uint32)


def _known(texts: list[str]) -> np.ndarray:
    """(n,) uint32: what is known of each character of the texts, with a line feed before, between and after them."""
    joined = "\n".join(texts)
    codes = np.frombuffer(f"\n{joined}\n".encode("utf-32-le", "surrogatepass"), np.uint32)
    known = _TABLE[codes]
    if (known & UNKNOWN).any():
        for code in np.unique(codes[(known & UNKNOWN) != 0]).tolist():
            _TABLE[code] = _described(chr(code))
        known = _TABLE[codes]
    return known


def _kinds(known: np.ndarray) -> np.ndarray:
    return (known >> np.uint32(KIND)) & np.uint32(3)


def _described(character: str) -> int:
    """What `_TABLE` holds of a character."""
    plain = folded(character)
    kind = _kind(character)
    if all(_kind(each) == NONE for each in plain):
        return NONE << KIND
    marks = "M" in (unicodedata.category(character)[0], unicodedata.category(plain[0])[0])  # half-width voiced kana
    if len(plain) > 1 or marks or any(a <= character <= b for a, b in JOINING):
        return int(SPECIAL) | kind << KIND | ord(character)
    return _kind(plain) << KIND | ord(plain)


def _kind(character: str) -> int:
    if character != "_" and unicodedata.category(character)[0] not in "LMN":
        return NONE
    return SINGLE if any(low <= ord(character) <= high for low, high in UNSPACED) else WORD
