"""The features of rows and of their corruptions, by name, and the direction in which each counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from curate.score.faults.registry import findings
from curate.score.quality import company, language_model, parts, request, shape, shared_words
from curate.score.quality.corrupt import FOLDS, Corrupted, text_hash
from curate.score.quality.pairs import Pairs
from curate.score.quality.phrases import STOCK
from curate.score.quality.usual import UNUSUAL, Usual
from curate.text.words import words

Embed = Callable[[Sequence[str]], np.ndarray]
Features = np.ndarray
# Corruptions whose text comes from lists of phrases: how popular an answer is, is counted among these.
PHRASED = ("stock", "worded", "residue", "other_language")
# 1: higher is better, -1: lower is better, 0: says how the others are to be read.
DIRECTIONS = {
    **shape.DIRECTIONS,
    **request.DIRECTIONS,
    **language_model.DIRECTIONS,
    **company.POPULAR,
    **company.NEAR,
    **parts.DIRECTIONS,
    **shared_words.DIRECTIONS,
    "certain_faults": -1,
    "suspicions": -1,
    **UNUSUAL,
}
NAMES = tuple(DIRECTIONS)
_KINDS = ("prompt", "response", "first sentence", "all but the ending", "ending")


def measure(
    pairs: Pairs, folds: np.ndarray, rows: np.ndarray, corruptions: Corrupted, embed: Embed
) -> tuple[Features, Features]:
    """(m, f) float32 features of rows and (k, f) of corruptions.

    Args:
        pairs: m rows.
        folds: of each.
        rows: positions of the rows that say what is usual and that others are compared with.
        corruptions: k of them.
        embed: gives the unit vectors of texts.
    """
    texts, bad_texts = _texts(pairs), _texts(corruptions.pairs)
    phrases = [phrase for group in STOCK.values() for phrase in group]
    vectors = embed([*texts, *bad_texts, *phrases])
    good_vectors, bad_vectors = vectors[: len(texts)], vectors[len(texts) : len(texts) + len(bad_texts)]
    space = _Space(pairs, folds, rows, good_vectors, vectors[len(texts) + len(bad_texts) :])
    own = company.AnswerCounts(pairs)
    good = space.features(pairs, folds, good_vectors, company.popular_features(pairs, own))
    bad_folds = folds[corruptions.origins]
    bad = space.features(corruptions.pairs, bad_folds, bad_vectors, _popular(corruptions, own))
    usual = Usual(good[rows])
    return usual.added(good), usual.added(bad)


class _Space:
    """What rows of one pool are compared with: counts of n-grams and vectors of other folds."""

    def __init__(
        self, pairs: Pairs, folds: np.ndarray, rows: np.ndarray, vectors: np.ndarray, phrases: np.ndarray
    ) -> None:
        texts = _unrepeated(pairs)
        all_words = [*map(words, texts), *pairs.prompt_words]
        self.counts = language_model.NgramCounts([*texts, *pairs.prompts], all_words, np.tile(folds, 2), FOLDS)
        self.phrases = phrases
        by_text = sorted(rows.tolist(), key=lambda i: text_hash(pairs.responses[i]))
        self.reference = []
        for fold in range(FOLDS):
            sample = np.array([i for i in by_text if folds[i] != fold][: company.OTHERS], np.int64)
            self.reference.append((vectors[sample], vectors[len(pairs) + sample]))

    def features(self, pairs: Pairs, folds: np.ndarray, vectors: np.ndarray, popular: np.ndarray) -> np.ndarray:
        return np.hstack(
            [
                shape.features(pairs),
                request.features(pairs),
                language_model.features(self.counts, pairs.responses, pairs.response_words, folds),
                popular,
                self._near(folds, vectors),
                shared_words.features(self.counts, pairs, folds),
                _faults(pairs),
            ]
        )

    def _near(self, folds: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        by_text = np.stack(np.split(vectors, len(_KINDS) + parts.QUARTERS))
        near = np.empty((len(folds), len(company.NEAR) + len(parts.NAMES)), np.float32)
        for fold in np.unique(folds):
            members = folds == fold
            prompts, responses, begins, *endings = by_text[: len(_KINDS), members]
            own = company.RowVectors(prompts, responses, begins)
            quarters = by_text[len(_KINDS) :, members]
            near[members] = np.hstack(
                [
                    company.near_features(own, self.reference[fold], self.phrases),
                    parts.features(prompts, quarters, np.stack(endings), self.reference[fold]),
                ]
            )
        return near


def _faults(pairs: Pairs) -> np.ndarray:
    """(n, 2) float32 how many faults of a row are certain, and how many it is suspected of."""
    values = np.zeros((len(pairs), 2), np.float32)
    for i, (prompt, response) in enumerate(zip(pairs.prompts, pairs.responses, strict=True)):
        certain = [finding.certain for finding in findings(prompt, response)]
        values[i] = sum(certain), len(certain) - sum(certain)
    return values


def _texts(pairs: Pairs) -> list[str]:
    """What is embedded of rows: the kinds of _KINDS, then quarters of responses."""
    rows = zip(pairs.sentences, pairs.responses, strict=True)
    begins = [sentences[0] if sentences else response[:80] for sentences, response in rows]
    endings = [parts.ending(text) for text in pairs.responses]
    quarters = [parts.quarters(text) for text in pairs.responses]
    return [
        *pairs.prompts,
        *pairs.responses,
        *begins,
        *(before for before, _ in endings),
        *(last for _, last in endings),
        *(row[k] for k in range(parts.QUARTERS) for row in quarters),
    ]


def _unrepeated(pairs: Pairs) -> list[str]:
    """Responses without the sentences that other rows have too: what is said often is not for that reason well said."""
    counts = Counter(sentence for sentences in pairs.sentences for sentence in set(sentences))
    return [" ".join(s for s in sentences if counts[s] == 1) for sentences in pairs.sentences]


def _popular(corruptions: Corrupted, own: company.AnswerCounts) -> np.ndarray:
    """How popular the answers of corruptions are: those made of phrases among one another, others among the rows."""
    pairs = corruptions.pairs
    phrased = np.flatnonzero([kind in PHRASED for kind in corruptions.kinds])
    values = company.popular_features(pairs, own)
    if len(phrased):
        chosen = Pairs([pairs.prompts[i] for i in phrased], [pairs.responses[i] for i in phrased])
        counts = company.AnswerCounts(chosen, own.size)
        values[phrased] = np.maximum(values[phrased], company.popular_features(chosen, counts))
    return values
