"""Facility location: rows that stand for all others, each new one adding the most; see `greedy_coverage`."""

from __future__ import annotations

import math

from curate.select import partition
from curate.select.greedy_coverage import Greedy, greedy
from curate.select.pool import MethodContext, Picks, Pool


def order(pool: Pool, size: int, context: MethodContext) -> Picks:
    """The rows that raise coverage the most, one after the other; a row counts for what it covers times its weight.

    Weights are those of `Pool.weights`.
    Pools above partition.WHOLE rows are ordered in parts; see `curate.select.partition`.
    """
    assert pool.vectors is not None
    weights = pool.weights(context.options.trade_off)
    n = len(pool.vectors)
    if n > partition.WHOLE:
        result, note = partition.greedy_in_parts(pool.vectors, size, weights, context.workers)
    else:
        result = greedy(pool.vectors, size, weights)
        note = _guarantee(result)
    why = [f"adds {gain / n:.2e} to the pool's mean coverage" for gain in result.gains.tolist()]
    return Picks(result.order, result.gains / n, why, note)


def _guarantee(result: Greedy) -> str:
    """How near the best possible coverage the order is known to come, in words."""
    k, t = len(result.order), result.opening
    if not t:
        return "coverage: greedy on all similarities, at least 1 - 1/e = 0.632 of the best"
    bound = 1 - math.exp(-(k - t) / k)
    return (
        f"coverage: {t} rows by a sample, then greedy on {result.share:.1%} of all that there was to gain, "
        f"at least {bound:.3f} of the best by that"
    )
