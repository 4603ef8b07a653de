"""Answers that are sound texts in the wrong place."""

from __future__ import annotations

import random
import re
from itertools import pairwise

from dirt.donors import Donors
from dirt.row import Row

JOINTS = (" ", "\n", "\n\n")
SENTENCE_END = re.compile(r"(?<=[。！？\n])|(?<=[.!?])\s+")


def other_answer(row: Row, donors: Donors, rng: random.Random) -> Row:
    """The answer of another row."""
    return row._replace(answer=donors.other(row, rng).answer)


def other_language(row: Row, donors: Donors, rng: random.Random) -> Row:
    """An answer in the other language."""
    other = "en" if row.language == "zh" else "zh"
    return row._replace(answer=donors.other(row, rng, other).answer)


def echo(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """The prompt instead of an answer, whole or led in by a few words."""
    if len(row.prompt) < 8:
        return None
    if row.language == "zh":
        lead = rng.choice(("", "", "问题：", "你问的是：", "题目如下：", "用户提问："))
    else:
        lead = rng.choice(("", "", "Question: ", "You asked: ", "The task is: ", "Q: "))
    return row._replace(answer=lead + row.prompt)


def other_ending(row: Row, donors: Donors, rng: random.Random) -> Row:
    """The answer goes over into the second half of another one (into all of it, if its half is short)."""
    other = donors.other(row, rng).answer
    sentences = sentences_of(other)
    ending = "".join(sentences[len(sentences) // 2 :])
    return row._replace(answer=row.answer.rstrip() + rng.choice(JOINTS) + (ending if len(ending) >= 20 else other))


def sentences_of(text: str) -> list[str]:
    """Sentences of a text with the white space after them; joined they are the text."""
    ends = [0, *(m.end() for m in SENTENCE_END.finditer(text)), len(text)]
    return [text[a:b] for a, b in pairwise(ends) if b > a]
