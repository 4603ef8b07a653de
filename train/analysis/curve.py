"""The analysis of an ablation's runs: for every arm its curve, and the arms against one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from train.analysis import fits, forecast, paired
from train.analysis import knee as knees
from train.analysis.arm_names import FULL, REFERENCE
from train.analysis.draws import draw, interval
from train.analysis.efficiency import Equivalence, MarginalGain, equal, marginal, means
from train.analysis.fits import Fit
from train.analysis.forecast import Forecast
from train.analysis.knee import Knee
from train.analysis.paired import ArmComparison

SHARE = 0.9
# By so much AICc a curve without a break must beat the broken one for the bend to be called gradual.
CLEARLY = 2.0

Results = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Point:
    """Held-out loss of an arm at a size, in nats a token.

    Attributes:
        size: rows trained on.
        mean: over seeds.
        deviation: over seeds; None for one, and then the interval is that of the held-out rows alone.
        low: lower end of the 90% interval of the difference from the base model on the same held-out rows.
        high: its upper end.
        seeds: how many.
    """

    size: int
    mean: float
    deviation: float | None
    low: float
    high: float
    seeds: int


@dataclass(frozen=True)
class ArmCurve:
    """The curve of an arm.

    Attributes:
        arm: its name.
        points: by size.
        fits: by shape, the best first.
        knee: where the curve bends.
        gradual: whether a curve without a break describes the bend clearly better than the knee does.
        most: the smallest measured size with SHARE of the best measured gain over the base model; None without a gain.
        marginal: gains from size to size.
        forecast: of twice the rows; None without a curve.
    """

    arm: str
    points: list[Point]
    fits: dict[str, Fit]
    knee: Knee
    gradual: bool
    most: int | None
    marginal: list[MarginalGain]
    forecast: Forecast | None

    @property
    def fit(self) -> Fit | None:
        """The curve that describes the arm best; None with too few sizes."""
        return next(iter(self.fits.values()), None)


@dataclass(frozen=True)
class Analysis:
    """The analysis on one held-out set.

    Attributes:
        heldout: name of the set.
        base: loss of the model before training.
        arms: in the order of the results.
        comparisons: of every two arms.
        equals: rows of the reference that equal rows of another arm.
        results: that it is computed from.
    """

    heldout: str
    base: float
    arms: list[ArmCurve]
    comparisons: list[ArmComparison]
    equals: list[Equivalence]
    results: Results = field(repr=False, default=())


def heldouts(results: Results) -> list[str]:
    """Names of the held-out sets, those for forgetting last."""
    kinds = {r.get("heldout", "heldout"): r.get("kind", "heldout") for r in results}
    return sorted(kinds, key=lambda name: kinds[name] == "forgetting")


def of(results: Results, heldout: str) -> Results:
    """The results on one held-out set."""
    return [r for r in results if r.get("heldout", "heldout") == heldout]


def base_loss(results: Results) -> float:
    """Held-out loss of the model before training."""
    return next(float(r["heldout_loss"]) for r in results if r["size"] == 0)


def analyse(results: Results, heldout: str | None = None) -> Analysis:
    """The analysis on one held-out set; the first if none is named."""
    name = heldout or heldouts(results)[0]
    results = of(results, name)
    base = base_loss(results)
    draws = draw(results)
    # How hard a drawn row is moves the base model's loss and every run's alike; the difference is what training did.
    at = next(i for i, r in enumerate(results) if r["size"] == 0)
    draws = draws - draws[:, at : at + 1] + base
    series: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    arms = []
    for arm in dict.fromkeys(r["arm"] for r in results if r["size"]):
        positions = [i for i, r in enumerate(results) if r["arm"] == arm]
        sizes = np.array([results[i]["size"] for i in positions], float)
        seeds = np.array([results[i]["seed"] for i in positions])
        losses = np.array([results[i]["heldout_loss"] for i in positions], float)
        series[arm] = sizes, losses, draws[:, positions]
        arms.append(_arm(arm, sizes, seeds, losses, draws[:, positions], base))
    equals = [
        e
        for arm in series
        if REFERENCE in series and arm not in (REFERENCE, FULL)
        for e in equal(arm, REFERENCE, series[arm], series[REFERENCE])
    ]
    return Analysis(name, base, arms, paired.compare(results), equals, results)


def _arm(
    arm: str, sizes: np.ndarray, seeds: np.ndarray, losses: np.ndarray, draws: np.ndarray, base: float
) -> ArmCurve:
    points = _points(sizes, losses, draws)
    curves = fits.all_fits(sizes, seeds, losses)
    return ArmCurve(
        arm,
        points,
        curves,
        knees.find(sizes, seeds, losses, draws),
        gradual=_gradual(curves),
        most=most_of_gain(points, base),
        marginal=marginal(sizes, losses, draws),
        forecast=forecast.double(sizes, seeds, losses, draws),
    )


def _points(sizes: np.ndarray, losses: np.ndarray, draws: np.ndarray) -> list[Point]:
    distinct, curves = means(sizes, draws)
    points = []
    for i, n in enumerate(distinct.tolist()):
        arm_losses = losses[sizes == n]
        spread = float(arm_losses.std(ddof=1)) if len(arm_losses) > 1 else None
        low, high = interval(curves[:, i])
        mean = float(arm_losses.mean())
        points.append(Point(int(n), mean, spread, min(low, mean), max(high, mean), len(arm_losses)))
    return points


def most_of_gain(points: Sequence[Point], base: float) -> int | None:
    """The smallest measured size with SHARE of the best measured gain over the base model; None without a gain."""
    gain = base - min(point.mean for point in points)
    if gain <= 0:
        return None
    return next(point.size for point in points if base - point.mean >= SHARE * gain)


def _gradual(curves: Mapping[str, Fit]) -> bool:
    if "broken" not in curves:
        return False
    others = [f.aicc for name, f in curves.items() if name != "broken"]
    return bool(others) and min(others) < curves["broken"].aicc - CLEARLY
