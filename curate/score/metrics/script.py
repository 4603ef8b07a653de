"""The script that a response is written in."""

from __future__ import annotations

from curate.score.column import Column
from curate.score.rows import Rows

COLUMN = Column(
    "script", "script that most letters of the response are in", "name", "none", "Unicode blocks", kind="label"
)


def values(rows: Rows) -> list[str]:
    """(n,) script of each response."""
    return rows.scripts
