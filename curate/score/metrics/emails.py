"""E-mail addresses in a row: perhaps somebody's."""

from __future__ import annotations

import re

from curate.score.column import Column
from curate.score.texts import RowTexts

COLUMN = Column(
    "emails",
    "e-mail addresses in prompt and response; they may be a person's",
    "addresses",
    "none",
    "RFC 5321 without its quoted forms",
    kind="count",
)
_EMAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9_.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,}")


def count(text: str) -> int:
    """E-mail addresses in a text."""
    return len(_EMAIL.findall(text)) if "@" in text else 0


def values(texts: RowTexts) -> list[int]:
    """(n,) addresses in each row."""
    return [count(prompt) + count(response) for prompt, response in zip(texts.prompts, texts.responses, strict=True)]
