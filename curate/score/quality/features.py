"""The features of rows and of their corruptions, by name, and the direction in which each counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from curate.score.quality import (
    beginnings,
    breaks,
    company,
    language_model,
    own,
    shared_words,
)
from curate.score.quality.corrupt import FOLDS, Variants, text_hash
from curate.score.quality.pairs import Pairs, word_hashes
from curate.score.quality.phrases import STOCK
from curate.score.quality.text_row import language
from curate.score.quality.usual import UNUSUAL, Usual
from curate.text.words import words

Embed = Callable[[Sequence[str]], np.ndarray]
Features = np.ndarray
# Corruptions whose text comes from lists of phrases: how popular an answer is, is counted among these.
PHRASED = ("stock", "worded", "residue", "other_language")
# 1: higher is better, -1: lower is better, 0: says how the others are to be read.
DIRECTIONS = {
    **own.DIRECTIONS,
    **language_model.DIRECTIONS,
    **company.POPULAR,
    **company.NEAR,
    **breaks.DIRECTIONS,
    **shared_words.DIRECTIONS,
    **beginnings.DIRECTIONS,
    **UNUSUAL,
}
NAMES = tuple(DIRECTIONS)
# Rows whose vectors are held at a time.
BLOCK = 4096


class Measured(NamedTuple):
    """float32 features, one row of them for each text row.

    Attributes:
        rows: (m, f) of the rows.
        corruptions: (k, f) of what was made of them.
        augmentations: (a, f) of good variants of them.
    """

    rows: Features
    corruptions: Features
    augmentations: Features


def measure(
    pairs: Pairs,
    folds: np.ndarray,
    rows: np.ndarray,
    made: tuple[Variants, Variants],
    faults: np.ndarray,
    embed: Embed,
    stored: own.Stored | None = None,
) -> Measured:
    """The features of rows, of their corruptions and of their augmentations.

    Args:
        pairs: m rows.
        folds: of each.
        rows: positions of the rows that say what is usual and that others are compared with.
        made: corruptions and augmentations.
        faults: (n, 2) counts of certain and of suspected faults of the first n rows.
        embed: gives the unit vectors of texts.
        stored: rows whose features by themselves are known.
    """
    space, counts = _Space(pairs, folds, rows, embed), company.AnswerCounts(pairs)

    def of(texts: Pairs, own_folds: np.ndarray, popular: np.ndarray, known: np.ndarray | None = None) -> np.ndarray:
        return np.hstack([own.features(texts, known, stored), space.features(texts, own_folds, popular)])

    def of_variants(variants: Variants, popular: np.ndarray) -> np.ndarray:
        return of(variants.pairs, folds[variants.origins], popular)

    corruptions, augmentations = made
    measured = (
        of(pairs, folds, company.popular_features(pairs, counts), faults),
        of_variants(corruptions, _popular(corruptions, counts)),
        of_variants(augmentations, company.popular_features(augmentations.pairs, counts)),
    )
    usual = Usual(measured[0][rows])
    return Measured(*(usual.added(features) for features in measured))


class _Space:
    """What rows of one pool are compared with: counts of n-grams and vectors of other folds."""

    def __init__(self, pairs: Pairs, folds: np.ndarray, rows: np.ndarray, embed: Embed) -> None:
        texts = _unrepeated(pairs)
        all_words = [*map(words, texts), *pairs.prompt_words]
        hashes = [*map(word_hashes, all_words[: len(texts)]), *pairs.prompt_hashes]
        both = [*texts, *pairs.prompts]
        self.counts = language_model.NgramCounts(both, all_words, hashes, np.tile(folds, 2), FOLDS)
        self.beginnings = beginnings.BeginningCounts(pairs, folds, FOLDS)
        self.embed = embed
        self.phrases = embed([phrase for group in STOCK.values() for phrase in group])
        by_text = sorted(rows.tolist(), key=lambda i: text_hash(pairs.responses[i]))
        scripts = {i: language(pairs.responses[i]) for i in by_text}
        self.others = {
            (fold, script): self._others(pairs, [i for i in by_text if folds[i] != fold], scripts, script)
            for fold in range(FOLDS)
            for script in ("en", "zh")
        }

    def _others(self, pairs: Pairs, rows: list[int], scripts: dict[int, str], script: str) -> breaks.Others:
        """Rows of a script to compare with, of any script where there are too few."""
        same = [i for i in rows if scripts[i] == script]
        sample = pairs.part((same if len(same) >= company.ENOUGH else rows)[: company.OTHERS])
        vectors = self.embed([*sample.prompts, *sample.responses])
        return breaks.Others(*np.split(vectors, 2))

    def features(self, pairs: Pairs, folds: np.ndarray, popular: np.ndarray) -> np.ndarray:
        """(n, f) float32 features of rows beside those of the pool."""
        width = len(DIRECTIONS) - len(UNUSUAL) - len(own.DIRECTIONS)
        values = np.empty((len(pairs), width), np.float32)
        for start in range(0, len(pairs), BLOCK):
            block = range(start, min(start + BLOCK, len(pairs)))
            values[block] = self._block(pairs.part(block), folds[block], popular[block])
        return values

    def _block(self, pairs: Pairs, folds: np.ndarray, popular: np.ndarray) -> np.ndarray:
        return np.hstack(
            [
                language_model.features(self.counts, pairs, folds),
                popular,
                self._near(pairs, folds),
                shared_words.features(self.counts, pairs, folds),
                beginnings.features(self.beginnings, pairs, folds),
            ]
        )

    def _near(self, pairs: Pairs, folds: np.ndarray) -> np.ndarray:
        """Features of vectors: each row beside others of its script and of other folds."""
        segments = [breaks.segments(response) for response in pairs.responses]
        begins = [
            parts[0] if parts else text[:80] for parts, text in zip(pairs.sentences, pairs.responses, strict=True)
        ]
        flat = [segment for parts in segments for segment in parts]
        vectors = self.embed([*pairs.prompts, *pairs.responses, *begins, *flat])
        prompts, responses, first, of_segments = np.split(vectors, np.arange(1, 4) * len(pairs))
        places = np.split(np.arange(len(flat)), np.cumsum([len(parts) for parts in segments])[:-1])
        scripts = [language(text) for text in pairs.responses]
        near = np.empty((len(pairs), len(company.NEAR) + len(breaks.NAMES)), np.float32)
        for (fold, script), others in self.others.items():
            members = [i for i in range(len(pairs)) if folds[i] == fold and scripts[i] == script]
            if not members:
                continue
            rows = company.RowVectors(prompts[members], responses[members], first[members])
            parts = of_segments[np.concatenate([places[i] for i in members])]
            near[members] = np.hstack(
                [
                    company.near_features(rows, others, self.phrases),
                    breaks.features(prompts[members], parts, [segments[i] for i in members], others),
                ]
            )
        return near


def _unrepeated(pairs: Pairs) -> list[str]:
    """Responses without the sentences that other rows have too: what is said often is not for that reason well said."""
    counts = Counter(sentence for sentences in pairs.sentences for sentence in set(sentences))
    return [" ".join(s for s in sentences if counts[s] == 1) for sentences in pairs.sentences]


def _popular(corruptions: Variants, of_rows: company.AnswerCounts) -> np.ndarray:
    """How popular the answers of corruptions are: those made of phrases among one another, others among the rows."""
    pairs = corruptions.pairs
    phrased = np.flatnonzero([kind in PHRASED for kind in corruptions.kinds])
    values = company.popular_features(pairs, of_rows)
    if len(phrased):
        chosen = pairs.part(phrased.tolist())
        counts = company.AnswerCounts(chosen, of_rows.size)
        values[phrased] = np.maximum(values[phrased], company.popular_features(chosen, counts))
    return values
