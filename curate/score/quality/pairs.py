"""Prompts and responses that are compared, and what several features derive from them, once."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from functools import cached_property

import numpy as np

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
        """Those at the given positions, with what was derived of them."""
        part = Pairs([self.prompts[i] for i in rows], [self.responses[i] for i in rows])
        for name in _DERIVED & self.__dict__.keys():
            part.__dict__[name] = [self.__dict__[name][i] for i in rows]
        return part

    @cached_property
    def prompt_words(self) -> list[list[str]]:
        """(n,) words of each prompt, in lower case."""
        return [words(text) for text in self.prompts]

    @cached_property
    def response_words(self) -> list[list[str]]:
        """(n,) words of each response, in lower case."""
        return [words(text) for text in self.responses]

    @cached_property
    def prompt_hashes(self) -> list[np.ndarray]:
        """(n,) hashes of the words of each prompt."""
        return [word_hashes(own) for own in self.prompt_words]

    @cached_property
    def response_hashes(self) -> list[np.ndarray]:
        """(n,) hashes of the words of each response."""
        return [word_hashes(own) for own in self.response_words]

    @cached_property
    def sentences(self) -> list[list[str]]:
        """(n,) sentences and lines of each response in normal form, without the empty ones."""
        return [[s for part in _SENTENCE.split(text) if part and (s := normal(part))] for text in self.responses]


_DERIVED = {name for name, value in vars(Pairs).items() if isinstance(value, cached_property)}


def word_hashes(words: Sequence[str]) -> np.ndarray:
    """(k,) uint64 hash of each word."""
    return np.array([zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in words], np.uint64)


def clipped(text: str, characters: int = CHARACTERS) -> str:
    """A text with its middle left out where it has more than so many characters."""
    if len(text) <= characters:
        return text
    half = (characters - 1) // 2
    return f"{text[:half]}\n{text[-half:]}"
