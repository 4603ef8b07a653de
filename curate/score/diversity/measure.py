"""A set's measures with their intervals, and two sets side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from curate.progress import Progress, silent
from curate.score.diversity.metric import Metric, Sample
from curate.score.diversity.registry import metric

HALVES = 20
WIDTH = 1.96  # of a normal distribution's 95%
# Ratios from TIMES on are given as multiples; from NOTHING on, the smaller side is rounding.
TIMES, NOTHING = 3, 1000
LEAST_ROWS = 8


class MetricValue(msgspec.Struct, frozen=True):
    """One measure of a set.

    Attributes:
        name: of the measure.
        value: None where the set has nothing to measure it on.
        low: lower end of the value's 95% interval, None for too few rows.
        high: upper end of that interval, None for too few rows.
        deviation: the standard error that the interval is made of.
        rows: how many rows the value is from.
        of: how many rows the set has.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    deviation: float | None
    rows: int
    of: int


class MetricComparison(msgspec.Struct, frozen=True):
    """One measure of two sets.

    Attributes:
        a: of the first set.
        b: of the second set.
        more: the set that is more diverse, `a` or `b`; empty where the difference may be chance.
        factor: a's value over b's, None where b's is not above 0 or a's is negative.
    """

    a: MetricValue
    b: MetricValue
    more: str
    factor: float | None


def measure(
    sample: Sample,
    names: Sequence[str],
    halves: int = HALVES,
    seed: int = 0,
    progress: Progress = silent,
) -> list[MetricValue]:
    """Measures of a sample, with their intervals.

    The interval is a bootstrap by half-samples (McCarthy 1969): the value of random halves of the rows varies about
    their mean as the value of the set would from sample to sample.  Halves are drawn without replacement, since drawing
    with it makes copies, and every measure of diversity punishes those.

    Args:
        sample: the set. A measure that is quadratic in its rows is measured on `Metric.most` of them, drawn at random.
        names: of the measures.
        halves: how many random halves; 0 for no intervals.
        seed: of random choices.
        progress: called with what is being done, how many measures are done, and how many there are.
    """
    measured = []
    for i, name in enumerate(names):
        progress("measures", i, len(names))
        measured.append(_measure(sample, metric(name), halves, seed))
    return measured


def _measure(sample: Sample, measure: Metric, halves: int, seed: int) -> MetricValue:
    random = np.random.default_rng(seed)
    of = len(sample)
    if measure.most is not None and of > measure.most:
        sample = sample.take(np.sort(random.permutation(of)[: measure.most]))
    n = len(sample)
    value = measure.value(sample)
    if value is None or halves < 2 or n < LEAST_ROWS:
        return MetricValue(measure.name, value, None, None, None, n, of)
    size = n // 2
    values = [measure.value(sample.take(np.sort(random.permutation(n)[:size]))) for _ in range(halves)]
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return MetricValue(measure.name, value, None, None, None, n, of)
    # Halves overlap with the set they are of, which for a half is just made up for by their being smaller.
    deviation = float(np.std(known, ddof=1)) * math.sqrt(size / (n - size))
    low, high = max(value - WIDTH * deviation, measure.lowest), value + WIDTH * deviation
    high = high if measure.highest is None else min(high, measure.highest)
    return MetricValue(measure.name, value, low, high, deviation, n, of)


def compare(
    a: Sample,
    b: Sample,
    names: Sequence[str],
    halves: int = HALVES,
    seed: int = 0,
    progress: Progress = silent,
) -> list[MetricComparison]:
    """Measures of two samples, the larger one cut at random to the size of the smaller.

    Nearly all measures change with the number of rows, so only sets of one size compare.

    Args:
        a: the first set.
        b: the second set.
        names: see `measure`.
        halves: see `measure`.
        seed: see `measure`.
        progress: see `measure`.
    """
    random = np.random.default_rng(seed)
    size = min(len(a), len(b))
    a, b = (s if len(s) == size else s.take(np.sort(random.permutation(len(s))[:size])) for s in (a, b))
    pairs = zip(measure(a, names, halves, seed, progress), measure(b, names, halves, seed, progress), strict=True)
    return [_compared(one, other) for one, other in pairs]


def _compared(a: MetricValue, b: MetricValue) -> MetricComparison:
    if a.value is None or b.value is None:
        return MetricComparison(a, b, "", None)
    difference = a.value - b.value
    factor = a.value / b.value if b.value > 0 and a.value >= 0 else None
    if a.deviation is None or b.deviation is None:
        return MetricComparison(a, b, "", factor)
    sure = abs(difference) > WIDTH * math.hypot(a.deviation, b.deviation) and difference != 0
    larger = "a" if difference > 0 else "b"
    more = larger if metric(a.name).direction == "higher" else {"a": "b", "b": "a"}[larger]
    return MetricComparison(a, b, more if sure else "", factor)


def verdict(compared: Sequence[MetricComparison], a: str, b: str) -> list[str]:
    """In words, which of two sets is more diverse, by which measures and how much.

    Args:
        compared: measures of the sets.
        a: the name of the first set.
        b: the name of the second set.
    """
    known = [c for c in compared if c.a.value is not None and c.b.value is not None]
    wins = {side: [c for c in known if c.more == side] for side in ("a", "b")}
    undecided = [c.a.name for c in known if not c.more]
    if not known:
        return ["There is nothing to compare."]
    if len(wins["a"]) == len(wins["b"]):
        lines = [f"Neither set is clearly the more diverse: {len(wins['a'])} of {len(known)} measures speak for each."]
    else:
        side = "a" if len(wins["a"]) > len(wins["b"]) else "b"
        name, count, against = {"a": a, "b": b}[side], len(wins[side]), len(known) - len(wins[side]) - len(undecided)
        lines = [
            f"{name} is the more diverse by {count} of {len(known)} measures; {against or 'none'} say"
            f"{'s' if against == 1 else ''} the opposite."
        ]
    for side, name in (("a", a), ("b", b)):
        if wins[side]:
            lines.append(f"For {name}: " + "; ".join(_sentence(c, side) for c in wins[side]) + ".")
    if undecided:
        lines.append(f"The difference may be chance by {', '.join(undecided)}.")
    return lines


def _sentence(c: MetricComparison, side: str) -> str:
    one, other = (c.a, c.b) if side == "a" else (c.b, c.a)
    assert one.value is not None and other.value is not None
    text = f"{one.name} {one.value:,.3g} against {other.value:,.3g}"
    if other.value > 0 and one.value > 0 and c.factor is not None:
        text += _change(one.value / other.value)
    return text


def _change(ratio: float) -> str:
    """A ratio in words: in percent up to TIMES, then as a multiple; nothing where one side is next to nothing."""
    if not 1 / NOTHING < ratio < NOTHING:
        return ""
    if ratio >= TIMES:
        return f" ({ratio:,.1f} times as much)"
    return f" ({abs(ratio - 1):.0%} {'more' if ratio > 1 else 'less'})"
