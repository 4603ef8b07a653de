"""Variants of good rows that are good too: a classifier that sees whole answers only takes every short one for cut."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import numpy as np

from curate.score.quality.corrupt import Variants, text_hash
from curate.score.quality.pairs import Pairs
from curate.score.quality.text_row import TextRow, language

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])|(?<=[。！？])")
# Characters of a variant, and of one in quotation marks at most.
LEAST, QUOTED = 8, 200

Augmentation = Callable[[TextRow, random.Random], "TextRow | None"]


def first_sentences(row: TextRow, rng: random.Random) -> TextRow | None:
    """The answer ends after some of its sentences."""
    sentences = _sentences(row.response.split("\n")[0])
    if len(_sentences(row.response)) < 2 or not sentences:
        return None
    joint = "" if language(row.response) == "zh" else " "
    return _announces_nothing(row, joint.join(sentences[: rng.choice((1, 1, rng.randint(1, len(sentences))))]))


def quoted(row: TextRow, _: random.Random) -> TextRow | None:
    """The first sentence in quotation marks, as slogans, titles and quotations are given."""
    sentence = next(iter(_sentences(row.response.split("\n")[0])), "").strip()
    if len(sentence) > QUOTED or _announces_nothing(row, sentence) is None:
        return None
    return row._replace(response=f"“{sentence}”" if language(row.response) == "zh" else f'"{sentence}"')


def _announces_nothing(row: TextRow, text: str) -> TextRow | None:
    """The row with a text as its answer; None for one that is too short or ends before what it announces."""
    text = text.strip()
    return None if len(text) < LEAST or text.endswith((":", "：")) else row._replace(response=text)


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE.split(text) if sentence.strip()]


# What a variant weighs beside its row.
WEIGHTS = {"first_sentences": 0.4, "quoted": 0.15}
AUGMENTATIONS: dict[str, Augmentation] = {function.__name__: function for function in (first_sentences, quoted)}


def augmented(pairs: Pairs, rows: np.ndarray) -> Variants:
    """The augmentations of rows that their texts allow.

    Args:
        pairs: all rows.
        rows: positions of those that variants are made of.
    """
    made = []
    for i in rows.tolist():
        row = TextRow(pairs.prompts[i], pairs.responses[i])
        rng = random.Random(text_hash(f"{row.prompt}\x1e{row.response}"))
        for name, function in AUGMENTATIONS.items():
            result = function(row, rng)
            if result is not None and result.response != row.response.strip():
                made.append((i, name, result))
    return Variants.of(made)
