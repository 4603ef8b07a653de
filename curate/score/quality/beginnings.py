"""Features of how a response begins: do other texts begin, or their sentences, with these words?"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from curate.score.quality.pairs import Pairs
from curate.text.words import words

DIRECTIONS = {"first_word_begins": 1, "first_words_begin": 1}
NAMES = tuple(DIRECTIONS)
SLOTS = 1 << 17
# How much what is expected counts beside what was counted.
PRIOR = 2.0
# Characters of a sentence that hold its first words.
HEAD = 60


class BeginningCounts:
    """How often words, and pairs of words, begin sentences, and how often they occur at all, by fold.

    Args:
        pairs: rows whose sentences count, those of prompts too.
        folds: (n,) int fold of each.
        fold_count: how many there are.
    """

    def __init__(self, pairs: Pairs, folds: np.ndarray, fold_count: int) -> None:
        self._begins = np.zeros((2, fold_count, SLOTS), np.float32)
        self._occurs = np.zeros((2, fold_count, SLOTS), np.float32)
        for fold in range(fold_count):
            members = np.flatnonzero(folds == fold).tolist()
            starts = [words(sentence[:HEAD])[:2] for i in members for sentence in pairs.sentences[i]]
            starts += [pairs.prompt_words[i][:2] for i in members]
            texts = [own for i in members for own in (pairs.response_words[i], pairs.prompt_words[i])]
            for order in (1, 2):
                begun = np.array([_slot(start[:order]) for start in starts if len(start) >= order], np.int64)
                within = [_slot(own[j : j + order]) for own in texts for j in range(len(own) - order + 1)]
                self._begins[order - 1, fold] = np.bincount(begun, minlength=SLOTS)
                self._occurs[order - 1, fold] = np.bincount(np.array(within, np.int64), minlength=SLOTS)
        # Of all folds but one, which is what a row of that fold is measured by.
        for tables in (self._begins, self._occurs):
            tables[:] = tables.sum(1, keepdims=True) - tables
        self._shares = self._begins.sum(2) / np.maximum(self._occurs.sum(2), 1.0)

    def of(self, first: Sequence[str], fold: int) -> list[float]:
        """Logarithms of how much more often the first word, and the first two, begin a sentence than chance has it."""
        values = []
        for order in (1, 2):
            if len(first) < order:
                values.append(0.0)
                continue
            slot = _slot(first[:order])
            begins, occurs = (table[order - 1, fold, slot] for table in (self._begins, self._occurs))
            expected = PRIOR * self._shares[order - 1, fold]
            values.append(float(np.log((begins + expected) / (occurs * expected / PRIOR + expected))))
        return values


def features(counts: BeginningCounts, pairs: Pairs, folds: np.ndarray) -> np.ndarray:
    """(n, len(NAMES)) float32 of the responses, by the counts outside their folds."""
    rows = [counts.of(own[:2], fold) for own, fold in zip(pairs.response_words, folds.tolist(), strict=True)]
    return np.array(rows, np.float32).reshape(len(rows), len(NAMES))


def _slot(sequence: Sequence[str]) -> int:
    return zlib.crc32("\x1f".join(sequence).encode("utf-8", "surrogatepass")) % SLOTS
