"""Features of a row beside the other rows: who else gives the same answer, and does the answer lie near its prompt."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import NamedTuple

import numpy as np

from curate.score.quality.breaks import Others
from curate.score.quality.pairs import Pairs
from curate.text.normal import normal

# Rows of its script that a row is compared with, at most, and how many there must be.
OTHERS, ENOUGH = 200, 30
BLOCK = 2048
POPULAR = {"same_answer": -1, "same_first": -1, "same_last": -1, "shared_sentences": -1, "most_shared_sentence": -1}
NEAR = {
    "cosine": 1,
    "rank_of_answer": 1,
    "rank_of_prompt": 1,
    "cosine_over_typical": 1,
    "like_phrase": -1,
    "begins_like_phrase": -1,
}


class AnswerCounts:
    """How many different prompts of a set of rows get each answer, and how many rows have each sentence.

    Args:
        pairs: the set.
        size: rows that counts are shares of; those of the set if None.
    """

    def __init__(self, pairs: Pairs, size: int | None = None) -> None:
        answers: dict[str, set[str]] = defaultdict(set)
        self.sentences: Counter[str] = Counter()
        for prompt, response, sentences in zip(pairs.prompts, pairs.responses, pairs.sentences, strict=True):
            answers[normal(response)].add(normal(prompt))
            self.sentences.update(set(sentences))
        self.answers = Counter({answer: len(prompts) for answer, prompts in answers.items()})
        self.size = max(size or len(pairs), 1)


def popular_features(pairs: Pairs, counts: AnswerCounts) -> np.ndarray:
    """(n, len(POPULAR)) float32: how many other rows of a set share the answers; a row, or its donor, is in the set."""
    scale = np.log1p(counts.size)
    rows = []
    for response, sentences in zip(pairs.responses, pairs.sentences, strict=True):
        others = [max(counts.sentences[sentence] - 1, 0) for sentence in sentences] or [0]
        sizes = [len(sentence) for sentence in sentences] or [1]
        shared = sum(size for size, count in zip(sizes, others, strict=True) if count)
        same = max(counts.answers[normal(response)] - 1, 0)
        rows.append(
            [
                np.log1p(same) / scale,
                np.log1p(others[0]) / scale,
                np.log1p(others[-1]) / scale,
                shared / max(sum(sizes), 1),
                np.log1p(max(others)) / scale,
            ]
        )
    return np.array(rows, np.float32).reshape(len(rows), len(POPULAR))


class RowVectors(NamedTuple):
    """(n, d) unit vectors of parts of rows.

    Attributes:
        prompts: whole prompts.
        responses: whole responses.
        begins: first sentences.
    """

    prompts: np.ndarray
    responses: np.ndarray
    begins: np.ndarray


def near_features(rows: RowVectors, others: Others, phrases: np.ndarray) -> np.ndarray:
    """(n, len(NEAR)) float32 features of the vectors of rows.

    Args:
        rows: n of them.
        others: other rows.
        phrases: (p, d) vectors of stock phrases.
    """
    own = np.einsum("ij,ij->i", rows.prompts, rows.responses)
    of_answer, typical = among(rows.prompts, others.responses, own)
    of_prompt, _ = among(rows.responses, others.prompts, own)
    columns = (
        own,
        of_answer,
        of_prompt,
        own - typical,
        _nearest_other(rows.responses, phrases),
        _nearest_other(rows.begins, phrases),
    )
    return np.column_stack(columns).astype(np.float32)


def among(vectors: np.ndarray, others: np.ndarray, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """((n,) share of the others whose cosine to each vector is below its own, (n,) mean cosine to the others).

    Args:
        vectors: (n, d) unit vectors.
        others: (m, d) unit vectors.
        own: (n,) cosine of each vector and what it belongs to.
    """
    shares, means = np.empty(len(own)), np.empty(len(own), np.float32)
    for start in range(0, len(own), BLOCK):
        part = slice(start, start + BLOCK)
        cosines = vectors[part] @ others.T
        shares[part] = (cosines < own[part, None]).mean(1)
        means[part] = cosines.mean(1)
    return shares, means


def _nearest_other(vectors: np.ndarray, phrases: np.ndarray) -> np.ndarray:
    """(n,) the largest cosine to a phrase that is not the text itself."""
    values = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), BLOCK):
        cosines = vectors[start : start + BLOCK] @ phrases.T
        cosines[cosines > 0.999] = -1
        values[start : start + BLOCK] = cosines.max(1)
    return values
