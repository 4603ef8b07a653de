"""Features of what scanners, chats and careless copying leave of a response: repeated sentences, mixed-up words."""

from __future__ import annotations

import re

import numpy as np

from curate.score.quality.pairs import Pairs

DIRECTIONS = {
    "repeated_text": -1,
    "mixed_words": -1,
    "stamped_lines": -1,
    "addressed_lines": -1,
    "stray_spaces": -1,
}
NAMES = tuple(DIRECTIONS)
# Characters of a sentence that is not said twice by chance.
LEAST = 12
_WORD = re.compile(r"[^\W_]{3,}")
# A digit between letters, or a capital after a small letter in the middle of a word.
_MIXED = re.compile(
    r"[a-z]\d+[a-z]|\b[A-Z]?[a-z]+[A-Z]{2,}[a-z]|\b\d+[a-z]{3,}|[a-zà-ÿ][|¦§][a-zà-ÿ]|\b[a-z]+[A-Z][a-z]*\b"
)
_FENCED = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.S)
_CODE = re.compile(r"[{};=<>]|\w\(|https?:")
_STAMP = re.compile(r"^.{0,24}?\b\d{1,2}:\d{2}\b")
_ADDRESSED = re.compile(r"^\W{0,2}(?:[^\s:：]{1,16}(?: [^\s:：]{1,12})?)\W{0,2}\s?[:：>]\s*\S|^<[^<>]{1,16}> ")
_STRAY = re.compile(r"\s[,.;:!?。，；：！？](?=\s|$)|(?<=[一-鿿]) (?=[一-鿿])|\b[b-hj-zB-HJ-Z] (?=[a-z])")


def features(pairs: Pairs) -> np.ndarray:
    """(n, len(NAMES)) float32 features of the responses."""
    values = np.zeros((len(pairs), len(NAMES)), np.float32)
    for i, (prompt, text, sentences) in enumerate(zip(pairs.prompts, pairs.responses, pairs.sentences, strict=True)):
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        values[i] = [
            _repeated(sentences),
            _mixed(text),
            0.0 if _STAMP.search(prompt) else _share(_STAMP, lines),
            _share(_ADDRESSED, lines),
            len(_STRAY.findall(text)) / (len(text) ** 0.5 + 1),
        ]
    return values


def _repeated(sentences: list[str]) -> float:
    """The share of the text that is sentences said before."""
    seen: set[str] = set()
    again = 0
    for sentence in sentences:
        if len(sentence) >= LEAST and sentence in seen:
            again += len(sentence)
        seen.add(sentence)
    return again / max(sum(map(len, sentences)), 1)


def _mixed(text: str) -> float:
    """The share of the words of the prose that have letters and digits mixed, or capitals inside."""
    prose = "\n".join(line for line in _FENCED.sub(" ", text).split("\n") if not _CODE.search(line))
    return len(_MIXED.findall(prose)) / (len(_WORD.findall(prose)) + 4)


def _share(pattern: re.Pattern[str], lines: list[str]) -> float:
    """The share of lines that begin in some way; less where there are few."""
    return sum(pattern.match(line) is not None for line in lines) / (len(lines) + 1)
