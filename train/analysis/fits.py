"""Learning curves: what shape the loss takes as rows are added, chosen by AICc.

Each shape is linear in its coefficients once its one other parameter is fixed, so a fit is a least-squares solution for
each value of a grid, and a search between the two best neighbours (variable projection, Golub & Pereyra 1973): there is
no first guess to get wrong.  Every seed has a level of its own, since its runs share the order of the rows and the
beginning of the adapters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

GRID = 80
# Fewer sizes cannot tell one shape from another.
FEWEST_SIZES = 4


class CurveShape(NamedTuple):
    """A family of learning curves.

    Attributes:
        formula: with L for the loss and n for the rows.
        columns: from sizes (n,) and the parameter to the regressors besides the level, (n, c).
        parameter: its name in the formula; None without.
        bounds: from the sizes to the lowest and highest value of the parameter, whose logarithm is searched.
        saturates: whether the loss approaches a floor.
    """

    formula: str
    columns: Callable[[np.ndarray, float], np.ndarray]
    parameter: str | None
    bounds: Callable[[np.ndarray], tuple[float, float]]
    saturates: bool


def _hinge(n: np.ndarray, knee: float) -> np.ndarray:
    return np.stack([np.log(n), np.maximum(np.log(n) - np.log(knee), 0)], 1)


# The last two are nested: a broken line whose halves are alike is a straight one.  Power law with an offset: Hestness
# et al. 2017; the break: Caballero et al. 2023, to first order in ln n, as losses change by less than their own size.
SHAPES: Mapping[str, CurveShape] = MappingProxyType(
    {
        "power": CurveShape("L = c + a n^-b", lambda n, b: n[:, None] ** -b, "b", lambda _: (0.05, 3.0), True),
        "exponential": CurveShape(
            "L = c + a exp(-n/b)",
            lambda n, b: np.exp(-n / b)[:, None],
            "b",
            lambda n: (float(n.min()) / 3, float(n.max()) * 3),
            True,
        ),
        "logarithmic": CurveShape("L = c - a ln n", lambda n, _: np.log(n)[:, None], None, lambda _: (1.0, 1.0), False),
        "broken": CurveShape(
            "L = c - a ln n up to n = k, then flatter or steeper",
            _hinge,
            "k",
            lambda n: breaks(n),
            False,
        ),
    }
)


@dataclass(frozen=True)
class Fit:
    """The best curve of a shape.

    Attributes:
        shape: a key of SHAPES.
        level: the mean of the seeds' levels.
        coefficients: (c,) of the shape's columns.
        parameter: nan for a shape without.
        rss: sum of squared residuals.
        aicc: to compare shapes by; infinite where there are too few runs for the shape.
    """

    shape: str
    level: float
    coefficients: tuple[float, ...]
    parameter: float
    rss: float
    aicc: float

    def at(self, sizes: np.ndarray | float) -> np.ndarray:
        """Loss at these sizes, (n,)."""
        n = np.atleast_1d(np.asarray(sizes, float))
        return self.level + SHAPES[self.shape].columns(n, self.parameter) @ np.asarray(self.coefficients)

    @property
    def floor(self) -> float | None:
        """The loss that the curve approaches; None if it has none, or if that would be below zero or above the data."""
        if not SHAPES[self.shape].saturates or self.coefficients[0] <= 0 or self.level < 0:
            return None
        return self.level


def breaks(sizes: np.ndarray) -> tuple[float, float]:
    """Where a break can be found: between the second smallest and the second largest size."""
    distinct = np.unique(sizes)
    return (float(distinct[1]), float(distinct[-2])) if len(distinct) > 3 else (float(distinct[0]),) * 2


def design(shape: str, sizes: np.ndarray, seeds: np.ndarray, parameter: float) -> np.ndarray:
    """(n, seeds + c) the regressors: one column for each seed's level, then those of the shape."""
    levels = (seeds[:, None] == np.unique(seeds)).astype(float)
    return np.hstack([levels, SHAPES[shape].columns(np.asarray(sizes, float), parameter)])


def grid(shape: str, sizes: np.ndarray, points: int = GRID) -> np.ndarray:
    """Values of the parameter to look at, evenly spaced in their logarithm."""
    if SHAPES[shape].parameter is None:
        return np.array([np.nan])
    low, high = SHAPES[shape].bounds(np.asarray(sizes, float))
    return np.geomspace(low, high, points) if high > low else np.array([low])


def fit(shape: str, sizes: np.ndarray, seeds: np.ndarray, losses: np.ndarray) -> Fit:
    """The best curve of a shape.

    Args:
        shape: a key of SHAPES.
        sizes: (n,) of the runs.
        seeds: (n,) of the runs.
        losses: (n,) of the runs, in nats a token.
    """
    from scipy.optimize import minimize_scalar

    values = grid(shape, sizes)
    rss = [_rss(design(shape, sizes, seeds, value), losses) for value in values]
    lowest = int(np.argmin(rss))
    parameter = float(values[lowest])
    if len(values) > 1:
        neighbours = np.log(values[[max(lowest - 1, 0), min(lowest + 1, len(values) - 1)]])
        finer = minimize_scalar(
            lambda x: _rss(design(shape, sizes, seeds, np.exp(x)), losses),
            bounds=tuple(neighbours),
            method="bounded",
            options={"xatol": 1e-4},
        )
        if finer.fun < rss[lowest]:
            parameter = float(np.exp(finer.x))
    return _at(shape, sizes, seeds, losses, parameter)


def all_fits(sizes: np.ndarray, seeds: np.ndarray, losses: np.ndarray, fewest: int = FEWEST_SIZES) -> dict[str, Fit]:
    """The best curve of every shape, the lowest AICc first; none with fewer sizes than `fewest`."""
    if len(np.unique(sizes)) < fewest:
        return {}
    curves = [fit(shape, sizes, seeds, losses) for shape in SHAPES]
    return {f.shape: f for f in sorted(curves, key=lambda f: f.aicc) if np.isfinite(f.aicc)}


def fit_draws(sizes: np.ndarray, seeds: np.ndarray, losses: np.ndarray) -> list[Fit]:
    """For each of many draws of the same runs the curve with the lowest AICc, on the grid.

    Args:
        sizes: (n,) of the runs.
        seeds: (n,) of the runs.
        losses: (draws, n). The runs must be enough for some shape: the caller tries `all_fits` first.
    """
    lowest_score = np.full(len(losses), np.inf)
    best_curves: list[tuple[str, float]] = [("logarithmic", np.nan)] * len(losses)
    for shape in SHAPES:
        for value in grid(shape, sizes, GRID // 2):
            regressors = design(shape, sizes, seeds, value)
            score = _aicc(_rss(regressors, losses.T), len(sizes), _count(shape, seeds))
            for i in np.flatnonzero(score < lowest_score):
                lowest_score[i], best_curves[i] = score[i], (shape, float(value))
    return [_at(s, sizes, seeds, y, value) for (s, value), y in zip(best_curves, losses, strict=True)]


def _at(shape: str, sizes: np.ndarray, seeds: np.ndarray, losses: np.ndarray, parameter: float) -> Fit:
    regressors = design(shape, sizes, seeds, parameter)
    solution = np.linalg.lstsq(regressors, losses, rcond=None)[0]
    rss = float(((losses - regressors @ solution) ** 2).sum())
    count = len(np.unique(seeds))
    aicc = float(_aicc(np.array(rss), len(sizes), _count(shape, seeds)))
    return Fit(shape, float(solution[:count].mean()), tuple(map(float, solution[count:])), float(parameter), rss, aicc)


def _count(shape: str, seeds: np.ndarray) -> int:
    """How many numbers a fit has: coefficients, parameter, seeds' levels and the variance."""
    coefficients = {"power": 2, "exponential": 2, "logarithmic": 1, "broken": 3}[shape]
    return len(np.unique(seeds)) + coefficients + 1


def _rss(regressors: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Sum of squared residuals; losses (n,) or (n, draws)."""
    q, _ = np.linalg.qr(regressors)
    return ((losses - q @ (q.T @ losses)) ** 2).sum(0)


def _aicc(rss: np.ndarray, runs: int, numbers: int) -> np.ndarray:
    """Akaike's criterion, corrected for few runs (Hurvich & Tsai 1989)."""
    freedom = runs - numbers - 1
    if freedom <= 0:
        return np.full(np.shape(rss), np.inf)
    misfit = runs * np.log(np.maximum(rss, 1e-18) / runs)
    return misfit + 2 * numbers + 2 * numbers * (numbers + 1) / freedom
