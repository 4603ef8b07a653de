"""How varied the words of a response are."""

from __future__ import annotations

from collections.abc import Sequence

from curate.score.column import Column
from curate.score.texts import RowTexts

WINDOW = 50
COLUMN = Column(
    "lexical_diversity",
    "different words in a stretch of 50, as a share; on average over all stretches",
    "share, 0 to 1",
    "none",
    "MATTR of Covington & McFall 2010; a Han or Kana character is a word",
)


def mattr(words: Sequence[str], window: int = WINDOW) -> float:
    """Moving-average type-token ratio; the plain ratio for fewer words than the window, 0 for none.

    A word is new in the windows that begin after it stood last; so they need only be counted, not walked.

    Args:
        words: of a text.
        window: words of a window.

    Source: Covington & McFall 2010.
    """
    count = len(words)
    if count <= window:
        return len(set(words)) / count if count else 0.0
    last: dict[str, int] = {}
    windows = count - window
    new = 0
    for i, word in enumerate(words):
        first, end = i - window, i if i < windows else windows
        seen = last.get(word, -1)
        if seen > first:
            first = seen
        if first < -1:
            first = -1
        if end > first:
            new += end - first
        last[word] = i
    return new / ((windows + 1) * window)


def values(texts: RowTexts) -> list[float]:
    """(n,) lexical diversity of each response."""
    return [mattr(words) for words in texts.words]
