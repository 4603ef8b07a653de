"""Rows that lend their answers to bad rows; none of them is in the pool itself."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from dirt.row import Row

WORD = re.compile(r"[a-z]{4,}|[一-鿿]")
SAME = 0.55  # of the words of the shorter of two prompts, from which on they may ask the same
FENCED = re.compile(r"```[a-z]*\n.{40,}?```", re.S)
NEAR = (0.15, 0.6)  # Jaccard similarity of prompts that are near and yet not the same


class Donors:
    """Rows to take answers and prompts from.

    Args:
        rows: clean rows, in both languages.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = {language: [r for r in rows if r.language == language] for language in ("en", "zh")}
        self._words = {row.prompt: words(row.prompt) for row in rows}

    def other(self, row: Row, rng: random.Random, language: str | None = None) -> Row:
        """A row with another prompt and another answer, in the language of `row` if none is named.

        Two rows of one template may share an answer by right, so that prompts with most words in common do not count.
        """
        rows = self._rows[language or row.language]
        own = words(row.prompt)
        for _ in range(200):
            donor = rng.choice(rows)
            if jaccard(own, self._words[donor.prompt]) < 0.3 and donor.answer.strip() != row.answer.strip():
                return donor
        raise ValueError("no donor differs enough from the row")

    def code(self, rng: random.Random) -> str | None:
        """A fenced piece of code of some row; None if there is none."""
        blocks = [block for rows in self._rows.values() for row in rows for block in FENCED.findall(row.answer)]
        return rng.choice(blocks) if blocks else None

    def near(self, row: Row, key: str = "prompt") -> Row | None:
        """The row most like `row` by the words of its prompt (or answer), and yet another question; None if none is."""
        own = words(getattr(row, key))
        best, most = None, NEAR[0]
        for donor in self._rows[row.language]:
            similarity = jaccard(own, self._words[donor.prompt])
            other_answer = jaccard(words(donor.answer), words(row.answer)) < 0.5 and donor.prompt != row.prompt
            if most < similarity <= NEAR[1] and other_answer and not _same_request(row, donor):
                best, most = donor, similarity
        return best


def _same_request(row: Row, donor: Row) -> bool:
    """Whether most words of the shorter prompt are in the longer one: it may ask the same in other words."""
    own, other = words(row.prompt), words(donor.prompt)
    return len(own & other) > SAME * min(len(own), len(other))


def words(text: str) -> frozenset[str]:
    """The longer words and the Chinese characters of a text."""
    return frozenset(WORD.findall(text.lower()))


def jaccard(left: frozenset[str], right: frozenset[str]) -> float:
    """Jaccard similarity of two sets; 0 where both are empty."""
    return len(left & right) / max(1, len(left | right))


@cache
def phrases(folder: str, name: str, language: str) -> list[str]:
    """The lines of a file of phrases; a backslash and n in them is a line break."""
    path = Path(__file__).parent / folder / f"{name}.{language}.txt"
    return [line.replace("\\n", "\n") for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def topic(prompt: str, language: str) -> str:
    """A few words of a prompt that stand for what it is about."""
    if language == "zh":
        return max(re.split(r"[^一-鿿]+", prompt[:200]), key=len)[:10] or "这个问题"
    tail = [w for w in re.findall(r"[A-Za-z]+", prompt[:200]) if len(w) > 3][-3:]
    return " ".join(tail) or "this"


def filled(phrase: str, row: Row) -> str:
    """A phrase with the topic of a row put in its place."""
    return phrase.replace("{topic}", topic(row.prompt, row.language))
