"""Is one arm better than another: differences on the same held-out rows, seed by seed.

Seeds and held-out rows are both samples, so the variance of a mean difference is that over seeds plus that over rows.
Each part is weighed by the t of its own degrees of freedom (Banerjee 1960), which holds its level however the parts
relate, where Satterthwaite's degrees of freedom do not with two or three seeds.  A hundred held-out rows therefore
cannot make up for seeds that disagree.  What both parts share is counted twice, which errs on the side of finding
nothing.  Holm (1979) corrects for the number of comparisons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from train.analysis.arm_names import FULL

ALPHA = 0.05
SMALLEST = 1e-12


@dataclass(frozen=True)
class ArmComparison:
    """One arm against another at a size, or over all sizes that both have (`size` None).

    Attributes:
        arm: the first arm.
        other: the second arm.
        size: rows of `arm`; None over all sizes.
        difference: loss of `other` less that of `arm`, nats a token: above zero, `arm` is better.
        low: lower end of the 90% interval.
        high: its upper end.
        seeds: that both arms have.
        p: two-sided, before correction; None with fewer than two seeds in common.
        p_holm: after Holm's correction.
    """

    arm: str
    other: str
    size: int | None
    difference: float
    low: float | None
    high: float | None
    seeds: int
    p: float | None
    p_holm: float | None = None

    @property
    def better(self) -> str | None:
        """The arm that is better beyond doubt; None if neither is."""
        if self.p_holm is None or self.p_holm >= ALPHA:
            return None
        return self.arm if self.difference > 0 else self.other


def compare(results: Sequence[Mapping[str, Any]]) -> list[ArmComparison]:
    """Every two arms, over all sizes that both have, then size by size; the full pool against every size of the others.

    Args:
        results: as for `draws.draw`. The comparisons over all sizes are one family for the correction, those of single
            sizes another, those with the full pool a third.
    """
    by_run = {(r["arm"], r["size"], r["seed"]): r for r in results if r["size"]}
    arms = list(dict.fromkeys(arm for arm, _, _ in by_run))
    overall, single, full_pool = [], [], []
    for arm, other in combinations([arm for arm in arms if arm != FULL], 2):
        common = sorted({(n, s) for a, n, s in by_run if a == arm and (other, n, s) in by_run})
        sizes = sorted({n for n, _ in common})
        # Over all sizes only seeds count that have all of them, so that each seed gives one difference.
        complete_seeds = [s for s in sorted({s for _, s in common}) if all((n, s) in common for n in sizes)]
        if complete_seeds:
            pairs = [[(by_run[arm, n, s], by_run[other, n, s]) for n in sizes] for s in complete_seeds]
            overall.append(_compared(arm, other, None, pairs))
        for n in sizes:
            pairs = [[(by_run[arm, n, s], by_run[other, n, s])] for m, s in common if m == n]
            single.append(_compared(arm, other, n, pairs))
    for arm, n in sorted({(a, n) for a, n, _ in by_run if a != FULL}):
        pairs = [
            [(by_run[arm, n, s], r)] for (a, _, s), r in sorted(by_run.items()) if a == FULL and (arm, n, s) in by_run
        ]
        if pairs:
            full_pool.append(_compared(arm, FULL, n, pairs))
    return [*holm(overall), *holm(single), *holm(full_pool)]


def holm(family: Sequence[ArmComparison]) -> list[ArmComparison]:
    """The comparisons with their corrected p."""
    order = sorted((i for i, c in enumerate(family) if c.p is not None), key=lambda i: family[i].p or 0)
    corrected: dict[int, float] = {}
    most = 0.0
    for rank, i in enumerate(order):
        most = max(most, min(1.0, (len(order) - rank) * (family[i].p or 0)))
        corrected[i] = most
    return [replace(c, p_holm=corrected.get(i)) for i, c in enumerate(family)]


def _compared(
    arm: str, other: str, size: int | None, pairs: Sequence[Sequence[tuple[Mapping, Mapping]]]
) -> ArmComparison:
    """The comparison from `pairs`: for each seed the results of both arms that its difference is the mean over."""
    by_seed = np.array(
        [np.mean([b["heldout_loss"] - a["heldout_loss"] for a, b in seed_pairs]) for seed_pairs in pairs]
    )
    difference = float(by_seed.mean())
    if len(pairs) < 2:
        return ArmComparison(arm, other, size, difference, None, None, len(pairs), None)
    between = float(by_seed.var(ddof=1)) / len(pairs)
    within, rows = _over_rows([pair for seed_pairs in pairs for pair in seed_pairs], difference)
    low, high, p = _student(difference, between, len(pairs) - 1, within, rows - 1)
    return ArmComparison(arm, other, size, difference, low, high, len(pairs), p)


def _over_rows(pairs: Sequence[tuple[Mapping, Mapping]], difference: float) -> tuple[float, int]:
    """Variance of the mean difference over held-out rows, and how many there are; 0 and 2 where rows are not known."""
    if any(r.get("heldout_rows") is None for pair in pairs for r in pair):
        return 0.0, 2
    differences = np.mean([np.asarray(b["heldout_rows"]) - np.asarray(a["heldout_rows"]) for a, b in pairs], 0)
    weights = np.asarray(pairs[0][0]["heldout_weights"], float)
    # The loss is a ratio of sums over rows; this is its linear part.
    linear = (differences - difference * weights) / weights.mean()
    return float(linear.var(ddof=1)) / len(linear), len(linear)


def _student(
    mean: float, over_seeds: float, seeds_freedom: int, over_rows: float, rows_freedom: int
) -> tuple[float, float, float]:
    """(low, high, p) for a mean whose variance is the sum of two estimates, each with its degrees of freedom."""
    from scipy.optimize import brentq
    from scipy.stats import t

    if over_seeds + over_rows <= 0:
        return mean, mean, 1.0 if mean == 0 else 0.0

    def half(alpha: float) -> float:
        first, second = (float(t.isf(alpha / 2, max(freedom, 1))) for freedom in (seeds_freedom, rows_freedom))
        return float((first**2 * over_seeds + second**2 * over_rows) ** 0.5)

    low, high = mean - half(0.1), mean + half(0.1)
    if half(SMALLEST) <= abs(mean):
        return low, high, SMALLEST
    if mean == 0:
        return low, high, 1.0
    log_p = brentq(lambda x: half(np.exp(x)) - abs(mean), np.log(SMALLEST), 0.0)
    return low, high, float(np.exp(log_p))
