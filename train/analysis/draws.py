"""The losses of an ablation drawn anew: what they might have been with other seeds and other held-out rows.

Held-out rows are drawn with replacement, the same for all runs (Efron 1979).  A seed is one draw of the training's
chances; few of them say little of their own spread, so the means move by Student's t with as many degrees of freedom as
there are seeds less one, and not by drawing three seeds from three.  A seed's deviations move together over sizes and
arms, as it gave them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

DRAWS = 400


def draw(results: Sequence[Mapping[str, Any]], draws: int = DRAWS, seed: int = 0) -> np.ndarray:
    """(draws, n) losses of n results.

    Args:
        results: n of one held-out set, each with arm, size, seed and heldout_loss, and where they are known
            heldout_rows and heldout_weights, (rows,) each: loss in nats and weight of every held-out row.
        draws: how many.
        seed: of the draws.
    """
    random = np.random.default_rng(seed)
    losses = np.array([r["heldout_loss"] for r in results], float)
    out = np.tile(losses, (draws, 1))
    if results and all(r.get("heldout_rows") is not None for r in results):
        out = rows_anew(results, draws, random)
    return out + _seeds_anew(results, losses, draws, random)


def rows_anew(results: Sequence[Mapping[str, Any]], draws: int, random: np.random.Generator) -> np.ndarray:
    """(draws, n) losses on held-out rows drawn with replacement."""
    rows = np.array([r["heldout_rows"] for r in results], float)
    weights = np.array(results[0]["heldout_weights"], float)
    counts = random.multinomial(rows.shape[1], np.full(rows.shape[1], 1 / rows.shape[1]), draws)
    return (counts @ rows.T) / np.maximum(counts @ weights, 1e-12)[:, None]


def _seeds_anew(
    results: Sequence[Mapping[str, Any]], losses: np.ndarray, draws: int, random: np.random.Generator
) -> np.ndarray:
    """(draws, n) how far the mean of each arm and size moves."""
    shift = np.zeros((draws, len(results)))
    trained = [i for i, r in enumerate(results) if r["size"]]
    seeds = sorted({results[i]["seed"] for i in trained})
    if len(seeds) < 2:
        return shift
    normal = random.standard_normal((draws, len(seeds)))
    freedom = len(seeds) - 1
    spread = np.sqrt(random.chisquare(freedom, draws) / freedom)
    moves = normal / spread[:, None] / np.sqrt(len(seeds) * freedom)
    for arm, size in dict.fromkeys((results[i]["arm"], results[i]["size"]) for i in trained):
        positions = [i for i in trained if (results[i]["arm"], results[i]["size"]) == (arm, size)]
        deviations = losses[positions] - losses[positions].mean()
        seed_columns = [seeds.index(results[i]["seed"]) for i in positions]
        shift[:, positions] = (moves[:, seed_columns] @ deviations)[:, None]
    return shift


def interval(values: np.ndarray, coverage: float = 0.9) -> tuple[float, float]:
    """The ends of the interval that holds the middle of the values, by default 90% of them."""
    low, high = np.quantile(values, [(1 - coverage) / 2, (1 + coverage) / 2])
    return float(low), float(high)
