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
        size: the largest.
        foretold: the forecast.
        low: lower end of its 90% interval.
        high: its upper end.
        measured: the loss that was measured.
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
    """The loss at twice the rows, by the best curve; intervals hold its choice too, which is made anew in every draw.

    Attributes:
        size: twice the largest.
        shape: of the curve, a key of `fits.SHAPES`.
        loss: at that size.
        low: lower end of its 90% interval.
        high: its upper end.
        gain: what the loss is below that at the largest size.
        gain_low: lower end of its 90% interval.
        gain_high: its upper end.
        check: of such a forecast; None where too few sizes were left to make one.
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
    """The forecast for twice the largest size; None where no curve can be best.

    Args:
        sizes: (n,) of the runs.
        seeds: (n,) of the runs.
        losses: (n,) of the runs, in nats a token.
        drawn: (draws, n), see `draws.draw`.
    """
    best = next(iter(fits.all_fits(sizes, seeds, losses).values()), None)
    if best is None:
        return None
    largest = int(sizes.max())
    curves = fits.many(sizes, seeds, drawn[:DRAWS])
    then = np.array([float(c.at(2 * largest)[0]) for c in curves])
    now = means(sizes, drawn[:DRAWS])[1][:, -1]
    loss = float(best.at(2 * largest)[0])
    low, high = interval(then)
    gain_low, gain_high = interval(now - then)
    measured = float(means(sizes, losses)[1][-1])
    return Forecast(
        2 * largest,
        best.shape,
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
    smaller = sizes < largest
    fitted = fits.all_fits(sizes[smaller], seeds[smaller], losses[smaller], fewest=3)
    best = next(iter(fitted.values()), None)
    if best is None:
        return None
    curves = fits.many(sizes[smaller], seeds[smaller], drawn[:DRAWS, smaller])
    then = np.array([float(c.at(largest)[0]) for c in curves])
    actual = means(sizes, drawn[:DRAWS])[1][:, -1]
    low, high = interval(then)
    error_low, error_high = interval(then - actual)
    measured = float(means(sizes, losses)[1][-1])
    return ForecastCheck(int(largest), float(best.at(largest)[0]), low, high, measured, error_low <= 0 <= error_high)
