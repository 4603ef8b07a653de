"""Word for word overlap: rows that hold n units in a row (words, or characters of Chinese) of an evaluation item.

Brown et al. 2020 (GPT-3), appendix C, take 13 words.  An item of fewer units, but of SHORTEST or more, is looked for as
a whole.  N-grams are compared by 64 bits of hash, many rows at a time; what is then said to be shared is compared word
by word.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import NamedTuple

import numpy as np

from curate.dedup.shingles import BLOCK_CHARACTERS, _powers, _units, mix
from curate.dedup.stretches import longest, split
from curate.text.normal import folded

NGRAM = 13
SHORTEST = 8
# Bits of a hash that tell most n-grams of rows to be of no item: a table of so many flags stays in the cache.
SIEVE_BITS = 22
# An n-gram of more items than this is a template's: rows that have it have others of its n-grams too, and most of them
# the same ones, so that it is remembered which items have those.
MANY = 256
TALLIES = 64


class Overlap(NamedTuple):
    """Attributes:
    row: place of the row.
    item: place of the item that shares most of it.
    units: length of the longest stretch.
    share: part of the item's n-grams that the row has.
    text: the longest stretch, as the row writes it.
    """

    row: int
    item: int
    units: int
    share: float
    text: str


class Matches(NamedTuple):
    """Where n-grams of items are in a block of texts.

    Attributes:
        begins: (h,) int64, the unit of the block at which each begins, and its units.
        lengths: (h,) int64, the unit of the block at which each begins, and its units.
        grams: (h,) its number.
    """

    begins: np.ndarray
    lengths: np.ndarray
    grams: np.ndarray


class Items:
    """Evaluation items by their n-grams.

    sizes: (items,) int64, how many different n-grams each has.  short: how many have none, being too short.
    """

    def __init__(self, items: Iterable[Sequence[str]], n: int = NGRAM) -> None:
        """Args:
        items: the texts of each item (its turns); an n-gram never runs over the end of a text.
        """
        self.texts = [tuple(texts) for texts in items]
        count = len(self.texts)
        owners, hashes, lengths = _grams(self.texts, n)
        self.lengths: list[int] = np.unique(lengths).tolist()
        self.hashes, numbers = np.unique(hashes, return_inverse=True)
        # Each n-gram with each item that has it, as one number.
        self.pairs = np.unique(numbers * count + owners)
        self.owners = self.pairs % max(count, 1)
        self.starts = np.searchsorted(self.pairs, np.arange(len(self.hashes) + 1) * count)
        self.spread = np.diff(self.starts)
        self.sizes = np.bincount(self.owners, minlength=count)
        self.short = int(np.count_nonzero(self.sizes == 0))
        self.sieve = np.zeros(1 << SIEVE_BITS, bool)
        self.sieve[_sieved(self.hashes)] = True
        self.said: dict[int, str] = {}
        self.tallies: dict[bytes, tuple[np.ndarray, int, int]] = {}

    def overlaps(self, rows: Iterable[Sequence[str]]) -> list[Overlap]:
        """The rows of a batch that overlap an item, in their order.

        Args:
            rows: the texts of each row (its turns).
        """
        given = [tuple(texts) for texts in rows]
        if not self.lengths:
            return []
        plain = np.fromiter((all(map(str.isascii, texts)) for texts in given), bool, len(given))
        order = np.argsort(~plain, kind="stable")  # plain text has a faster path, which a block takes as a whole
        blocks = list(_blocks([given[i] for i in order.tolist()]))
        with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:  # numpy works without the lock
            found = pool.map(self._block, [rows for _, rows in blocks])
            return sorted(
                overlap._replace(row=int(order[start + overlap.row]))
                for (start, _), overlaps in zip(blocks, found, strict=True)
                for overlap in overlaps
            )

    def _block(self, rows: Sequence[tuple[str, ...]]) -> list[Overlap]:
        texts = list(chain.from_iterable(rows))
        owner = np.repeat(np.arange(len(rows)), [len(some) for some in rows])
        units, bounds = _hashed(texts)
        matches = self._matches(units, bounds)
        found: list[Overlap] = []
        while len(matches.begins):
            found, false = self._overlaps(matches, texts, owner, bounds)
            if not false:
                return found
            matches = Matches(*(np.delete(values, false) for values in matches))
        return []

    def _matches(self, units: np.ndarray, bounds: np.ndarray) -> Matches:
        ends = np.repeat(bounds[1:], np.diff(bounds))
        sums = _sums(units)
        found = []
        for length in self.lengths:
            hashes = _windows(sums, length)
            likely = np.flatnonzero(self.sieve[_sieved(hashes)])
            likely = likely[likely + length <= ends[likely]]
            number = np.minimum(np.searchsorted(self.hashes, hashes[likely]), len(self.hashes) - 1)
            same = self.hashes[number] == hashes[likely]
            found.append(Matches(likely[same], np.full(np.count_nonzero(same), length), number[same]))
        return Matches(*map(np.concatenate, zip(*found, strict=True)))

    def _overlaps(
        self, matches: Matches, texts: list[str], owner: np.ndarray, bounds: np.ndarray
    ) -> tuple[list[Overlap], list[int]]:
        """The overlaps of a block's rows, and those matches of hashes whose words the item does not have."""
        text = np.searchsorted(bounds, matches.begins, "right") - 1
        rows, items, shared = self._most(owner[text], matches.grams)
        pairs = matches.grams * len(self.texts) + items[np.searchsorted(rows, owner[text])]
        mine = np.flatnonzero(self.pairs[np.minimum(np.searchsorted(self.pairs, pairs), len(self.pairs) - 1)] == pairs)
        places = longest(matches.begins[mine], matches.lengths[mine], owner, bounds)
        words = split([texts[i] for i in places.texts.tolist()])
        found: list[Overlap] = []
        false: list[int] = []
        columns = (rows, items, shared / self.sizes[items], places.begins, places.ends)
        for one, row, item, share, begin, end in zip(words, *(c.tolist() for c in columns), strict=True):
            if f" {one.said(begin, end)} " not in self._said(item):  # n-grams that stand apart there, or no such words
                own = mine[owner[text[mine]] == row]
                false += self._false(matches, own, item, texts, text, bounds)
            found.append(Overlap(row, item, end - begin, share, one.shown(begin, end)))
        return found, false

    def _most(self, rows: np.ndarray, grams: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Each row once, the item that has most of its n-grams (the first of several), and how many: (r,) each."""
        count = len(self.hashes)
        keys = np.unique(rows * count + grams)
        row, gram = np.divmod(keys, count)
        begins = np.flatnonzero(np.diff(row, prepend=-1))
        sizes = np.diff(np.append(begins, len(keys)))
        # Rows of one template share the same n-grams, which need to be looked up once.
        sums = np.add.reduceat(mix(gram.astype(np.uint64) + np.uint64(1)), begins)
        _, first, which = np.unique(sums, return_index=True, return_inverse=True)
        begin, size = begins[first], sizes[first]
        items, counts = np.zeros(len(first), np.int64), np.zeros(len(first), np.int64)
        many = np.maximum.reduceat(self.spread[gram], begins)[first] > MANY
        for i in np.flatnonzero(many).tolist():
            items[i], counts[i] = self._most_of(gram[begin[i] : begin[i] + size[i]])
        few = np.flatnonzero(~many)
        at, one = _ranges(begin[few], size[few])
        owners, of = self._owners(gram[at])
        both, shared = np.unique(one[of] * len(self.texts) + owners, return_counts=True)
        one, item = np.divmod(both, len(self.texts))
        order = np.lexsort((item, -shared, one))
        best = order[np.diff(one[order], prepend=-1) != 0]
        items[few], counts[few] = item[best], shared[best]
        return row[begins], items[which], counts[which]

    def _most_of(self, grams: np.ndarray) -> tuple[int, int]:
        """The same for one row, some of whose n-grams are in many items, as a template's are."""
        common = grams[self.spread[grams] > MANY]
        tally, item, count = self._tally(common)
        owners, _ = self._owners(grams[self.spread[grams] <= MANY])
        if len(owners):
            others, more = np.unique(owners, return_counts=True)
            more += tally[others]
            best = int(more.argmax())
            return min((item, count), (int(others[best]), int(more[best])), key=lambda pair: (-pair[1], pair[0]))
        return item, count

    def _tally(self, grams: np.ndarray) -> tuple[np.ndarray, int, int]:
        """How many of these n-grams each item has, (items,), and the item with most of them, with how many."""
        known = self.tallies.get(grams.tobytes())
        if known is None:
            tally = np.bincount(self._owners(grams)[0], minlength=len(self.texts))
            known = tally, int(tally.argmax()), int(tally.max())
            if len(self.tallies) == TALLIES:
                self.tallies.clear()
            self.tallies[grams.tobytes()] = known
        return known

    def _owners(self, grams: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The items that have each of these n-grams, one n-gram after the other, and the place of the n-gram."""
        at, of = _ranges(self.starts[grams], self.spread[grams])
        return self.owners[at], of

    def _said(self, item: int) -> str:
        """The words of an item, each text on a line, with blanks around every word."""
        if item not in self.said:
            self.said[item] = "\n".join(f" {one.said(0, len(one.begins))} " for one in split(self.texts[item]))
        return self.said[item]

    def _false(
        self, matches: Matches, some: np.ndarray, item: int, texts: list[str], text: np.ndarray, bounds: np.ndarray
    ) -> list[int]:
        """Which of some matches are not among the words of an item."""
        words = {i: split([texts[i]])[0] for i in np.unique(text[some]).tolist()}
        false = []
        for i in some.tolist():
            begin = int(matches.begins[i] - bounds[text[i]])
            if f" {words[int(text[i])].said(begin, begin + int(matches.lengths[i]))} " not in self._said(item):
                false.append(i)
        return false


def _grams(items: list[tuple[str, ...]], n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The n-grams that items are looked for by: the item, the hash and the units of each, (g,), some of them twice."""
    parts = [(np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(0, np.int64))]
    shortest = min(SHORTEST, n)
    for start, block in _blocks(items):
        texts = list(chain.from_iterable(block))
        owner = np.repeat(np.arange(start, start + len(block)), [len(some) for some in block])
        units, bounds = _hashed(texts)
        counts = np.diff(bounds)
        sums = _sums(units)
        for length in np.unique(np.minimum(counts, n)).tolist():
            if length < shortest:
                continue
            some = np.flatnonzero(np.minimum(counts, n) == length)
            at, one = _ranges(bounds[some], counts[some] - length + 1)
            parts.append((owner[some][one], _windows(sums, length)[at], np.full(len(at), length)))
    owners, hashes, lengths = map(np.concatenate, zip(*parts, strict=True))
    return owners, hashes, lengths


def _blocks(rows: Sequence[tuple[str, ...]]) -> Iterator[tuple[int, Sequence[tuple[str, ...]]]]:
    """Rows that follow one another, in blocks that stay in the processor's cache, and the place of their first one."""
    begin = size = 0
    for i, texts in enumerate(rows):
        more = sum(map(len, texts)) + len(texts)
        if size and size + more > BLOCK_CHARACTERS:
            yield begin, rows[begin:i]
            begin, size = i, 0
        size += more
    if size:
        yield begin, rows[begin:]


def _hashed(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Hashes of the units of a block of texts, (u,) uint64, and where those of each text begin, (t + 1,) int64."""
    # Folded as a whole, a text has the very units that `split` finds in it.
    return _units([text if text.isascii() else folded(text) for text in texts])


def _sums(units: np.ndarray) -> np.ndarray:
    """(u + 1,) uint64 running sums, from which `_windows` has the hash of any units in a row (Karp and Rabin 1987)."""
    power, _ = _powers(1 << len(units).bit_length())
    return np.concatenate([np.zeros(1, np.uint64), np.cumsum(units * power[: len(units)], dtype=np.uint64)])


def _windows(sums: np.ndarray, length: int) -> np.ndarray:
    """(u - length + 1,) uint64 hashes of so many units in a row, from each unit on; none where there are too few."""
    windows = max(len(sums) - length, 0)
    _, inverse = _powers(1 << (len(sums) - 1).bit_length())
    return mix((sums[length:] - sums[:windows]) * inverse[:windows] + np.uint64(length))


def _sieved(hashes: np.ndarray) -> np.ndarray:
    return hashes >> np.uint64(64 - SIEVE_BITS)


def _ranges(starts: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of ranges one after the other, and which range each is of."""
    owner = np.repeat(np.arange(len(starts)), sizes)
    return np.arange(len(owner)) + (starts - (np.cumsum(sizes) - sizes))[owner], owner
