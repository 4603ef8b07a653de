"""Code fences that are opened and not closed."""

from __future__ import annotations

import re

from curate.score.faults.column import flag, flags
from curate.score.faults.finding import FaultFinding, excerpt
from curate.score.faults.row import FaultRow
from curate.score.texts import RowTexts

NAME = "fences"
MEANING = "a code fence of the response is opened and not closed"
SOURCE = "CommonMark 4.5: a fence is closed by one at least as long"
COLUMN = flag(NAME, MEANING, SOURCE)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$", re.MULTILINE)


def find(row: FaultRow) -> FaultFinding | None:
    """The fault, if the row has it."""
    place = open_fence(row.text)
    if place is None:
        return None
    return FaultFinding(
        NAME, True, "this code fence is opened and not closed", excerpt(row.response, place, place + 30)
    )


def open_fence(text: str) -> int | None:
    """Where the fence begins that is still open where the text ends; None where all are closed."""
    if "```" not in text and "~~~" not in text:
        return None
    open_by, place = "", None
    for match in _FENCE.finditer(text):
        fence, rest = match[1], match[2]
        if not open_by:
            if fence[0] != "`" or "`" not in rest:  # else it is code within the line
                open_by, place = fence, match.start()
        elif fence[0] == open_by[0] and len(fence) >= len(open_by) and not rest.strip():
            open_by, place = "", None
    return place


def values(texts: RowTexts) -> list[int]:
    """(n,) 1 for each row that certainly has the fault."""
    return flags(texts, NAME, find)
