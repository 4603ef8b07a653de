"""An auditor: how well a row's answer goes with its prompt and with the other answers, by a measure of its own.

A subset that was selected by a score is better by that score whatever the score is worth.  The auditor shares no
embedder, feature code or corruption with the score `quality`, though some ideas: it is a linear model of the character
n-grams of answers and of the characters that prompt and answer have in common, trained to tell rows from damaged ones.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from curate.extras import require
from curate.score.audit.damage import KINDS, DamagedPair
from curate.score.audit.overlap import PairOverlap
from curate.score.quality.corrupt import text_hash
from curate.score.quality.pairs import clipped

FOLDS = 3
# Rows that are damaged, and in how many ways each; rows of the fold among which one of about the same length is looked
# for.
TRAINED, VARIANTS, DONORS = 1200, 2, 12
# Of a long text the beginning and the end are looked at.
CHARACTERS = 600
SLOTS = 1 << 17
STRENGTH, STEPS = 4.0, 100
# What the few features of overlap weigh beside the n-grams.
DENSE = 0.3


class _Damaged(NamedTuple):
    """k damaged rows: their prompts, their answers, and (k,) which rows they come from."""

    prompts: list[str]
    answers: list[str]
    origins: np.ndarray


def audit(prompts: Sequence[str], answers: Sequence[str]) -> np.ndarray:
    """(n,) how surely each row is no damaged one, as the logarithm of odds, by a model that was not trained on it.

    Args:
        prompts: (n,) the user's turns.
        answers: (n,) the assistant's turns.

    Raises:
        CurateError: without scikit-learn.
    """
    require("sklearn.linear_model", "embed", "the auditor of a report")
    from threadpoolctl import threadpool_limits

    prompts, answers = [_clipped(text) for text in prompts], [_clipped(text) for text in answers]
    # Rows with the same answer are in one fold.
    folds = np.array([text_hash(answer) % FOLDS for answer in answers])
    order = sorted(range(len(answers)), key=lambda i: text_hash(f"{prompts[i]}\x1f{answers[i]}"))
    damaged = _damage(prompts, answers, folds, order[:TRAINED])
    own = np.array([len(text) for text in answers]), np.array([len(text) for text in prompts])
    bad = np.array([len(text) for text in damaged.answers]), np.array([len(text) for text in damaged.prompts])
    with threadpool_limits(1):
        overlap = PairOverlap([prompts[i] for i in order[:TRAINED]], [answers[i] for i in order[:TRAINED]])
        dense = overlap.features(prompts, answers, *own), overlap.features(damaged.prompts, damaged.answers, *bad)
        grams = _grams(answers), _grams(damaged.answers)
        trained = np.zeros(len(answers), bool)
        trained[order[:TRAINED]] = True
        values = np.empty(len(answers))
        for fold in range(FOLDS):
            members = folds == fold
            good, spoilt = np.flatnonzero(trained & ~members), np.flatnonzero(folds[damaged.origins] != fold)
            if members.any():
                values[members] = _judged(grams, dense, good, spoilt, np.flatnonzero(members))
    return values


def _judged(
    grams: tuple[Any, Any],
    dense: tuple[np.ndarray, np.ndarray],
    good: np.ndarray,
    spoilt: np.ndarray,
    judged: np.ndarray,
) -> np.ndarray:
    """Log odds of the rows `judged` by a model of the rows `good` and the damaged rows `spoilt`."""
    from scipy import sparse
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression

    weights = TfidfTransformer().fit(sparse.vstack([grams[0][good], grams[1][spoilt]]))
    middle, spread = dense[0][good].mean(0), dense[0][good].std(0) + 1e-9

    def matrix(side: int, rows: np.ndarray) -> Any:
        scaled = np.clip((dense[side][rows] - middle) / spread, -8, 8) * DENSE
        return sparse.hstack([weights.transform(grams[side][rows]), sparse.csr_matrix(scaled)]).tocsr()

    model = LogisticRegression(C=STRENGTH, max_iter=STEPS, tol=1e-3, class_weight="balanced")
    truth = np.r_[np.ones(len(good)), np.zeros(len(spoilt))]
    model.fit(sparse.vstack([matrix(0, good), matrix(1, spoilt)]), truth)
    return model.decision_function(matrix(0, judged))


def _damage(prompts: Sequence[str], answers: Sequence[str], folds: np.ndarray, rows: Sequence[int]) -> _Damaged:
    members = {fold: [i for i in rows if folds[i] == fold] for fold in range(FOLDS)}
    bad_prompts, bad_answers, origins = [], [], []
    for variant in range(VARIANTS):
        for i in rows:
            seed = text_hash(f"{variant}\x1f{prompts[i]}\x1f{answers[i]}")
            rng, others = random.Random(seed), members[int(folds[i])]
            sample = rng.sample(others, min(DONORS, len(others)))
            other = min((j for j in sample if j != i), key=lambda j: abs(len(answers[j]) - len(answers[i])), default=i)
            pair = DamagedPair(prompts[i], answers[i], prompts[other], answers[other])
            answer = KINDS[seed % len(KINDS)](pair, rng)
            if answer and answer != answers[i]:
                bad_prompts.append(prompts[i])
                bad_answers.append(answer)
                origins.append(i)
    return _Damaged(bad_prompts, bad_answers, np.array(origins, np.int64))


def _grams(texts: Sequence[str]) -> Any:
    """(n, SLOTS) sparse logarithms of counts of runs of one to three characters."""
    from sklearn.feature_extraction.text import HashingVectorizer

    counter = HashingVectorizer(
        analyzer="char", ngram_range=(1, 3), n_features=SLOTS, alternate_sign=False, norm=None, lowercase=False
    )
    counts = counter.transform([f"\x02{text}\x03" for text in texts])
    counts.data = np.log1p(counts.data)
    return counts


def _clipped(text: str) -> str:
    return clipped(text.encode("utf-8", "replace").decode(), CHARACTERS)
