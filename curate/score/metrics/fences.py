"""Code fences that are opened and not closed."""

from __future__ import annotations

import re

from curate.score.column import Column
from curate.score.texts import RowTexts

COLUMN = Column(
    "fences",
    "a code fence of the response is opened and not closed",
    "1 = it is",
    "lower",
    "CommonMark 4.5: a fence is closed by one at least as long",
    limit=0,
    kind="flag",
)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$", re.MULTILINE)


def unbalanced(text: str) -> bool:
    """Whether a fenced block is still open where the text ends."""
    if "```" not in text and "~~~" not in text:
        return False
    open_by = ""
    for match in _FENCE.finditer(text):
        fence, rest = match[1], match[2]
        if not open_by:
            if fence[0] != "`" or "`" not in rest:  # else it is code within the line
                open_by = fence
        elif fence[0] == open_by[0] and len(fence) >= len(open_by) and not rest.strip():
            open_by = ""
    return bool(open_by)


def values(texts: RowTexts) -> list[int]:
    """(n,) 1 for each response with an open fence."""
    return [int(unbalanced(text)) for text in texts.responses]
