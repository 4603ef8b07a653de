"""A row as corruptions and augmentations see it."""

from __future__ import annotations

import re
from typing import NamedTuple

from curate.text.words import HAN

_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])\s*|\n+")


class TextRow(NamedTuple):
    """A prompt and its response."""

    prompt: str
    response: str


def language(text: str) -> str:
    """`zh` for a text of mostly Han characters, else `en`."""
    return "zh" if 3 * len(HAN.findall(text[:400])) > len(text[:400]) else "en"


def sentences(text: str) -> list[str]:
    """The sentences and lines of a text, without the empty ones."""
    return [part.strip() for part in _END.split(text) if part.strip()]
