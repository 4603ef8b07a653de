"""How much of a response repeats what stood in it before."""

from __future__ import annotations

from curate.score.column import Column
from curate.score.texts import RowTexts

N = 4
COLUMN = Column(
    "repetition",
    "share of the response's 4-grams that stood in it before",
    "share, 0 to 1",
    "lower",
    "seq-rep-4 of Welleck et al. 2020, 1 - distinct / all; what goes round in a loop has the fault `loop`",
)


def repetition(words: list[str]) -> float:
    """Share of repeated 4-grams, in [0, 1]; 0 for fewer than five words.  Source: seq-rep-4, Welleck et al. 2020."""
    count = len(words) - N + 1
    if count < 2:
        return 0.0
    return 1 - len(set(zip(words, words[1:], words[2:], words[3:], strict=False))) / count


def values(texts: RowTexts) -> list[float]:
    """(n,) repetition of each response."""
    return [repetition(words) for words in texts.words]
