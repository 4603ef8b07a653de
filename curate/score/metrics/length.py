"""Length of the response in characters."""

from __future__ import annotations

from curate.score.column import Column
from curate.score.texts import RowTexts

COLUMN = Column(
    "length",
    "length of the response",
    "characters",
    "none",
    "a count; rank by it with --combine rank:length, as Zhao et al. 2024 (Long Is More for Alignment) do",
    kind="count",
)


def values(texts: RowTexts) -> list[int]:
    """(n,) characters of each response; an empty one has 0."""
    return [len(text) for text in texts.responses]
