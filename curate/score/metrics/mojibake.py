"""Text that was decoded with the wrong encoding."""

from __future__ import annotations

import re

from curate.score.column import Column
from curate.score.texts import RowTexts

COLUMN = Column(
    "mojibake",
    "places in prompt and response that were decoded wrongly (â€™, Ã©, 锟斤拷, \ufffd)",
    "places",
    "lower",
    "the sequences that UTF-8 read as Latin-1, CP-1252 or GBK leaves (as ftfy lists them)",
    limit=0,
    kind="count",
)
# UTF-8 lead bytes as Latin-1 or CP-1252 letters, followed by what continuation bytes become there.  Quotation marks and
# dashes, which may rightly follow a letter, are left out where the lead is a letter in use.
_BYTE = (
    "\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2020\u2021\u02c6\u2030\u0160\u0152\u017d\u02dc\u2122"
    "\u0161\u0153\u017e\u0178"
)
_MARK = _BYTE + "\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u2026\u2039\u203a"
_BROKEN = re.compile(
    f"\ufffd+|[\u0080-\u0084\u0086-\u009f]+|\u00c3[{_BYTE}]|\u00c2[\u0080-\u00bf]|\u00e2[\u0080\u20ac][{_MARK}]"
    f"|[\u00e4-\u00e9][{_BYTE}][{_MARK}]|\u00f0[\u0178\u009f][{_MARK}]|\u00ef\u00bb\u00bf|锟斤拷|烫烫烫|屯屯屯"
)

# One of these stands in every broken place, and is fast to look for.
_LEAD = re.compile("[\u0080-\u009f\u00c2\u00c3\u00e2\u00e4-\u00e9\u00ef\u00f0\ufffd锟烫屯]")


def broken(text: str) -> int:
    """How many places of a text were decoded wrongly."""
    return len(_BROKEN.findall(text)) if not text.isascii() and _LEAD.search(text) else 0


def values(texts: RowTexts) -> list[int]:
    """(n,) broken places of each row."""
    return [broken(prompt) + broken(response) for prompt, response in zip(texts.prompts, texts.responses, strict=True)]
