"""Corruptions of the rows of a pool, by fold."""

from __future__ import annotations

import random
from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from curate.score.quality.corruptions import CORRUPTIONS
from curate.score.quality.pairs import Pairs
from curate.score.quality.text_row import TextRow, language
from curate.text.normal import normal

FOLDS = 5
# Rows among which an answer in another language is looked for.
FOREIGN_SAMPLE = 40


class Variants(NamedTuple):
    """k texts made of rows: corruptions, or augmentations.

    Attributes:
        pairs: their texts.
        origins: (k,) int64 which row each is of.
        kinds: (k,) names of what was done.
    """

    pairs: Pairs
    origins: np.ndarray
    kinds: list[str]

    @classmethod
    def of(cls, made: Sequence[tuple[int, str, TextRow]]) -> Variants:
        """Those of (origin, kind, text) each."""
        pairs = Pairs([row.prompt for _, _, row in made], [row.response for _, _, row in made])
        return cls(pairs, np.array([origin for origin, _, _ in made], np.int64), [kind for _, kind, _ in made])


def folds_of(pairs: Pairs) -> np.ndarray:
    """(n,) int64 fold of each row; rows with the same answer are in one, so that copies tell nothing of one another."""
    return np.array([text_hash(normal(response)) % FOLDS for response in pairs.responses], np.int64)


def row_hash(pairs: Pairs, i: int) -> int:
    """A number of a row that no order of rows changes."""
    return text_hash(f"{pairs.prompts[i]}\x1f{pairs.responses[i]}")


def text_hash(text: str) -> int:
    """64-bit hash of a text."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def corrupted(
    pairs: Pairs, folds: np.ndarray, rows: np.ndarray, size: int, variants: int, without: Sequence[str] = ()
) -> Variants:
    """Corruptions of rows, each by a donor of the same fold, since counts of other folds have seen all others.

    Rows of the prior have donors of the prior, so that what is made of them is the same beside every pool.

    Args:
        pairs: all rows, those of the prior last.
        folds: of each.
        rows: positions of those that are corrupted.
        size: rows that are not of the prior.
        variants: corruptions of each, where its text allows.
        without: names of corruptions that are not made.
    """
    names = [name for name in CORRUPTIONS if name not in without]
    by_text = sorted(rows.tolist(), key=lambda i: row_hash(pairs, i))
    donors = {
        (fold, is_prior): [i for i in by_text if folds[i] == fold and i >= size * is_prior]
        for fold in range(FOLDS)
        for is_prior in (False, True)
    }
    made = []
    for variant in range(variants):
        for i in rows.tolist():
            seed = text_hash(f"{variant}\x1f{pairs.prompts[i]}\x1f{pairs.responses[i]}")
            name, rng = names[seed % len(names)], random.Random(seed)
            donor = _donor(pairs, i, donors[int(folds[i]), i >= size], name, rng)
            row = TextRow(pairs.prompts[i], pairs.responses[i])
            result = CORRUPTIONS[name](row, TextRow(pairs.prompts[donor], pairs.responses[donor]), rng)
            if result is None or (result.prompt == row.prompt and normal(result.response) == normal(row.response)):
                continue
            made.append((i, name, result))
    return Variants.of(made)


def _donor(pairs: Pairs, i: int, donors: Sequence[int], name: str, rng: random.Random) -> int:
    """The row whose answer a corruption may use; the row itself where another language is wanted and none is there."""
    if name != "other_language":
        return donors[rng.randrange(len(donors))]
    own = language(pairs.responses[i])
    sample = rng.sample(list(donors), min(FOREIGN_SAMPLE, len(donors)))
    return next((j for j in sample if language(pairs.responses[j]) != own), i)
