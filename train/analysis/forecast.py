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


def double(sizes: np.ndarray, seeds: np.ndarray, losses: np.ndarray, draws: np.ndarray) -> Forecast | None:
    """The forecast for twice the largest size; None where no curve can be best.

    Args:
        sizes: (n,) of the runs.
        seeds: (n,) of the runs.
        losses: (n,) of the runs, in nats a token.
        draws: (draws, n), see `draws.draw`.
    """
    best = next(iter(fits.all_fits(sizes, seeds, losses).values()), None)
    if best is None:
        return None
    largest = int(sizes.max())
    curves = fits.fit_draws(sizes, seeds, draws[:DRAWS])
    forecasts = np.array([float(c.at(2 * largest)[0]) for c in curves])
    losses_now = means(sizes, draws[:DRAWS])[1][:, -1]
    loss = float(best.at(2 * largest)[0])
    low, high = interval(forecasts)
    gain_low, gain_high = interval(losses_now - forecasts)
    largest_loss = float(means(sizes, losses)[1][-1])
    return Forecast(
        2 * largest,
        best.shape,
        loss,
        min(low, loss),
        max(high, loss),
        largest_loss - loss,
        gain_low,
        gain_high,
        check(sizes, seeds, losses, draws),
    )


def check(sizes: np.ndarray, seeds: np.ndarray, losses: np.ndarray, draws: np.ndarray) -> ForecastCheck | None:
    """The largest size foretold from the others; None where these are fewer than three."""
    largest = sizes.max()
    smaller = sizes < largest
    curves = fits.all_fits(sizes[smaller], seeds[smaller], losses[smaller], fewest=3)
    best = next(iter(curves.values()), None)
    if best is None:
        return None
    drawn_curves = fits.fit_draws(sizes[smaller], seeds[smaller], draws[:DRAWS, smaller])
    forecasts = np.array([float(c.at(largest)[0]) for c in drawn_curves])
    losses_drawn = means(sizes, draws[:DRAWS])[1][:, -1]
    low, high = interval(forecasts)
    error_low, error_high = interval(forecasts - losses_drawn)
    loss = float(means(sizes, losses)[1][-1])
    return ForecastCheck(int(largest), float(best.at(largest)[0]), low, high, loss, error_low <= 0 <= error_high)
