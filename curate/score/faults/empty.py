"""Responses in which nothing is left once special tokens and blanks are taken off."""

from __future__ import annotations

from curate.score.faults.column import flag, flags
from curate.score.faults.finding import FaultFinding, excerpt
from curate.score.faults.row import INVISIBLE, FaultRow
from curate.score.texts import RowTexts
from schemas.marks import MARKS, speaks_of_marks

NAME = "empty"
MEANING = "nothing is left of the response once special tokens, blanks, quotation marks and bare fences are taken off"
SOURCE = "a row without an answer trains a model to stop at once"
COLUMN = flag(NAME, MEANING, SOURCE)
# Longer responses than this are not empty, whatever signs they consist of.
LONGEST = 400
_SHELL = " \t\n\r`\"'“”‘’「」" + INVISIBLE


def find(row: FaultRow) -> FaultFinding | None:
    """The fault, if the row has it."""
    response = row.response
    if len(response) > LONGEST or row.has_calls:
        return None
    if any(c.isalnum() for c in response):  # else there is no mark in it that has letters
        if not response.rstrip().endswith((">", "]")):
            return None
        response = MARKS.sub("", response)
        if any(c.isalnum() for c in response) or speaks_of_marks(row.prompt):
            return None
    bare = response.strip(_SHELL).strip()
    if not bare:
        shell = row.response.strip().strip(INVISIBLE)
        asked = "empty" in row.prompt_lower or "空" in row.prompt or len(shell) == 1  # one sign may be what was asked
        what = "the response is empty" if not shell else "only marks and blanks stand in the response"
        return FaultFinding(NAME, not asked, what, excerpt(row.response))
    if bare in (".", "..", "...", "…", "……", "-", "--", "—", "_", "/"):
        return FaultFinding(NAME, False, "the response is a sign alone", excerpt(row.response))
    return None


def values(texts: RowTexts) -> list[int]:
    """(n,) 1 for each row that certainly has the fault."""
    return flags(texts, NAME, find)
