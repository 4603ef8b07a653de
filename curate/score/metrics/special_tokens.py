"""Marks of prompt templates left in a row's text."""

from __future__ import annotations

import re

from curate.score.column import Column
from curate.score.texts import RowTexts

COLUMN = Column(
    "special_tokens",
    "marks of a prompt template left in prompt or response (<|im_end|>, </s>, [INST], ### Response:)",
    "marks",
    "lower",
    "the marks of the templates in schemas/templates.py; a trainer writes them itself, so here they are learnt as text",
    limit=0,
    kind="count",
)
MARKS = re.compile(
    r"<\|[A-Za-z_]{2,30}\|>|<｜[^<>｜\n]{1,30}｜>|</?s>|<(?:start|end)_of_turn>|<(?:bos|eos|pad|unk)>|\[/?INST\]|<</?SYS>>"
    r"|^### (?:Instruction|Input|Response|Human|Assistant|指令|输入|回答|回复)[:：]",
    re.MULTILINE,
)


def count(text: str) -> int:
    """Marks in a text."""
    return len(MARKS.findall(text)) if "<" in text or "[" in text or "#" in text else 0


def values(texts: RowTexts) -> list[int]:
    """(n,) marks in each row."""
    return [count(prompt) + count(response) for prompt, response in zip(texts.prompts, texts.responses, strict=True)]
