"""The boosted classifiers of one fold, one for each sort of damage: every feature counts in one direction only."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from curate.extras import require
from curate.score.quality import shape
from curate.score.quality.features import DIRECTIONS, NAMES

# Features without a direction that say how the others are to be read.
CONTEXT = (
    "length",
    "han",
    "asks_short",
    "asks_long",
    "asks_code",
    "gives_code",
    "translation",
    "prompt_length",
    "code",
    "lines",
    "ends_letter",
    "ends_closing",
    "last_line_words",
    "bullets",
)
USED = [i for i, (name, direction) in enumerate(DIRECTIONS.items()) if direction or name in CONTEXT]
# What a kind of corruption weighs beside another: those that hardly differ from rows more than those that shout.
KIND_WEIGHTS = {
    "other_answer": 3.0,
    "stock": 2.0,
    "worded": 2.0,
    "other_language": 0.5,
    "mash": 0.5,
    "shuffled_words": 0.5,
    "dropped_words": 0.5,
    "wrapped": 0.2,
    "doubled": 0.2,
    "letters_changed": 0.2,
    "unfilled": 0.2,
    "misread": 0.5,
    "reordered": 1.0,
    "repeated_part": 0.5,
    "as_chat": 0.3,
    "items_lost": 0.3,
    "form_asked": 0.3,
}
# Sorts of damage to the form of an answer, by corruption; all others are of CONTENT, answers that do not belong.
CONTENT = "content"
SORTS = {
    kind: sort
    for sort, kinds in {
        "cut": ("cut_anywhere", "cut_short", "part_missing"),
        "order": ("shuffled_words", "shuffled_span", "dropped_words", "reordered"),
        "repetition": ("repeated_span", "doubled", "repeated_part"),
        "letters": ("mash", "scrambled_letters", "letters_changed", "misread"),
        "marks": ("residue", "marked_up", "wrapped", "as_chat", "unfilled"),
    }.items()
    for kind in kinds
}
# Values that a feature is cut into.
LEVELS = 40
# Leaves of a tree, and what each adds.
LEAVES, RATE = 16, 0.1
# Rows of a leaf at least, and the share of all rows that they must be.
FEWEST, SHARE = 20, 1 / 200
# Levels of what few rows have.
RARE = 4
# Bins of a histogram: more than a feature has levels, so that fewer change nothing and cost less.
BINS = 63


class Weighted(NamedTuple):
    """Rows to learn from.

    Attributes:
        features: (n, f) of the rows.
        weights: (n,) of each.
    """

    features: np.ndarray
    weights: np.ndarray


class Model:
    """Tells rows from corruptions.

    One classifier for all sorts of damage would spend its few trees on those that are many or plain.  Each sort has its
    own, and a row is as likely to be bad as they say together: the odds that it is one or another of the sorts add up.

    Args:
        good: n rows.
        bad: k corruptions; together they weigh as much as the rows.
        kinds: (k,) names of corruptions, which weigh by KIND_WEIGHTS.
        trees: how many trees a classifier has.
    """

    def __init__(self, good: Weighted, bad: Weighted, kinds: np.ndarray, trees: int) -> None:
        sorts = np.array([SORTS.get(str(kind), CONTENT) for kind in kinds])
        weights = bad.weights * _balance(good.features, bad.features, kinds)
        self._classifiers, shares = [], []
        for sort in np.unique(sorts):
            own = np.flatnonzero(sorts == sort)
            of_sort = Weighted(bad.features[own], bad.weights[own])
            self._classifiers.append(_Classifier(good, of_sort, kinds[own], trees))
            shares.append(weights[own].sum())
        self._shares = np.log(shares) - np.log(np.sum(shares))

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """(n,) probability that a row is no corruption."""
        return 1 / (1 + np.exp(-self.logit(rows)))

    def logit(self, rows: np.ndarray) -> np.ndarray:
        """(n,) logit of that probability."""
        odds = [share - own.logit(rows) for share, own in zip(self._shares, self._classifiers, strict=True)]
        return -np.logaddexp.reduce(odds, axis=0)


class _Classifier:
    """Tells rows from corruptions of one sort; the parameters are those of Model."""

    def __init__(self, good: Weighted, bad: Weighted, kinds: np.ndarray, trees: int) -> None:
        ensemble = require("sklearn.ensemble", "embed", "the score of quality")
        x = np.vstack([good.features, bad.features])[:, USED]
        self._cuts = [_cuts(x[:, j]) for j in range(x.shape[1])]
        balanced = bad.weights * _balance(good.features, bad.features, kinds)
        weights = np.r_[good.weights, balanced * (good.weights.sum() / balanced.sum())]
        self._classifier = ensemble.HistGradientBoostingClassifier(
            max_iter=trees,
            learning_rate=RATE,
            max_leaf_nodes=LEAVES,
            max_bins=BINS,
            min_samples_leaf=max(FEWEST, int(len(x) * SHARE)),
            l2_regularization=2.0,
            max_features=0.5,
            early_stopping=False,
            random_state=0,
            monotonic_cst=[DIRECTIONS[NAMES[i]] for i in USED],
        )
        is_good = np.r_[np.ones(len(good.weights)), np.zeros(len(bad.weights))]
        self._classifier.fit(self._levels(x), is_good, sample_weight=weights)

    def logit(self, rows: np.ndarray) -> np.ndarray:
        """(n,) logit of that probability."""
        return self._classifier.decision_function(self._levels(rows[:, USED]))

    def _levels(self, x: np.ndarray) -> np.ndarray:
        columns = [np.searchsorted(cuts, x[:, j], "right") for j, cuts in enumerate(self._cuts)]
        return np.column_stack(columns).astype(np.float32)


def _cuts(values: np.ndarray) -> np.ndarray:
    """Where a feature is cut into levels: at quantiles, and at those of the values that are not the commonest one.

    What few rows have, marks of a web page say, would else be in one level with what all others have.
    """
    cuts = np.quantile(values, np.linspace(0, 1, LEVELS + 1)[1:-1])
    common = np.median(values)
    others = values[values != common]
    if len(others) and len(others) < len(values) / 2:
        cuts = np.r_[cuts, common, np.quantile(others, np.linspace(0, 1, RARE + 1)[:-1])]
    return np.unique(cuts)


def _balance(good: np.ndarray, bad: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """(k,) weights of corruptions: by kind, and lengths of a script nearly as much as among the rows.

    Lengths are balanced by half, as the root of what would make them equal: in full, short stock phrases would be as
    good as the short answers among the rows.
    """
    weights = np.ones(len(bad))
    for kind in np.unique(kinds):
        weights[kinds == kind] = KIND_WEIGHTS.get(str(kind), 1.0) * len(bad) / (kinds == kind).sum()
    good_cells, bad_cells = _cells(good), _cells(bad)
    for cell in np.unique(bad_cells):
        members, rows = bad_cells == cell, int((good_cells == cell).sum())
        if rows:
            weights[members] *= (rows / weights[members].sum() * len(bad) / len(good)) ** 0.5
        else:
            weights[members] *= 0.3 * len(good) / len(bad) / weights[members].mean()
    return weights


def _cells(rows: np.ndarray) -> np.ndarray:
    """(n,) number of the length, by powers of e, and of the script."""
    return np.floor(rows[:, shape.NAMES.index("length")]).astype(int) * 2 + (rows[:, shape.NAMES.index("han")] > 0.5)
