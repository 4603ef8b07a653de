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
    arm_runs: tuple[np.ndarray, np.ndarray, np.ndarray],
    reference_runs: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> list[Equivalence]:
    """For each size of the arm the rows of the reference that equal it.

    Args:
        arm: its name.
        reference: name of the reference.
        arm_runs: (sizes (n,), losses (n,), draws of them (draws, n)) of the arm.
        reference_runs: the same of the reference. Between measured sizes its mean is a straight line in ln n; where it
            rises with n it is taken as level.
    """
    sizes, mean = means(arm_runs[0], arm_runs[1])
    draws = means(arm_runs[0], arm_runs[2])[1]
    grid, curve = means(reference_runs[0], reference_runs[1])
    curves = means(reference_runs[0], reference_runs[2])[1]
    equivalences = []
    for i, n in enumerate(sizes.tolist()):
        rows = _inverse(grid, curve, float(mean[i]))
        row_draws = [_inverse(grid, c, loss) for c, loss in zip(curves, draws[:, i].tolist(), strict=True)]
        # Without interpolation, since infinity may be among them.
        low, high = np.quantile(row_draws, [0.05, 0.95], method="inverted_cdf")
        equivalences.append(Equivalence(arm, reference, int(n), rows, float(low), float(high)))
    return equivalences


def marginal(sizes: np.ndarray, losses: np.ndarray, draws: np.ndarray) -> list[MarginalGain]:
    """What a hundred more rows bring from each size to the next.  Arguments as of `equal`'s tuples."""
    grid, mean = means(sizes, losses)
    curves = means(sizes, draws)[1]
    gains = []
    for i in range(len(grid) - 1):
        step = 100 / (grid[i + 1] - grid[i])
        low, high = interval((curves[:, i] - curves[:, i + 1]) * step)
        gain = float((mean[i] - mean[i + 1]) * step)
        gains.append(MarginalGain(int(grid[i]), int(grid[i + 1]), gain, low, high))
    return gains


def _inverse(sizes: np.ndarray, curve: np.ndarray, loss: float) -> float:
    """The size at which a curve, made to fall only, first reaches a loss."""
    falling = np.minimum.accumulate(curve)
    if loss > falling[0]:
        return 0.0
    if loss < falling[-1]:
        return float("inf")
    index = int(np.argmax(falling <= loss))
    if index == 0:
        return float(sizes[0])
    above, below = falling[index - 1], falling[index]
    share = (above - loss) / (above - below)
    x = np.log(sizes)
    return float(np.exp(x[index - 1] + share * (x[index] - x[index - 1])))
