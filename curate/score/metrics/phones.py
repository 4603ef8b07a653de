"""Telephone-like numbers in a row: perhaps somebody's."""

from __future__ import annotations

import re

from curate.score.column import Column
from curate.score.texts import RowTexts

COLUMN = Column(
    "phones",
    "telephone-like numbers in prompt and response; they may be a person's",
    "numbers",
    "none",
    "E.164 with +, North American 3-3-4, Chinese mobile and landline numbers",
    kind="count",
)
_PHONE = re.compile(
    r"(?<![\w.+-])(?:\+\d[\d ().-]{6,16}\d|\(\d{3}\) ?\d{3}-\d{4}|\d{3}[-.]\d{3}[-.]\d{4}|0\d{2,3}-\d{7,8}|1[3-9]\d{9})"
    r"(?![\w-])",
    re.ASCII,
)
# Found fast, and in nearly no text without a number.
_DIGITS = re.compile(r"\d[\d ().-]{6,}\d", re.ASCII)


def count(text: str) -> int:
    """Telephone-like numbers in a text."""
    return len(_PHONE.findall(text)) if _DIGITS.search(text) else 0


def values(texts: RowTexts) -> list[int]:
    """(n,) numbers in each row."""
    return [count(prompt) + count(response) for prompt, response in zip(texts.prompts, texts.responses, strict=True)]
