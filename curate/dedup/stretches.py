"""The longest stretch of each row that given n-grams cover, and the words that it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from curate.dedup.shingles import SINGLE, WORD, _kinds, _known
from curate.text.normal import folded


class Stretches(NamedTuple):
    """One stretch of each row that has any, in the order of the rows.

    Attributes:
        texts: (s,) int64, the text of the block that it is in.
        begins: (s,) int64, its first unit and the one after its last, counted from the beginning of that text.
        ends: see `begins`.
    """

    texts: np.ndarray
    begins: np.ndarray
    ends: np.ndarray


def longest(begins: np.ndarray, lengths: np.ndarray, owner: np.ndarray, bounds: np.ndarray) -> Stretches:
    """The longest run of units that n-grams cover in each row; of several the first.

    Args:
        begins: (h,) first unit of each n-gram in the block, and its units; at least one.
        lengths: (h,) first unit of each n-gram in the block, and its units; at least one.
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
    return Stretches(of[best], first[best] - base, after[best] - base)


class Split(NamedTuple):
    """A text and its units.

    Attributes:
        text: as it is.
        plain: as `folded` has it.
        begins: (u,) where each unit is in `plain`.
        ends: (u,) where each unit is in `plain`.
    """

    text: str
    plain: str
    begins: np.ndarray
    ends: np.ndarray

    def said(self, begin: int, end: int) -> str:
        """The units from `begin` to before `end`, with blanks between."""
        places = zip(self.begins[begin:end].tolist(), self.ends[begin:end].tolist(), strict=True)
        return " ".join([self.plain[b:e] for b, e in places])

    def shown(self, begin: int, end: int) -> str:
        """These units as the text writes them; folded where folding changed its length, which it does in few."""
        shown = self.text if len(self.plain) == len(self.text) else self.plain
        return shown[self.begins[begin] : self.ends[end - 1]]


def split(texts: Sequence[str]) -> list[Split]:
    """The units of texts, as `shingles.units` has them, of all texts at once."""
    plain = [text.lower() if text.isascii() else folded(text) for text in texts]
    kinds = _kinds(_known(plain))  # with a line feed before, between and after the texts
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
        Split(text, low, begins[i:j] - first, ends[i:j] - first)
        for text, low, i, j, first in zip(texts, plain, cuts, cuts[1:], start.tolist(), strict=False)
    ]
