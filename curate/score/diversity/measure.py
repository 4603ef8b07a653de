"""A set's measures with their intervals, and two sets side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from curate.progress import Progress
from curate.score.diversity import metric, module
from curate.score.diversity.metric import Metric, Sample

HALVES = 20
WIDTH = 1.96  # of a normal distribution's 95%
LEAST_ROWS = 8


class Measured(msgspec.Struct, frozen=True):
    """One measure of a set.

    Attributes:
        value: None where the set has nothing to measure it on.
        low: its 95% interval, None for too few rows.
        high: its 95% interval, None for too few rows.
        deviation: the standard error that the interval is made of.
        rows: how many the value is from, of so many.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    deviation: float | None
    rows: int
    of: int


class Compared(msgspec.Struct, frozen=True):
    """One measure of two sets.

    Attributes:
        more: `a`, `b`, or `` where the difference may be chance.
        factor: a's value over b's, None where that says nothing.
    """

    a: Measured
    b: Measured
    more: str
    factor: float | None


def measure(
    sample: Sample,
    names: Sequence[str],
    halves: int = HALVES,
    seed: int = 0,
    progress: Progress | None = None,
) -> list[Measured]:
    """These measures of a sample.

    The interval is a bootstrap by half-samples (McCarthy 1969): the value of random halves of the rows varies about
    their mean as the value of the set would from sample to sample.  Halves are drawn without replacement, since drawing
    with it makes copies, and every measure of diversity punishes those.

    Args:
        halves: how many; 0 for no intervals. A measure that is quadratic in the rows is measured on `Metric.most` of
            them, drawn at random.
    """
    found = []
    for i, name in enumerate(names):
        if progress:
            progress("measures", i, len(names))
        found.append(_measure(sample, metric(name), module(name).value, halves, seed))
    return found


def _measure(sample: Sample, what: Metric, value: Callable[[Sample], float | None], halves: int, seed: int) -> Measured:
    random = np.random.default_rng(seed)
    of = len(sample)
    if what.most is not None and of > what.most:
        sample = sample.take(np.sort(random.permutation(of)[: what.most]))
    n = len(sample)
    found = value(sample)
    if found is None or halves < 2 or n < LEAST_ROWS:
        return Measured(what.name, found, None, None, None, n, of)
    size = n // 2
    values = [value(sample.take(np.sort(random.permutation(n)[:size]))) for _ in range(halves)]
    there = [v for v in values if v is not None]
    if len(there) < 2:
        return Measured(what.name, found, None, None, None, n, of)
    # Halves overlap with the set they are of, which for a half is just made up for by their being smaller.
    deviation = float(np.std(there, ddof=1)) * math.sqrt(size / (n - size))
    low, high = max(found - WIDTH * deviation, what.lowest), found + WIDTH * deviation
    return Measured(what.name, found, low, high if what.highest is None else min(high, what.highest), deviation, n, of)


def compare(
    a: Sample,
    b: Sample,
    names: Sequence[str],
    halves: int = HALVES,
    seed: int = 0,
    progress: Progress | None = None,
) -> list[Compared]:
    """These measures of two samples, the larger one cut at random to the size of the smaller.

    Nearly all measures change with the number of rows, so only sets of one size compare.
    """
    random = np.random.default_rng(seed)
    size = min(len(a), len(b))
    a, b = (s if len(s) == size else s.take(np.sort(random.permutation(len(s))[:size])) for s in (a, b))
    pairs = zip(measure(a, names, halves, seed, progress), measure(b, names, halves, seed, progress), strict=True)
    return [_compared(one, other) for one, other in pairs]


def _compared(a: Measured, b: Measured) -> Compared:
    if a.value is None or b.value is None:
        return Compared(a, b, "", None)
    difference = a.value - b.value
    factor = a.value / b.value if b.value > 0 and a.value >= 0 else None
    if a.deviation is None or b.deviation is None:
        return Compared(a, b, "", factor)
    sure = abs(difference) > WIDTH * math.hypot(a.deviation, b.deviation) and difference != 0
    larger = "a" if difference > 0 else "b"
    more = larger if metric(a.name).direction == "higher" else {"a": "b", "b": "a"}[larger]
    return Compared(a, b, more if sure else "", factor)


def verdict(compared: Sequence[Compared], a: str, b: str) -> list[str]:
    """In words, which of two sets is more diverse, by which measures and how much.

    Args:
        a: what they are called.
        b: what they are called.
    """
    told = [c for c in compared if c.a.value is not None and c.b.value is not None]
    wins = {side: [c for c in told if c.more == side] for side in ("a", "b")}
    open_ = [c.a.name for c in told if not c.more]
    if not told:
        return ["There is nothing to compare."]
    if len(wins["a"]) == len(wins["b"]):
        lines = [f"Neither set is clearly the more diverse: {len(wins['a'])} of {len(told)} measures speak for each."]
    else:
        side = "a" if len(wins["a"]) > len(wins["b"]) else "b"
        name, count, against = {"a": a, "b": b}[side], len(wins[side]), len(told) - len(wins[side]) - len(open_)
        lines = [
            f"{name} is the more diverse by {count} of {len(told)} measures; {against or 'none'} say"
            f"{'s' if against == 1 else ''} the opposite."
        ]
    for side, name in (("a", a), ("b", b)):
        if wins[side]:
            lines.append(f"For {name}: " + "; ".join(_said(c, side) for c in wins[side]) + ".")
    if open_:
        lines.append(f"The difference may be chance by {', '.join(open_)}.")
    return lines


def _said(c: Compared, side: str) -> str:
    one, other = (c.a, c.b) if side == "a" else (c.b, c.a)
    assert one.value is not None and other.value is not None
    text = f"{one.name} {one.value:,.3g} against {other.value:,.3g}"
    if other.value > 0 and one.value > 0 and c.factor is not None:
        change = one.value / other.value - 1
        text += f" ({abs(change):.0%} {'more' if change > 0 else 'less'})"
    return text
