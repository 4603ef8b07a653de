"""What rows are worth: how many rows of one arm equal n of another, and what a hundred more rows bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from train.analysis.draws import interval


@dataclass(frozen=True)
class Equivalence:
    """So many rows of `reference` reach the loss that `size` rows of `arm` reach.

    Attributes:
        arm: its name.
        reference: name of the reference.
        size: rows of the arm.
        rows: of the reference; 0 and infinity stand for fewer, and for more, than were measured.
        low: lower end of the 90% interval.
        high: its upper end.
    """

    arm: str
    reference: str
    size: int
    rows: float
    low: float
    high: float

    @property
    def ratio(self) -> float:
        """Rows of the reference for one row of the arm."""
        return self.rows / self.size


@dataclass(frozen=True)
class MarginalGain:
    """Loss gained by a hundred more rows between two neighbouring sizes, with its 90% interval."""

    start: int
    end: int
    gain: float
    low: float
    high: float


def means(sizes: np.ndarray, losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(sizes (k,), mean losses (..., k)): the mean over the runs of each size.

    Args:
        sizes: (n,) of the runs.
        losses: (..., n).
    """
    distinct = np.unique(sizes)
    return distinct, np.stack([losses[..., sizes == n].mean(-1) for n in distinct], -1)


def equal(
    arm: str,
    reference: str,
    own: tuple[np.ndarray, np.ndarray, np.ndarray],
    other: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> list[Equivalence]:
    """For each size of the arm the rows of the reference that equal it.

    Args:
        arm: its name.
        reference: name of the reference.
        own: (sizes (n,), losses (n,), draws of them (draws, n)) of the arm.
        other: the same of the reference. Between measured sizes its mean is a straight line in ln n; where it rises
            with n it is taken as level.
    """
    sizes, mean = means(own[0], own[1])
    drawn = means(own[0], own[2])[1]
    grid, curve = means(other[0], other[1])
    curves = means(other[0], other[2])[1]
    out = []
    for i, n in enumerate(sizes.tolist()):
        rows = _inverse(grid, curve, float(mean[i]))
        drawn_rows = [_inverse(grid, c, loss) for c, loss in zip(curves, drawn[:, i].tolist(), strict=True)]
        # Without interpolation, since infinity may be among them.
        low, high = np.quantile(drawn_rows, [0.05, 0.95], method="inverted_cdf")
        out.append(Equivalence(arm, reference, int(n), rows, float(low), float(high)))
    return out


def marginal(sizes: np.ndarray, losses: np.ndarray, drawn: np.ndarray) -> list[MarginalGain]:
    """What a hundred more rows bring from each size to the next.  Arguments as of `equal`'s tuples."""
    grid, mean = means(sizes, losses)
    curves = means(sizes, drawn)[1]
    out = []
    for i in range(len(grid) - 1):
        step = 100 / (grid[i + 1] - grid[i])
        low, high = interval((curves[:, i] - curves[:, i + 1]) * step)
        gain = float((mean[i] - mean[i + 1]) * step)
        out.append(MarginalGain(int(grid[i]), int(grid[i + 1]), gain, low, high))
    return out


def _inverse(sizes: np.ndarray, curve: np.ndarray, loss: float) -> float:
    """The size at which a curve, made to fall only, first reaches a loss."""
    falling = np.minimum.accumulate(curve)
    if loss > falling[0]:
        return 0.0
    if loss < falling[-1]:
        return float("inf")
    after = int(np.argmax(falling <= loss))
    if after == 0:
        return float(sizes[0])
    above, below = falling[after - 1], falling[after]
    share = (above - loss) / (above - below)
    x = np.log(sizes)
    return float(np.exp(x[after - 1] + share * (x[after] - x[after - 1])))
