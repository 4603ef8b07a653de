"""The language of a response, as far as its script and its small words tell."""

from __future__ import annotations

from curate.score.column import Column
from curate.score.texts import RowTexts

COLUMN = Column(
    "language",
    "language of the response; und where it cannot be told",
    "ISO 639-1",
    "none",
    "script, then the share of function words (Ingle 1976); `script` where only that can be told",
    kind="label",
)


def values(texts: RowTexts) -> list[str]:
    """(n,) language of each response."""
    return texts.languages
