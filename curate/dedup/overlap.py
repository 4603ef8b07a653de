"""Word for word overlap: rows that hold n units in a row (words, or characters of Chinese) of an evaluation item.

Brown et al. 2020 (GPT-3), appendix C, take 13 words.  An item of fewer units, but of SHORTEST or more, is looked for as
a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from curate.dedup.exact import folded
from curate.dedup.shingles import Unit, shingles, units

NGRAM = 13
SHORTEST = 8
AT_ONCE = 20_000


class Overlap(NamedTuple):
    """row: place of the row.  item: place of the item that shares most of it.  units: length of the longest stretch.

    share: part of the item's n-grams that the row has.  text: the longest stretch, as the row writes it.
    """

    row: int
    item: int
    units: int
    share: float
    text: str


class Items:
    """Evaluation items by their n-grams.

    short: how many items had too few units to be looked for.
    """

    def __init__(self, items: Iterable[Sequence[str]], n: int = NGRAM) -> None:
        """items: the texts of each item (its turns); an n-gram never runs over the end of a text."""
        self.n = n
        self.grams: dict[tuple[str, ...], list[int]] = {}
        self.sizes: list[int] = []
        self.short = 0
        self.lengths: set[int] = set()
        whole: list[str] = []  # texts of n units or more
        heads: list[str] = []  # how the shorter ones begin
        shortest = min(SHORTEST, n)
        for i, texts in enumerate(items):
            grams: set[tuple[str, ...]] = set()
            for text in texts:
                words = [unit.text for unit in units(text)]
                length = min(n, len(words))
                if length >= shortest:
                    grams.update(tuple(words[k : k + length]) for k in range(len(words) - length + 1))
                    self.lengths.add(length)
                    (whole if length == n else heads).append(" ".join(words if length == n else words[:shortest]))
            for gram in grams:
                self.grams.setdefault(gram, []).append(i)
            self.sizes.append(len(grams))
            self.short += not grams
        sieves = {shortest: heads, n: whole}  # where these are the same length, no text is shorter than n
        self.sieves = {length: np.unique(shingles(some, length).hashes) for length, some in sieves.items() if some}

    def overlaps(self, rows: Iterable[Sequence[str]]) -> list[Overlap]:
        """The rows that overlap an item.  rows: the texts of each row (its turns).

        Rows are sieved by hashes, all at once; those that pass are compared word for word.
        """
        found: list[Overlap] = []
        held: list[Sequence[str]] = []
        start = 0
        for row in rows:
            held.append(row)
            if len(held) == AT_ONCE:
                found += self._block(held, start)
                start += len(held)
                held = []
        return found + self._block(held, start)

    def _block(self, rows: list[Sequence[str]], start: int) -> list[Overlap]:
        owner = np.repeat(np.arange(len(rows)), [len(texts) for texts in rows])
        texts = [text for row in rows for text in row]
        suspects: set[int] = set()
        for length, hashes in self.sieves.items():
            sets = shingles(texts, length)
            hit = hashes[np.minimum(np.searchsorted(hashes, sets.hashes), len(hashes) - 1)] == sets.hashes
            upto = np.concatenate([[0], np.cumsum(hit)])
            suspects.update(owner[upto[sets.starts + sets.sizes] > upto[sets.starts]].tolist())
        compared = (self._overlap(start + i, rows[i]) for i in sorted(suspects))
        return [overlap for overlap in compared if overlap]

    def _overlap(self, row: int, texts: Sequence[str]) -> Overlap | None:
        shared: dict[int, set[tuple[str, ...]]] = {}
        split = [(text, units(text)) for text in texts]
        for _, words in split:
            for _, gram in self._grams(words):
                for item in self.grams.get(gram, ()):
                    shared.setdefault(item, set()).add(gram)
        if not shared:
            return None
        item = min(shared, key=lambda i: (-len(shared[i]), i))
        longest, text = max((self._stretch(t, words, shared[item]) for t, words in split), key=lambda pair: pair[0])
        return Overlap(row, item, longest, len(shared[item]) / self.sizes[item], text)

    def _grams(self, words: list[Unit]) -> Iterable[tuple[int, tuple[str, ...]]]:
        for length in self.lengths:
            for k in range(len(words) - length + 1):
                yield k, tuple(unit.text for unit in words[k : k + length])

    def _stretch(self, text: str, words: list[Unit], shared: set[tuple[str, ...]]) -> tuple[int, str]:
        covered = np.zeros(len(words) + 1, bool)
        for k, gram in self._grams(words):
            if gram in shared:
                covered[k : k + len(gram)] = True
        best = (0, 0)
        begin = None
        for k, is_covered in enumerate(covered.tolist()):
            if is_covered and begin is None:
                begin = k
            elif not is_covered and begin is not None:
                best = max(best, (k - begin, -begin))
                begin = None
        length, begin = best[0], -best[1]
        if not length:
            return 0, ""
        # Folding changes the length of few texts; where it did, the stretch is shown folded.
        shown = text if len(folded(text)) == len(text) else folded(text)
        return length, shown[words[begin].start : words[begin + length - 1].end]
