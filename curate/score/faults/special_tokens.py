"""Marks of prompt templates left in a row's text."""

from __future__ import annotations

import re

from curate.score.column import Column
from curate.score.faults.column import fault_rows, found
from curate.score.faults.finding import FaultFinding, of_match
from curate.score.faults.row import FaultRow
from curate.score.texts import RowTexts
from schemas.marks import MARKS, SPEAKS, speaks_of_marks

NAME = "special_tokens"
MEANING = "marks of a prompt template stand in prompt or response (<|im_end|>, </s>, [INST])"
SOURCE = (
    "the marks of the templates in schemas/templates.py; a trainer writes them itself, so here they are trained as text"
)
COLUMN = Column(NAME, MEANING, "marks", "lower", SOURCE, limit=0, kind="count")
# One of these is in every mark, and is fast to look for.
_PARTS = ("|>", "｜>", "s>", "_turn>", "<pad>", "<unk>", "INST]", "SYS>")
# Rows that speak of such marks, or of mark-up that looks like them.
_ABOUT = re.compile(
    r"token|template|chatml|delimiter|separator|special character|\bmarks?\b|strip\(|\.replace\(|regex|decod"
    r"|词元|标记|模板|分词|占位|特殊符号|结束符"
)
_MARKUP = re.compile(
    r"\bhtml|\bxml|strike|\btags?\b|mark up|markup|删除线|标签|</?(?:p|del|ins|div|span|b|i|a|td|li)\b"
)


def find(row: FaultRow) -> FaultFinding | None:
    """The fault, if the row has it."""
    places = marks(row)
    if not places:
        return None
    text, match = places[0]
    if _quoted(row, text, match):
        return None
    what = f"{match[0].strip()} is a mark of a prompt template"
    if len(places) > 1:
        what += f", the first of {len(places)}"
    return FaultFinding(NAME, True, what, of_match(text, match))


def marks(row: FaultRow) -> list[tuple[str, re.Match[str]]]:
    """Each mark in a row that is none of HTML's: the text that it stands in, and its match."""
    places = []
    for text in (row.prompt, row.response):
        if ("<" in text or "[" in text) and any(part in text for part in _PARTS):
            strikes = "s>" in text and _markup(row, text)
            matches = MARKS.finditer(text)
            places += [(text, match) for match in matches if not (strikes and match[0] in ("<s>", "</s>"))]
    return places


def _markup(row: FaultRow, text: str) -> bool:
    """Whether <s> strikes out text: both ends are there, around a part, or the row speaks of mark-up."""
    if _MARKUP.search(row.prompt_lower) or _MARKUP.search(row.lower):
        return True
    bare = text.strip()
    return "<s>" in bare and "</s>" in bare and not bare.startswith("<s>")


def _quoted(row: FaultRow, text: str, match: re.Match[str]) -> bool:
    """Whether a row speaks of the mark: it names such things, or the mark is in code or quotation marks."""
    if text is row.response and match.start() >= len(row.text) and row.text.count("`") % 2 == 0:
        # A response that ends in a mark has it left over, unless it answers which mark it is.
        if not row.text:
            return speaks_of_marks(row.prompt)
        return match[0] in row.prompt or ("token" in row.lower and speaks_of_marks(row.prompt))
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    if before in ('"', "`", "'", "“", "‘", "「") and after:
        return True
    return bool(_ABOUT.search(row.prompt_lower) or _ABOUT.search(row.lower)) or bool(SPEAKS.search(row.prompt))


def count(row: FaultRow) -> int:
    """Marks in a row in which they are left over."""
    return len(marks(row))


def values(texts: RowTexts) -> list[int]:
    """(n,) marks of each row."""
    rows = zip(fault_rows(texts), found(texts, NAME, find), strict=True)
    return [0 if finding is None else max(1, count(row)) for row, finding in rows]
