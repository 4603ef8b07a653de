"""What twice the rows would bring, by the fitted curve; and whether such a forecast would have been right before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from train.analysis import fits
from train.analysis.draws import interval
from train.analysis.efficiency import means

DRAWS = 200


@dataclass(frozen=True)
class ForecastCheck:
    """The loss at the largest size, foretold from the smaller ones, against what was measured.

    Attributes:
        low: of the forecast, 90%.
        high: of the forecast, 90%.
        held: whether forecast and measurement differ by no more than chance.
    """

    size: int
    foretold: float
    low: float
    high: float
    measured: float
    held: bool


@dataclass(frozen=True)
class Forecast:
    """Loss at `size` rows, with its 90% interval, by the curve `shape`; gain: what that is below the largest size.

    The interval holds the choice of the curve too: it is made anew in every draw.  check: None where too few sizes were
    left to make one.
    """

    size: int
    shape: str
    loss: float
    low: float
    high: float
    gain: float
    gain_low: float
    gain_high: float
    check: ForecastCheck | None

    @property
    def trusted(self) -> bool:
        """Whether the check was made and held."""
        return self.check is not None and self.check.held


def double(sizes: np.ndarray, seeds: np.ndarray, losses: np.ndarray, drawn: np.ndarray) -> Forecast | None:
    """The forecast for twice the largest size; None where no curve can be chosen.

    Args:
        sizes: (n,), a run each.
        seeds: (n,), a run each.
        losses: (n,), a run each.
        drawn: (draws, n), see `draws.draw`.
    """
    chosen = next(iter(fits.all_fits(sizes, seeds, losses).values()), None)
    if chosen is None:
        return None
    largest = int(sizes.max())
    curves = fits.many(sizes, seeds, drawn[:DRAWS])
    then = np.array([float(c.at(2 * largest)[0]) for c in curves])
    now = means(sizes, drawn[:DRAWS])[1][:, -1]
    loss = float(chosen.at(2 * largest)[0])
    low, high = interval(then)
    gain_low, gain_high = interval(now - then)
    measured = float(means(sizes, losses)[1][-1])
    return Forecast(
        2 * largest,
        chosen.shape,
        loss,
        min(low, loss),
        max(high, loss),
        measured - loss,
        gain_low,
        gain_high,
        check(sizes, seeds, losses, drawn),
    )


def check(sizes: np.ndarray, seeds: np.ndarray, losses: np.ndarray, drawn: np.ndarray) -> ForecastCheck | None:
    """The largest size foretold from the others; None where these are fewer than three."""
    largest = sizes.max()
    known = sizes < largest
    found = fits.all_fits(sizes[known], seeds[known], losses[known], fewest=3)
    chosen = next(iter(found.values()), None)
    if chosen is None:
        return None
    curves = fits.many(sizes[known], seeds[known], drawn[:DRAWS, known])
    then = np.array([float(c.at(largest)[0]) for c in curves])
    actual = means(sizes, drawn[:DRAWS])[1][:, -1]
    low, high = interval(then)
    error_low, error_high = interval(then - actual)
    measured = float(means(sizes, losses)[1][-1])
    return ForecastCheck(int(largest), float(chosen.at(largest)[0]), low, high, measured, error_low <= 0 <= error_high)
