"""The longest span of each row that matching n-grams cover, and the words that it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from curate.dedup.units import SINGLE, WORD, character_kinds, known_characters
from curate.text.chinese import simplified
from curate.text.normal import folded


class Spans(NamedTuple):
    """One span of each row that has any, in the order of the rows.

    Attributes:
        texts: (s,) int64, the text of the block that it is in.
        begins: (s,) int64, its first unit, counted from the beginning of that text.
        ends: (s,) int64, the unit after its last.
    """

    texts: np.ndarray
    begins: np.ndarray
    ends: np.ndarray


def longest_spans(begins: np.ndarray, lengths: np.ndarray, owner: np.ndarray, bounds: np.ndarray) -> Spans:
    """The longest run of units that n-grams cover in each row; of several the first.

    Args:
        begins: (h,) first unit in the block of each n-gram, of which there is at least one.
        lengths: (h,) units of each.
        owner: (t,) the row of each text, ascending.
        bounds: (t + 1,) where the units of each text begin.
    """
    text = np.searchsorted(bounds, begins, "right") - 1
    # After each text a place is left free, so that no run goes on in the next one.
    at = begins + text
    places = int(bounds[-1]) + len(bounds)
    steps = np.bincount(at, minlength=places) - np.bincount(at + lengths, minlength=places)
    covered = np.cumsum(steps) > 0
    edges = np.flatnonzero(np.diff(covered, prepend=False))
    first, after = edges[0::2], edges[1::2]
    of = np.searchsorted(bounds[:-1] + np.arange(len(owner)), first, "right") - 1
    best = np.lexsort((first, first - after, owner[of]))
    best = best[np.diff(owner[of][best], prepend=-1) != 0]
    base = bounds[of[best]] + of[best]
    return Spans(of[best], first[best] - base, after[best] - base)


class TextUnits(NamedTuple):
    """A text and its units.

    Attributes:
        text: as it is.
        plain: as `folded` has it.
        begins: (u,) where each unit begins in `plain`.
        ends: (u,) where each unit ends in `plain`.
    """

    text: str
    plain: str
    begins: np.ndarray
    ends: np.ndarray

    def words(self, begin: int, end: int) -> str:
        """The units from `begin` to before `end`, with blanks between."""
        places = zip(self.begins[begin:end].tolist(), self.ends[begin:end].tolist(), strict=True)
        return " ".join([self.plain[b:e] for b, e in places])

    def original(self, begin: int, end: int) -> str:
        """These units as the text writes them; folded where folding changed its length, which it does in few."""
        source = self.text if len(self.plain) == len(self.text) else self.plain
        return source[self.begins[begin] : self.ends[end - 1]]


def text_units(texts: Sequence[str]) -> list[TextUnits]:
    """The units of texts, as `ngrams.hash_folded_units` has them, of all texts at once."""
    plain = [text.lower() if text.isascii() else folded(simplified(text)) for text in texts]
    kinds = character_kinds(known_characters(plain))  # with a line feed before, between and after the texts
    change = np.flatnonzero(np.diff(kinds == WORD))
    single = np.flatnonzero(kinds == SINGLE)
    begins = np.concatenate([change[0::2] + 1, single])
    ends = np.concatenate([change[1::2] + 1, single + 1])
    if len(single):
        order = np.argsort(begins, kind="stable")
        begins, ends = begins[order], ends[order]
    start = 1 + np.cumsum([0, *(len(text) + 1 for text in plain)])
    cuts = np.searchsorted(begins, start).tolist()
    return [
        TextUnits(text, low, begins[i:j] - first, ends[i:j] - first)
        for text, low, i, j, first in zip(texts, plain, cuts, cuts[1:], start.tolist(), strict=False)
    ]
