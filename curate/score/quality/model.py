"""The boosted classifier of one fold: every feature counts in one direction only."""

from __future__ import annotations

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
    "material_missing",
    "prompt_length",
    "code",
    "lines",
    "ends_letter",
    "ends_closing",
    "last_line_words",
    "bullets",
)
USED = [i for i, (name, direction) in enumerate(DIRECTIONS.items()) if direction or name in CONTEXT]
# Values that a feature is cut into.
LEVELS = 40
# Leaves of a tree, and what each adds.
LEAVES, RATE = 16, 0.1


class Model:
    """Tells rows from corruptions.

    Args:
        good: (n, f) features of rows.
        bad: (k, f) features of corruptions.
        kinds: (k,) names of corruptions; each kind weighs the same.
        good_weights: (n,) weights of rows.
        bad_weights: (k,) weights of corruptions, before they are balanced.
        trees: how many trees it has.
    """

    def __init__(
        self,
        good: np.ndarray,
        bad: np.ndarray,
        kinds: np.ndarray,
        good_weights: np.ndarray,
        bad_weights: np.ndarray,
        trees: int,
    ) -> None:
        ensemble = require("sklearn.ensemble", "embed", "the score of quality")
        x = np.vstack([good, bad])[:, USED]
        quantiles = np.linspace(0, 1, LEVELS + 1)[1:-1]
        self._cuts = [np.unique(np.quantile(x[:, j], quantiles)) for j in range(x.shape[1])]
        balanced = bad_weights * _balance(good, bad, kinds)
        weights = np.r_[good_weights, balanced * (good_weights.sum() / balanced.sum())]
        self._classifier = ensemble.HistGradientBoostingClassifier(
            max_iter=trees,
            learning_rate=RATE,
            max_leaf_nodes=LEAVES,
            min_samples_leaf=max(20, len(x) // 200),
            l2_regularization=2.0,
            max_features=0.5,
            early_stopping=False,
            random_state=0,
            monotonic_cst=[DIRECTIONS[NAMES[i]] for i in USED],
        )
        is_good = np.r_[np.ones(len(good)), np.zeros(len(bad))]
        self._classifier.fit(self._levels(x), is_good, sample_weight=weights)

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """(n,) probability that a row is no corruption."""
        return self._classifier.predict_proba(self._levels(rows[:, USED]))[:, 1]

    def logit(self, rows: np.ndarray) -> np.ndarray:
        """(n,) logit of that probability."""
        return self._classifier.decision_function(self._levels(rows[:, USED]))

    def _levels(self, x: np.ndarray) -> np.ndarray:
        columns = [np.searchsorted(cuts, x[:, j], "right") for j, cuts in enumerate(self._cuts)]
        return np.column_stack(columns).astype(np.float32)


def _balance(good: np.ndarray, bad: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """(k,) weights of corruptions: kinds weigh the same, and lengths of a script nearly as much as among the rows.

    Lengths are balanced by half, as the root of what would make them equal: in full, short stock phrases would be as
    good as the short answers among the rows.
    """
    weights = np.ones(len(bad))
    for kind in np.unique(kinds):
        weights[kinds == kind] = len(bad) / (kinds == kind).sum()
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
