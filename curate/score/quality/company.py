"""Features of a row beside the other rows: who else gives the same answer, and does the answer lie near its prompt."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from curate.score.quality.pairs import Pairs
from curate.text.normal import normal

# Other responses that a prompt is compared with, at most.
OTHERS = 400
BLOCK = 2048
POPULAR = {"same_answer": -1, "same_first": -1, "same_last": -1, "shared_sentences": -1, "most_shared_sentence": -1}
NEAR = {
    "cosine": 1, "rank_of_answer": 1, "rank_of_prompt": 1, "cosine_first_half": 1, "cosine_second_half": 1, "halves": 1, "weaker_half": 1,
    "cosine_over_typical": 1, "like_phrase": -1, "begins_like_phrase": -1,
}  # fmt: skip
POPULAR_NAMES, NEAR_NAMES = tuple(POPULAR), tuple(NEAR)


class AnswerCounts:
    """How many different prompts of a set of rows get each answer, and how many rows have each sentence.

    Args:
        pairs: the set.
    """

    def __init__(self, pairs: Pairs) -> None:
        answers: dict[str, set[str]] = defaultdict(set)
        self.sentences: Counter[str] = Counter()
        for prompt, response, sentences in zip(pairs.prompts, pairs.responses, pairs.sentences, strict=True):
            answers[normal(response)].add(normal(prompt))
            self.sentences.update(set(sentences))
        self.answers = Counter({answer: len(prompts) for answer, prompts in answers.items()})
        self.size = max(len(pairs), 1)


def popular_features(pairs: Pairs, counts: AnswerCounts) -> np.ndarray:
    """(n, len(POPULAR_NAMES)) float32: how many rows of a set share the answers; one of them is the row itself, or a donor."""
    scale = np.log1p(counts.size)
    rows = []
    for response, sentences in zip(pairs.responses, pairs.sentences, strict=True):
        others = [max(counts.sentences[sentence] - 1, 0) for sentence in sentences] or [0]
        sizes = [len(sentence) for sentence in sentences] or [1]
        shared = sum(size for size, count in zip(sizes, others, strict=True) if count)
        same = max(counts.answers[normal(response)] - 1, 0)
        rows.append([
            np.log1p(same) / scale, np.log1p(others[0]) / scale, np.log1p(others[-1]) / scale,
            shared / max(sum(sizes), 1), np.log1p(max(others)) / scale,
        ])  # fmt: skip
    return np.array(rows, np.float32).reshape(len(rows), len(POPULAR_NAMES))


def halves(text: str) -> tuple[str, str]:
    """The two halves of a text, cut between words if it has some."""
    middle = len(text) // 2
    at = text.find(" ", middle)
    at = at if 0 <= at < middle + 40 else middle
    return text[:at], text[at:]


def near_features(
    prompts: np.ndarray, responses: np.ndarray, first: np.ndarray, second: np.ndarray, start: np.ndarray,
    reference: tuple[np.ndarray, np.ndarray], phrases: np.ndarray,
) -> np.ndarray:
    """(n, len(NEAR_NAMES)) float32 features of the vectors of prompts, responses and halves of these.

    Args:
        prompts: (n, d) unit vectors.
        responses: (n, d) unit vectors.
        first: (n, d) unit vectors of first halves.
        second: (n, d) unit vectors of second halves.
        reference: vectors of prompts and responses of other rows, (m, d) each.
    """
    own = _dot(prompts, responses)
    values = np.empty((len(prompts), len(NEAR_NAMES)), np.float32)
    one, two = _dot(prompts, first), _dot(prompts, second)
    begins = start
    for start in range(0, len(prompts), BLOCK):
        part = slice(start, start + BLOCK)
        by_response, by_prompt = prompts[part] @ reference[1].T, responses[part] @ reference[0].T
        values[part, 1] = (by_response < own[part, None]).mean(1)
        values[part, 2] = (by_prompt < own[part, None]).mean(1)
        values[part, 7] = own[part] - by_response.mean(1)
    values[:, 8], values[:, 9] = _nearest_other(responses, phrases), _nearest_other(begins, phrases)
    values[:, 0], values[:, 3], values[:, 4] = own, one, two
    values[:, 5], values[:, 6] = _dot(first, second), np.minimum(one, two)
    return values


def _dot(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", left, right)


def _nearest_other(vectors: np.ndarray, phrases: np.ndarray) -> np.ndarray:
    """(n,) the largest cosine to a phrase that is not the text itself."""
    values = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), BLOCK):
        cosines = vectors[start : start + BLOCK] @ phrases.T
        cosines[cosines > 0.999] = -1
        values[start : start + BLOCK] = cosines.max(1)
    return values


def first_sentence(sentences: list[str], response: str) -> str:
    """The first sentence of a response."""
    return sentences[0] if sentences else response[:80]
