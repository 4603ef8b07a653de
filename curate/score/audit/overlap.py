"""What the characters of an answer have in common with those of its prompt, beside those of other rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

OTHERS = 200
WORDS = 30_000


class PairOverlap:
    """Cosines of prompts and answers by the n-grams of their words, weighted by how rare these are.

    Args:
        prompts: of the rows that say what is rare; the first OTHERS are those that others are compared with.
        answers: of the same rows.
    """

    def __init__(self, prompts: Sequence[str], answers: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, max_features=WORDS)
        self._vectors.fit([*prompts, *answers])
        self._prompts = self._vectors.transform(prompts[:OTHERS])
        self._answers = self._vectors.transform(answers[:OTHERS])

    def features(
        self, prompts: Sequence[str], answers: Sequence[str], answer_sizes: np.ndarray, prompt_sizes: np.ndarray
    ) -> np.ndarray:
        """(n, 18) features: the cosine, its ranks among those with other rows, and these by the sizes of both texts."""
        if not len(prompts):
            return np.zeros((0, 18))
        own_prompts, own_answers = self._vectors.transform(prompts), self._vectors.transform(answers)
        own = np.asarray(own_prompts.multiply(own_answers).sum(1)).ravel()
        to_prompts = (own_answers @ self._prompts.T).toarray()
        to_answers = (own_prompts @ self._answers.T).toarray()
        plain = np.column_stack(
            [own, np.sqrt(own), own - to_prompts.mean(1), _rank(own, to_prompts), _rank(own, to_answers), own > 0]
        )
        # Centred at texts of about 150 characters.
        sizes = np.log1p(np.column_stack([answer_sizes, prompt_sizes])) - 5
        return np.hstack([plain, plain * sizes[:, :1], plain * sizes[:, 1:]])


def _rank(own: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n,) share of other values that each is above, ties counting half."""
    return (others < own[:, None]).mean(1) + (others == own[:, None]).mean(1) / 2
