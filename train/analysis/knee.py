"""The knee of a learning curve: the number of rows from which on another doubling brings less than before.

It is the break of two straight lines in ln n, of the loss or of its logarithm (segmented regression: Muggeo 2003).
Whether there is one is asked first, by the largest F over all possible breaks (Andrews 1993), whose distribution under
a straight line is simulated for the very sizes and seeds at hand: so straight lines are taken for bent ones in `ALPHA`
of cases and no more.  The interval is a posterior under flat priors, with the variance between seeds unknown; held-out
rows are drawn anew for it, so that it holds for other rows of the same kind too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from train.analysis.fits import FEWEST_SIZES, breaks, design

ALPHA = 0.05
COVERAGE = 0.9
POINTS = 160
SIMULATED = 1999


@dataclass(frozen=True)
class Knee:
    """Whether a curve has a knee, and where.

    Attributes:
        verdict: `knee`, `none` (a straight line in ln n will do), or `unknown` (too few sizes or seeds).
        at: rows at the knee; None without one.
        low: lower end of its 90% interval.
        high: its upper end.
        before: loss gained by a doubling below the knee.
        after: loss gained by a doubling above it.
        p: chance of so much flattening in a straight line.
        why: what is missing, where the verdict is `unknown`.
    """

    verdict: str
    at: float | None = None
    low: float | None = None
    high: float | None = None
    before: float | None = None
    after: float | None = None
    p: float | None = None
    why: str = ""


def find(sizes: np.ndarray, seeds: np.ndarray, losses: np.ndarray, draws: np.ndarray | None = None) -> Knee:
    """The knee of the runs of one arm.

    Args:
        sizes: (n,) of the runs.
        seeds: (n,) of the runs.
        losses: (n,) of the runs, in nats a token.
        draws: (draws, n) losses of the same runs on held-out rows drawn anew.
    """
    sizes, seeds, losses = np.asarray(sizes, float), np.asarray(seeds), np.asarray(losses, float)
    distinct = np.unique(sizes)
    if len(distinct) < FEWEST_SIZES:
        return Knee("unknown", why=f"a knee needs at least {FEWEST_SIZES} sizes to be found; there are {len(distinct)}")
    freedom = len(sizes) - len(np.unique(seeds)) - 3
    if freedom < 2:
        return Knee("unknown", why="a knee needs more runs to be told from chance: more seeds, or more sizes")
    if losses.min() <= 0:
        return Knee("unknown", why="a loss of zero or less has no logarithm")
    candidates = np.geomspace(*breaks(sizes), POINTS)
    null = _null(tuple(sizes.tolist()), tuple(seeds.tolist()))
    statistic = min(_flattening(sizes, seeds, y[:, None], candidates)[0] for y in (losses, np.log(losses)))
    p = float((1 + (null >= statistic).sum()) / (1 + len(null)))
    if p >= ALPHA:
        return Knee("none", p=p)
    posterior = np.mean([_posterior(sizes, seeds, y, candidates) for y in _draws(losses, draws)], 0)
    best = int(np.argmax(_posterior(sizes, seeds, losses, candidates)))
    low, high = _shortest(candidates, posterior, COVERAGE)
    at = float(candidates[best])
    slopes = np.linalg.lstsq(design("broken", sizes, seeds, at), losses, rcond=None)[0][-2:]
    doubling = float(np.log(2))
    before, after = -float(slopes[0]) * doubling, -float(slopes.sum()) * doubling
    return Knee("knee", at, min(low, at), max(high, at), before, after, p)


def _draws(losses: np.ndarray, draws: np.ndarray | None) -> np.ndarray:
    return losses[None] if draws is None or not len(draws) else draws[:100]


def _flattening(sizes: np.ndarray, seeds: np.ndarray, losses: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """(draws,) the largest F of a break that makes a falling curve flatter, of losses (n, draws)."""
    q, _ = np.linalg.qr(design("logarithmic", sizes, seeds, np.nan))
    residuals = losses - q @ (q.T @ losses)
    straight = (residuals**2).sum(0)
    freedom = len(sizes) - q.shape[1] - 1
    largest = np.zeros(losses.shape[1])
    for knee in candidates:
        hinge = np.maximum(np.log(sizes) - np.log(knee), 0)
        hinge = hinge - q @ (q.T @ hinge)
        length = (hinge**2).sum()
        if length < 1e-12:
            continue
        bend = hinge @ residuals / length
        explained = np.where(bend > 0, bend**2 * length, 0)
        largest = np.maximum(largest, explained / np.maximum((straight - explained) / freedom, 1e-300))
    return largest


@cache
def _null(sizes: tuple[float, ...], seeds: tuple[int, ...]) -> np.ndarray:
    """(SIMULATED,) the statistic on straight lines with noise of the same variance everywhere."""
    noise = np.random.default_rng(0).standard_normal((len(sizes), SIMULATED))
    n = np.asarray(sizes)
    return _flattening(n, np.asarray(seeds), noise, np.geomspace(*breaks(n), POINTS))


def _posterior(sizes: np.ndarray, seeds: np.ndarray, losses: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """(candidates,) chance of each break, under flat priors on levels, slopes and the logarithm of the variance.

    Straight lines of the loss (logarithmic laws) and of its logarithm (power laws) are both believed in, by how likely
    they make the losses.
    """
    # The density of the loss is that of its logarithm over the loss.
    scales = ((losses, 0.0), (np.log(losses), -float(np.log(losses).sum())))
    score = np.empty((2, len(candidates)))
    for i, knee in enumerate(candidates):
        regressors = design("broken", sizes, seeds, knee)
        q, r = np.linalg.qr(regressors)
        freedom = len(losses) - regressors.shape[1]
        width = np.log(np.abs(np.diag(r))).sum()
        for j, (y, density) in enumerate(scales):
            rss = max(float(((y - q @ (q.T @ y)) ** 2).sum()), 1e-18)
            # Coefficients of the logarithm are in other units, which flat priors must not reward.
            unit = regressors.shape[1] * np.log(losses.mean()) * j
            score[j, i] = -freedom / 2 * np.log(rss) - width + density + unit
    chance = np.exp(score - score.max()).sum(0)
    return chance / chance.sum()


def _shortest(values: np.ndarray, chance: np.ndarray, share: float) -> tuple[float, float]:
    """The ends of the most likely values that together have this share of the chance; a value stands for its cell."""
    order = np.argsort(-chance)
    likely = order[: int(np.searchsorted(np.cumsum(chance[order]), share)) + 1]
    half = np.sqrt(values[1] / values[0]) if len(values) > 1 else 1.0
    low, high = values[likely.min()] / half, values[likely.max()] * half
    return float(max(low, values[0])), float(min(high, values[-1]))
