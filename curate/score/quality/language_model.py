"""How surprising a text is to the rest of the pool: n-grams of characters and of words, counted in other folds.

A row is never measured by counts that it is part of.  Counts are hashed into tables of fixed size, so memory does not
grow with the pool.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from curate.score.quality.pairs import Pairs, word_hashes

SLOTS = 1 << 19
ORDER = 5
WINDOW = 30
# How much a shorter n-gram counts beside a longer one.
PRIOR = 4.0
# Logarithm of the inverse frequency up to which a word is common: one in 150.
COMMON = 5.0
TEXTS_AT_ONCE = 1000
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)

DIRECTIONS = {
    "characters_3": 1,
    "characters_5": 1,
    "worst_window": 1,
    "first_characters": 1,
    "last_characters": 1,
    "unseen_5": -1,
    "surprise_spread": -1,
    "unseen_words": -1,
    "unseen_bigrams": -1,
    "word_order": 1,
    "last_word_unseen": -1,
    "last_word_grows": -1,
}
NAMES = tuple(DIRECTIONS)


class NgramCounts:
    """Counts of n-grams of texts by fold.

    Args:
        texts: n texts.
        words: (n,) words of each.
        hashes: (n,) hashes of those words.
        folds: (n,) int fold of each.
        fold_count: how many there are.
    """

    def __init__(
        self,
        texts: Sequence[str],
        words: Sequence[list[str]],
        hashes: Sequence[np.ndarray],
        folds: np.ndarray,
        fold_count: int,
    ) -> None:
        self._characters = np.zeros((ORDER, fold_count, SLOTS), np.float32)
        self._words = np.zeros((2, fold_count, SLOTS), np.float32)
        self._prefixes = np.zeros((fold_count, SLOTS), np.float32)
        self._sizes = np.zeros((2, fold_count))
        for fold in range(fold_count):
            members = np.flatnonzero(folds == fold).tolist()
            for start in range(0, len(members), TEXTS_AT_ONCE):
                part = members[start : start + TEXTS_AT_ONCE]
                self._count(fold, *([own[i] for i in part] for own in (texts, words, hashes)))
        # Of all folds but one, which is what a row of that fold is measured by.
        for tables in (self._characters, self._words, self._prefixes[None]):
            tables[:] = tables.sum(1, keepdims=True) - tables
        self._sizes = self._sizes.sum(1, keepdims=True) - self._sizes

    def _count(self, fold: int, texts: Sequence[str], words: Sequence[list[str]], hashes: Sequence[np.ndarray]) -> None:
        codes = [_codes(text) for text in texts]
        for table, sequences in ((self._characters, codes), (self._words, hashes)):
            for order in range(1, len(table) + 1):
                slots = np.concatenate([_slots(sequence, order) for sequence in sequences])
                table[order - 1, fold] += np.bincount(slots, minlength=SLOTS)
        prefixes = [word[:size] for text_words in words for word in text_words for size in range(2, len(word))]
        self._prefixes[fold] += np.bincount(_slots(word_hashes(prefixes), 1), minlength=SLOTS)
        self._sizes[0, fold] += sum(map(len, codes))
        self._sizes[1, fold] += sum(map(len, hashes))

    def of_characters(self, text: str, fold: int) -> list[float]:
        """The first seven of NAMES for one text, by the counts outside a fold."""
        codes = _codes(text)
        before = self._characters[0, fold, _slots(codes, 1)]
        p = (before + 0.5) / (self._sizes[0, fold] + 1000)
        logs = []
        for order in range(2, ORDER + 1):
            counts = self._characters[order - 1, fold, _slots(codes, order)]
            p = (counts + PRIOR * p[1:]) / (np.maximum(before[:-1], counts) + PRIOR)
            logs.append(np.log(p + 1e-9))
            before = counts
        line = logs[-1]
        size = min(WINDOW, len(line))
        windows = np.convolve(line, np.full(size, 1 / size), "valid")
        return [
            float(logs[1].mean()),
            float(line.mean()),
            float(windows.min()),
            float(line[:8].mean()),
            float(line[-6:].mean()),
            float((before == 0).mean()),
            float(windows.std()),
        ]

    def of_words(self, hashes: np.ndarray, fold: int) -> list[float]:
        """The last five of NAMES for the hashes of the words of one text."""
        if not len(hashes):
            return [0.0, 0.5, 0.0, 0.0, 0.0]
        size = self._sizes[1, fold]
        one, two = (self._words[i, fold, _slots(hashes, i + 1)] for i in range(2))
        order = 0.0
        if len(two):
            expected = (one[1:] + 0.1) / (size + 1)
            order = float(np.mean(np.log((two + 2 * expected) / (np.maximum(one[:-1], two) + 2)) - np.log(expected)))
        grows = float(np.log1p(self._prefixes[fold, _slots(hashes[-1:], 1)[0]]) - np.log1p(one[-1]))
        unseen = float((two == 0).mean()) if len(two) else 0.5
        return [float((one == 0).mean()), unseen, order, float(one[-1] == 0), grows]

    def rarities(self, hashes: np.ndarray, fold: int) -> tuple[np.ndarray, np.ndarray]:
        """(slots, weights) of the words and pairs of words that are rare outside a fold, each once, in ascending order.

        Words are given by their hashes.  A weight is the logarithm of the inverse frequency beyond COMMON.  A pair of
        Chinese characters is a word more often than one of them.
        """
        slots = [_slots(hashes, order + 1) for order in range(2)]
        counts = np.concatenate([self._words[order, fold, slots[order]] for order in range(2)])
        weights = np.log((self._sizes[1, fold] + 1) / (counts + 1)) - COMMON
        rare = weights > 0
        distinct, first = np.unique(np.concatenate([slots[0], slots[1] + SLOTS])[rare], return_index=True)
        return distinct, weights[rare][first]


def features(counts: NgramCounts, pairs: Pairs, folds: np.ndarray) -> np.ndarray:
    """(n, len(NAMES)) float32 surprise of the responses by the counts outside their folds."""
    rows = [
        [*counts.of_characters(response, fold), *counts.of_words(hashes, fold)]
        for response, hashes, fold in zip(pairs.responses, pairs.response_hashes, folds.tolist(), strict=True)
    ]
    return np.array(rows, np.float32).reshape(len(rows), len(NAMES))


def _codes(text: str) -> np.ndarray:
    """Code points of a text in lower case, between marks."""
    marked = f"\x02\x02\x02\x02{text.lower()}\x03"
    return np.frombuffer(marked.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)


def _slots(values: np.ndarray, order: int) -> np.ndarray:
    """Slots of the n-grams of a sequence."""
    size = max(len(values) - order + 1, 0)
    hashes = np.zeros(size, np.uint64)
    for i in range(order):
        hashes = (hashes ^ values[i : size + i]) * _MULTIPLIER
        hashes ^= hashes >> np.uint64(29)
    return (hashes % np.uint64(SLOTS)).astype(np.int64)
