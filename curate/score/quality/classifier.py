"""A classifier that tells rows of a pool from corruptions of them, and scores each row by models that did not see it.

What a pool holds often a free classifier takes for good, dirt included.  Three things keep it from that: every feature
counts in one direction only, clean rows of other origin are always among those it is trained on, and a second round
leaves out the rows that look bad and the corruptions that nobody could tell.

Source: noise-contrastive estimation (Gutmann and Hyvarinen 2010); confident learning (Northcutt et al. 2021).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from curate.extras import require
from curate.score.quality import own
from curate.score.quality.augmentation import WEIGHTS, augmented
from curate.score.quality.corrupt import FOLDS, Variants, corrupted, folds_of, row_hash
from curate.score.quality.features import Embed, Measured, measure
from curate.score.quality.model import Model, Weighted
from curate.score.quality.pairs import Pairs
from curate.score.quality.reasons import reasons

# Rows of a pool that the classifier is trained on, at most.
TRAINED = 6000
# Corruptions of each row.
VARIANTS = 4
# A row is left out of the next round below this share of the pool's median, a corruption above this share of its 70 %
# quantile: those that nobody can tell only blur the others.
TRIM, UNDETECTED, QUANTILE = 0.8, 0.6, 0.7
# Corruptions that may leave a good answer: a donor's that fits, first words that are a sentence.
UNSURE = ("other_prompt_part", "appended", "other_language", "cut_short", "input_lost")

Texts = tuple[Sequence[str], Sequence[str]]


class Round(NamedTuple):
    """How models of a round are trained.

    Attributes:
        prior_share: what the rows of the prior weigh together beside those of the pool.
        trees: how many trees a model has.
        models: how many there are; each scores the folds whose number leaves one remainder.
    """

    prior_share: float
    trees: int
    models: int


# Much weight of the prior in the first, in which nothing is known of the pool.
ROUNDS = (Round(40.0, 60, 2), Round(10.0, 90, FOLDS))


class PoolQuality(NamedTuple):
    """How good the rows of a pool are.

    Attributes:
        scores: (n,) probability that a row is no corruption, by a model that was trained on rows of other folds.
        reasons: (n,) names of what pulled a row down; none for rows above the median.
    """

    scores: np.ndarray
    reasons: list[list[str]]


class _Trial(NamedTuple):
    """What is trained on and scored.

    Attributes:
        features: of the pool's rows and then the prior's, and of what was made of them.
        folds: (m,) fold of each row.
        rows: positions of the rows that are trained on.
        corruptions: what was made of them.
        augmentations: good variants of them.
        size: rows of the pool.
    """

    features: Measured
    folds: np.ndarray
    rows: np.ndarray
    corruptions: Variants
    augmentations: Variants
    size: int


def score_pool(
    prompts: Sequence[str],
    responses: Sequence[str],
    embed: Embed,
    prior: Texts = ((), ()),
    without: Sequence[str] = (),
    faults: np.ndarray | None = None,
    cached: bool = False,
) -> PoolQuality:
    """The quality of the rows of a pool; the same rows give the same values in any order.

    Args:
        prompts: (n,) the user's turns.
        responses: (n,) the assistant's turns.
        embed: gives the unit vectors of texts.
        prior: prompts and responses of rows that are known to be good, see `prior.prior_rows`.
        without: names of corruptions that are not made, to see how such rows are scored all the same.
        faults: (n, 2) how many faults of each row are certain, and how many it is suspected of; looked for in the texts
            if None.  A row with a certain one is not trained on as a good one.
        cached: whether features of the prior's rows by themselves are taken from the cache, and stored there.
    """
    from threadpoolctl import threadpool_limits

    require("sklearn.ensemble", "embed", "the score of quality")  # limits reach libraries only that are loaded
    # The matrices and models are small: threads that wait for one another take longer than one, on a busy machine ten
    # times as long.
    with threadpool_limits(1):
        pairs = Pairs([*prompts, *prior[0]], [*responses, *prior[1]])
        if faults is None:
            faults = own.fault_counts(pairs.prompts[: len(prompts)], pairs.responses[: len(prompts)])
        return _scored(_trial(pairs, faults, embed, without, cached), faults[:, 0] > 0)


def _scored(trial: _Trial, faulty: np.ndarray) -> PoolQuality:
    is_prior = np.arange(len(trial.folds)) >= trial.size
    excluded = np.zeros(len(trial.folds), bool)
    excluded[: trial.size] = faulty
    is_trained = np.zeros(len(trial.folds), bool)
    is_trained[trial.rows] = True
    trusted, told = is_trained & ~excluded, np.ones(len(trial.corruptions.origins), bool)
    sure = ~np.isin(trial.corruptions.kinds, UNSURE)
    for settings in ROUNDS:
        models = _models(trial, trusted, told, settings)
        good, bad = _out_of_fold(trial, models)
        pool = good[: trial.size]
        trusted = is_trained & ~excluded & ((good >= TRIM * np.median(pool)) | is_prior)
        told = sure | (bad < UNDETECTED * np.quantile(pool, QUANTILE))
    return PoolQuality(pool, _reasons(trial, models, pool))


def _trial(pairs: Pairs, faults: np.ndarray, embed: Embed, without: Sequence[str], cached: bool) -> _Trial:
    size = len(faults)
    folds = folds_of(pairs)
    by_text = sorted(range(size), key=lambda i: row_hash(pairs, i))
    rows = np.array([*sorted(by_text[:TRAINED]), *range(size, len(pairs))])
    corruptions = corrupted(pairs, folds, rows, size, VARIANTS, without)
    augmentations = augmented(pairs, rows)
    stored = own.load() if cached else None
    features = measure(pairs, folds, rows, (corruptions, augmentations), faults, embed, stored)
    if cached and stored is None:
        _store(pairs, size, (corruptions, augmentations), features)
    return _Trial(features, folds, rows, corruptions, augmentations, size)


def _store(pairs: Pairs, size: int, made: tuple[Variants, Variants], features: Measured) -> None:
    """Store the features by themselves of the prior's rows and of what was made of them."""
    of_pool = (np.arange(len(pairs)) < size, *(variants.origins < size for variants in made))
    texts, hashes, values = (pairs, *(variants.pairs for variants in made)), [], []
    for part, measured, mask in zip(texts, features, of_pool, strict=True):
        rows = np.flatnonzero(~mask)
        hashes.append(own.row_hashes(part.part(rows.tolist())))
        values.append(measured[rows, : len(own.DIRECTIONS)])
    own.store(np.concatenate(hashes), np.vstack(values))


def _models(trial: _Trial, trusted: np.ndarray, told: np.ndarray, settings: Round) -> list[Model]:
    """For each fold the model that its rows are scored by.

    Args:
        trial: rows and corruptions.
        trusted: (m,) bool, rows to train on.
        told: (k,) bool, corruptions to train on, if their rows are trusted.
        settings: those of the round.
    """
    from threadpoolctl import threadpool_limits

    corruptions, augmentations = trial.corruptions, trial.augmentations
    is_prior = np.arange(len(trial.folds)) >= trial.size
    of_pool, of_prior = int((trusted & ~is_prior).sum()), int((trusted & is_prior).sum())
    each = settings.prior_share * max(of_pool, 1) / max(of_prior, 1)
    # Regularisation counts weights, so that those of the sample rows must not vanish beside a pool of a few rows.
    weights = np.where(is_prior, each, 1.0) / min(each, 1.0)
    shares, kinds = np.array([WEIGHTS[kind] for kind in augmentations.kinds]), np.array(corruptions.kinds)

    remainders = trial.folds % settings.models

    def of_others(remainder: int) -> Model:
        trained = trusted & (remainders != remainder)
        variants = np.flatnonzero(trained[augmentations.origins])
        spoilt = np.flatnonzero(trained[corruptions.origins] & told)
        good = Weighted(
            np.vstack([trial.features.rows[trained], trial.features.augmentations[variants]]),
            np.r_[weights[trained], weights[augmentations.origins[variants]] * shares[variants]],
        )
        bad = Weighted(trial.features.corruptions[spoilt], weights[corruptions.origins[spoilt]])
        with threadpool_limits(1):  # a limit holds for the thread that sets it
            return Model(good, bad, kinds[spoilt], settings.trees)

    with ThreadPoolExecutor(min(settings.models, os.cpu_count() or 1)) as threads:
        models = list(threads.map(of_others, range(settings.models)))
    return [models[fold % settings.models] for fold in range(FOLDS)]


def _out_of_fold(trial: _Trial, models: Sequence[Model]) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of all rows and of all corruptions, each by the model of its fold."""
    bad_folds = trial.folds[trial.corruptions.origins]
    good, bad = np.empty(len(trial.folds)), np.empty(len(bad_folds))
    for fold, model in enumerate(models):
        good[trial.folds == fold] = model.predict(trial.features.rows[trial.folds == fold])
        bad[bad_folds == fold] = model.predict(trial.features.corruptions[bad_folds == fold])
    return good, bad


def _reasons(trial: _Trial, models: Sequence[Model], scores: np.ndarray) -> list[list[str]]:
    """(n,) what pulled each row of the pool down."""
    found: list[list[str]] = [[] for _ in range(trial.size)]
    low = scores < np.median(scores)
    usual = np.median(trial.features.rows[: trial.size], axis=0)
    for fold, model in enumerate(models):
        members = np.flatnonzero(low & (trial.folds[: trial.size] == fold))
        for i, names in zip(members.tolist(), reasons(trial.features.rows[members], usual, model.logit), strict=True):
            found[i] = names
    return found
