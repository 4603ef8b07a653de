"""A row of a pool, and the split of all data into a half to tune on and a half to report on."""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

HALVES = ("tune", "report")


class Row(NamedTuple):
    """One prompt and its answer.

    Attributes:
        prompt: the first user turn.
        answer: the assistant turn after it.
        language: `en` or `zh`.
        source: name of the file that it comes from.
        kind: what is wrong with the row; "" for a clean one.
    """

    prompt: str
    answer: str
    language: str
    source: str
    kind: str = ""


def half_of(text: str) -> str:
    """The half that a row belongs to, by the text of its first prompt (of Alpaca rows, the instruction alone)."""
    return HALVES[int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") % 2]


def is_han(text: str) -> bool:
    """Whether a text has at least one Chinese character for every five other ones."""
    han = sum("一" <= c <= "鿿" for c in text)
    return han * 6 >= len(text.replace(" ", "")) > 0
