"""Word for word overlap: rows that hold n units in a row (words, or characters of Chinese) of an evaluation item.

N-grams are compared by 64 bits of hash, many rows at a time; what is then reported as shared is compared word by word.

    item "to be or not to be", n = 3        n-gram index              row "... or not to be ..."
    [to be or] [be or not] [or not to] ...  hash -> items that        [or not to] [not to be] are in it: the longest
                                            have the n-gram           span that they cover is "or not to be"

Source: Brown et al. 2020 (GPT-3), appendix C, who take 13 words.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import NamedTuple

import numpy as np

from curate.dedup import ngrams
from curate.dedup.grouping import ranges
from curate.dedup.ngrams import blocks, hash_folded_units, item_ngrams, running_sums
from curate.dedup.spans import longest_spans, text_units
from curate.dedup.units import mix

NGRAM = 13
# Bits of a hash that tell most n-grams of rows to be of no item: a table of so many flags stays in the cache.
SIEVE_BITS = 22
# An n-gram of more items than this is a template's: rows that have it have others of its n-grams too, and most of them
# the same ones, so that it is remembered which items have those.
MANY = 256
TALLIES = 64


class NgramOverlap(NamedTuple):
    """A row and the item that shares most of its n-grams.

    Attributes:
        row: place of the row.
        item: place of the item.
        units: length of the longest span that they share.
        share: part of the item's n-grams that the row has, in (0, 1].
        text: the longest span, as the row writes it.
    """

    row: int
    item: int
    units: int
    share: float
    text: str


class Matches(NamedTuple):
    """Where n-grams of items are in a block of texts.

    Attributes:
        begins: (h,) int64, the unit of the block at which each begins.
        lengths: (h,) int64, its units.
        ngrams: (h,) int64, its number.
    """

    begins: np.ndarray
    lengths: np.ndarray
    ngrams: np.ndarray


class NgramIndex:
    """Evaluation items by their n-grams.

    Attributes:
        sizes: (items,) int64, how many distinct n-grams each has.
        short: how many have none, being too short.
    """

    def __init__(self, items: Iterable[Sequence[str]], n: int = NGRAM) -> None:
        """Index items.

        Args:
            items: the texts of each item (its turns); an n-gram never runs over the end of a text.
            n: units of an n-gram.
        """
        self._texts = [tuple(texts) for texts in items]
        count = len(self._texts)
        owners, hashes, lengths = item_ngrams(self._texts, n)
        self._lengths: list[int] = np.unique(lengths).tolist()
        self._hashes, numbers = np.unique(hashes, return_inverse=True)
        # Each n-gram with each item that has it, as one number.
        self._pairs = np.unique(numbers * count + owners)
        self._owners = self._pairs % max(count, 1)
        self._starts = np.searchsorted(self._pairs, np.arange(len(self._hashes) + 1) * count)
        self._spread = np.diff(self._starts)
        self.sizes = np.bincount(self._owners, minlength=count)
        self.short = int(np.count_nonzero(self.sizes == 0))
        self._sieve = np.zeros(1 << SIEVE_BITS, bool)
        self._sieve[_sieved(self._hashes)] = True
        self._item_words: dict[int, str] = {}
        self._tallies: dict[bytes, tuple[np.ndarray, int, int]] = {}

    def overlaps(self, rows: Iterable[Sequence[str]]) -> list[NgramOverlap]:
        """The rows of a batch that overlap an item, in their order.

        Args:
            rows: the texts of each row (its turns).
        """
        batch = [tuple(texts) for texts in rows]
        if not self._lengths:
            return []
        plain = np.fromiter((all(map(str.isascii, texts)) for texts in batch), bool, len(batch))
        order = np.argsort(~plain, kind="stable")  # plain text has a faster path, which a block takes as a whole
        starts_and_blocks = list(blocks([batch[i] for i in order.tolist()]))
        with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:  # numpy works without the lock
            results = pool.map(self._block_overlaps, [block for _, block in starts_and_blocks])
            return sorted(
                overlap._replace(row=int(order[start + overlap.row]))
                for (start, _), overlaps in zip(starts_and_blocks, results, strict=True)
                for overlap in overlaps
            )

    def _block_overlaps(self, rows: Sequence[tuple[str, ...]]) -> list[NgramOverlap]:
        texts = list(chain.from_iterable(rows))
        owner = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        units, bounds = hash_folded_units(texts)
        matches = self._matches(units, bounds)
        while len(matches.begins):
            overlaps, false = self._overlaps(matches, texts, owner, bounds)
            if not false:
                return overlaps
            matches = Matches(*(np.delete(values, false) for values in matches))
        return []

    def _matches(self, units: np.ndarray, bounds: np.ndarray) -> Matches:
        ends = np.repeat(bounds[1:], np.diff(bounds))
        sums = running_sums(units)
        parts = []
        for length in self._lengths:
            hashes = ngrams.hash_windows(sums, length)
            likely = np.flatnonzero(self._sieve[_sieved(hashes)])
            likely = likely[likely + length <= ends[likely]]
            number = np.minimum(np.searchsorted(self._hashes, hashes[likely]), len(self._hashes) - 1)
            same = self._hashes[number] == hashes[likely]
            parts.append(Matches(likely[same], np.full(np.count_nonzero(same), length), number[same]))
        return Matches(*map(np.concatenate, zip(*parts, strict=True)))

    def _overlaps(
        self, matches: Matches, texts: list[str], owner: np.ndarray, bounds: np.ndarray
    ) -> tuple[list[NgramOverlap], list[int]]:
        """The overlaps of a block's rows, and those matches of hashes whose words the item does not have."""
        text = np.searchsorted(bounds, matches.begins, "right") - 1
        rows, items, shared = self._closest_items(owner[text], matches.ngrams)
        pairs = matches.ngrams * len(self._texts) + items[np.searchsorted(rows, owner[text])]
        at = np.minimum(np.searchsorted(self._pairs, pairs), len(self._pairs) - 1)
        of_item = np.flatnonzero(self._pairs[at] == pairs)
        spans = longest_spans(matches.begins[of_item], matches.lengths[of_item], owner, bounds)
        spanned = text_units([texts[i] for i in spans.texts.tolist()])
        overlaps: list[NgramOverlap] = []
        false: list[int] = []
        columns = (rows, items, shared / self.sizes[items], spans.begins, spans.ends)
        for units, row, item, share, begin, end in zip(spanned, *(c.tolist() for c in columns), strict=True):
            if f" {units.words(begin, end)} " not in self._words(
                item
            ):  # apart from one another there, or no such words
                own = of_item[owner[text[of_item]] == row]
                false += self._false(matches, own, item, texts, bounds)
            overlaps.append(NgramOverlap(row, item, end - begin, share, units.original(begin, end)))
        return overlaps, false

    def _closest_items(self, rows: np.ndarray, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Each row once, the item that has most of its n-grams (the first of several), and how many: (r,) each."""
        count = len(self._hashes)
        keys = np.unique(rows * count + numbers)
        row, ngram = np.divmod(keys, count)
        begins = np.flatnonzero(np.diff(row, prepend=-1))
        sizes = np.diff(np.append(begins, len(keys)))
        # Rows of one template share the same n-grams, which need to be looked up once.
        sums = np.add.reduceat(mix(ngram.astype(np.uint64) + np.uint64(1)), begins)
        _, first, which = np.unique(sums, return_index=True, return_inverse=True)
        begin, size = begins[first], sizes[first]
        items, counts = np.zeros(len(first), np.int64), np.zeros(len(first), np.int64)
        many = np.maximum.reduceat(self._spread[ngram], begins)[first] > MANY
        for i in np.flatnonzero(many).tolist():
            items[i], counts[i] = self._closest_item(ngram[begin[i] : begin[i] + size[i]])
        few = np.flatnonzero(~many)
        at, one = ranges(begin[few], size[few])
        owners, of = self._items_with(ngram[at])
        both, shared = np.unique(one[of] * len(self._texts) + owners, return_counts=True)
        one, item = np.divmod(both, len(self._texts))
        order = np.lexsort((item, -shared, one))
        best = order[np.diff(one[order], prepend=-1) != 0]
        items[few], counts[few] = item[best], shared[best]
        return row[begins], items[which], counts[which]

    def _closest_item(self, numbers: np.ndarray) -> tuple[int, int]:
        """The same for one row, some of whose n-grams are in many items, as a template's are."""
        common = numbers[self._spread[numbers] > MANY]
        tally, item, count = self._tally(common)
        owners, _ = self._items_with(numbers[self._spread[numbers] <= MANY])
        if len(owners):
            others, more = np.unique(owners, return_counts=True)
            more += tally[others]
            best = int(more.argmax())
            return min((item, count), (int(others[best]), int(more[best])), key=lambda pair: (-pair[1], pair[0]))
        return item, count

    def _tally(self, numbers: np.ndarray) -> tuple[np.ndarray, int, int]:
        """How many of these n-grams each item has, (items,), and the item with most of them, with how many."""
        known = self._tallies.get(numbers.tobytes())
        if known is None:
            tally = np.bincount(self._items_with(numbers)[0], minlength=len(self._texts))
            known = tally, int(tally.argmax()), int(tally.max())
            if len(self._tallies) == TALLIES:
                self._tallies.clear()
            self._tallies[numbers.tobytes()] = known
        return known

    def _items_with(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The items that have each of these n-grams, one n-gram after the other, and the place of the n-gram."""
        at, of = ranges(self._starts[numbers], self._spread[numbers])
        return self._owners[at], of

    def _words(self, item: int) -> str:
        """The words of an item, each text on a line, with blanks around every word."""
        if item not in self._item_words:
            texts = text_units(self._texts[item])
            self._item_words[item] = "\n".join(f" {units.words(0, len(units.begins))} " for units in texts)
        return self._item_words[item]

    def _false(self, matches: Matches, which: np.ndarray, item: int, texts: list[str], bounds: np.ndarray) -> list[int]:
        """Which of some matches are not among the words of an item."""
        text = np.searchsorted(bounds, matches.begins[which], "right") - 1
        split = {i: text_units([texts[i]])[0] for i in np.unique(text).tolist()}
        false = []
        for match, i in zip(which.tolist(), text.tolist(), strict=True):
            begin = int(matches.begins[match] - bounds[i])
            if f" {split[i].words(begin, begin + int(matches.lengths[match]))} " not in self._words(item):
                false.append(match)
        return false


def _sieved(hashes: np.ndarray) -> np.ndarray:
    return hashes >> np.uint64(64 - SIEVE_BITS)
