"""All that is certainly wrong with a row."""

from __future__ import annotations

from curate.score.column import Column
from curate.score.faults.registry import names
from curate.score.texts import RowTexts

COLUMN = Column(
    "faults",
    "names of the faults that the row certainly has",
    "names",
    "none",
    "precision at least 0.99 on labelled rows: docs/scores.md",
    kind="names",
)


def values(texts: RowTexts) -> list[list[str]]:
    """(n,) names for each row, in the order of the registry."""
    return names(texts, certain=True)
