"""Features of rare words: which a response shares with its prompt, and its later parts with what stands before them."""

from __future__ import annotations

import re

import numpy as np

from curate.score.quality.language_model import NgramCounts
from curate.score.quality.pairs import Pairs, word_hashes
from curate.text.words import words

DIRECTIONS = {
    "rare_in_answer": 1,
    "rarest_shared": 1,
    "rare_in_second_half": 1,
    "rare_in_ending": 1,
}
NAMES = tuple(DIRECTIONS)
# Characters of the last sentence, and of what stands before it, at least.
LEAST = 12
# Ends of sentences and lines, where an answer goes over into another text if it does so at all.
_END = re.compile(r"[.!?。！？…]\s|[。！？\n]")


def features(counts: NgramCounts, pairs: Pairs, folds: np.ndarray) -> np.ndarray:
    """(n, len(NAMES)) float32.

    Args:
        counts: of words and pairs of words of other folds.
        pairs: n rows.
        folds: (n,) int of each.
    """
    values = np.zeros((len(pairs), len(NAMES)), np.float32)
    rows = zip(pairs.prompt_hashes, pairs.response_hashes, pairs.responses, folds.tolist(), strict=True)
    for i, (asked, answered, response, fold) in enumerate(rows):
        prompt, weights = counts.rarities(asked, fold)
        shared = weights[_is_in(prompt, counts.rarities(answered, fold)[0])]
        middle = len(answered) // 2
        before, last = _ending(response)
        values[i] = [
            shared.sum() / max(weights.sum(), 1.0),
            shared.max(initial=0.0),
            _carried(counts, np.concatenate([asked, answered[:middle]]), answered[middle:], fold),
            _ends_as_begun(counts, asked, (before, last), fold) if before != last else 0.5,
        ]
    return values


def _ending(text: str) -> tuple[str, str]:
    """(what stands before the last sentence or line, that sentence); the text twice where it is one sentence."""
    text = text.strip()
    cuts = [match.end() for match in _END.finditer(text) if LEAST <= match.end() <= len(text) - LEAST]
    return (text[: cuts[-1]].strip(), text[cuts[-1] :].strip()) if cuts else (text, text)


def _ends_as_begun(counts: NgramCounts, asked: np.ndarray, parts: tuple[str, str], fold: int) -> float:
    """The share of the words of an ending that stand in the prompt or before the ending."""
    before, last = (word_hashes(words(part)) for part in parts)
    return _carried(counts, np.concatenate([asked, before]), last, fold)


def _carried(counts: NgramCounts, before: np.ndarray, after: np.ndarray, fold: int) -> float:
    """The share of the words of a text, by how rare they are, that stand before it too; by hashes of words."""
    slots, weights = counts.rarities(after, fold)
    return float(weights[_is_in(slots, counts.rarities(before, fold)[0])].sum() / max(weights.sum(), 1.0))


def _is_in(slots: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n,) bool: which of some ascending numbers are among others."""
    if not len(others):
        return np.zeros(len(slots), bool)
    places = np.minimum(np.searchsorted(others, slots), len(others) - 1)
    return others[places] == slots
