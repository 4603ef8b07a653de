"""How easy an English response is to read."""

from __future__ import annotations

import re

from curate.score.column import Column
from curate.score.texts import RowTexts

LEAST = 30
COLUMN = Column(
    "readability",
    "reading ease of English responses of 30 words or more (60 to 70 is plain English); others have none",
    "Flesch reading ease",
    "none",
    "Flesch 1948: 206.835 - 1.015 words / sentences - 84.6 syllables / words, syllables by groups of vowels",
)
_SENTENCE = re.compile(r"[.!?]+(?=\s|$|[\"')])")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"(?:[^laeiouy]e|[aeiouy]le|[^td]ed|[^sxzhgc]es)$")
_known: dict[str, int] = {}


def syllables(word: str) -> int:
    """Syllables of a word in lower case: groups of vowels without silent endings, at least one."""
    count = len(_VOWELS.findall(word))
    return max(1, count - 1 if count > 1 and _SILENT.search(word) else count)


def reading_ease(text: str, words: list[str]) -> float | None:
    """Flesch reading ease of a text and its words; None below 30 words.  Source: Flesch 1948."""
    if len(words) < LEAST:
        return None
    total = 0
    for word in words:
        count = _known.get(word)
        if count is None:
            count = syllables(word)
            if len(_known) < 200_000:
                _known[word] = count
        total += count
    sentences = max(1, len(_SENTENCE.findall(text)))
    return 206.835 - 1.015 * len(words) / sentences - 84.6 * total / len(words)


def values(texts: RowTexts) -> list[float | None]:
    """(n,) reading ease of each English response."""
    rows = zip(texts.responses, texts.words, texts.languages, strict=True)
    return [reading_ease(text, words) if language == "en" else None for text, words, language in rows]
