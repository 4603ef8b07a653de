"""All that a row is suspected of."""

from __future__ import annotations

from curate.score.column import Column
from curate.score.faults.registry import names
from curate.score.texts import RowTexts

COLUMN = Column(
    "suspicions",
    "names of the faults that the row is suspected of",
    "names",
    "none",
    "as faults, with a lower precision",
    kind="names",
)


def values(texts: RowTexts) -> list[list[str]]:
    """(n,) names for each row, in the order of the registry."""
    return names(texts, certain=False)
