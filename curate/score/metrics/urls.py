"""Web addresses in a response."""

from __future__ import annotations

import re

from curate.score.column import Column
from curate.score.texts import RowTexts

COLUMN = Column(
    "urls",
    "web addresses in the response; a model learns to invent them",
    "addresses",
    "none",
    "http://, https:// and www. (RFC 3986)",
    kind="count",
)
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'，。）】]+", re.IGNORECASE)


def values(texts: RowTexts) -> list[int]:
    """(n,) addresses in each response."""
    return [len(_URL.findall(text)) if "://" in text or "www." in text.lower() else 0 for text in texts.responses]
