"""Length of the prompt in characters."""

from __future__ import annotations

from curate.score.column import Column
from curate.score.texts import RowTexts

COLUMN = Column(
    "prompt_length", "length of the prompt", "characters", "none", "a count, to see and to filter by", kind="count"
)


def values(texts: RowTexts) -> list[int]:
    """(n,) characters of each prompt."""
    return [len(text) for text in texts.prompts]
