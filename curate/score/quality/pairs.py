"""Prompts and responses that are compared, and what several features derive from them, once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from curate.text.normal import normal
from curate.text.words import words

# Only the beginning and the end of a long text are looked at.
CHARACTERS = 6000
_SENTENCE = re.compile(r"(?<=[.!?。！？…])\s+|(?<=[。！？])|\n+")


class Pairs:
    """n prompts with their responses.

    Args:
        prompts: (n,) the user's turns.
        responses: (n,) the assistant's turns.
    """

    def __init__(self, prompts: Sequence[str], responses: Sequence[str]) -> None:
        self.prompts = [clipped(text) for text in prompts]
        self.responses = [clipped(text) for text in responses]

    def __len__(self) -> int:
        return len(self.responses)

    def part(self, rows: Sequence[int]) -> Pairs:
        """Those at the given positions."""
        return Pairs([self.prompts[i] for i in rows], [self.responses[i] for i in rows])

    @cached_property
    def prompt_words(self) -> list[list[str]]:
        """(n,) words of each prompt, in lower case."""
        return [words(text) for text in self.prompts]

    @cached_property
    def response_words(self) -> list[list[str]]:
        """(n,) words of each response, in lower case."""
        return [words(text) for text in self.responses]

    @cached_property
    def sentences(self) -> list[list[str]]:
        """(n,) sentences and lines of each response in normal form, without the empty ones."""
        return [[s for part in _SENTENCE.split(text) if part and (s := normal(part))] for text in self.responses]


def clipped(text: str, characters: int = CHARACTERS) -> str:
    """A text with its middle left out where it has more than so many characters."""
    if len(text) <= characters:
        return text
    half = (characters - 1) // 2
    return f"{text[:half]}\n{text[-half:]}"
