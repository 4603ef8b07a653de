"""The script that a response is written in."""

from __future__ import annotations

from curate.score.column import Column
from curate.score.texts import RowTexts

COLUMN = Column(
    "script", "script that most letters of the response are in", "name", "none", "Unicode blocks", kind="label"
)


def values(texts: RowTexts) -> list[str]:
    """(n,) script of each response."""
    return texts.scripts
