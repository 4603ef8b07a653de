"""An analysis in sentences that claim no more than it shows."""

from __future__ import annotations

import numpy as np

from curate.text.counted import counted
from train.analysis.arm_names import FULL, REFERENCE, SELECTED
from train.analysis.curve import SHARE, Analysis, ArmCurve, Point
from train.analysis.efficiency import Equivalence
from train.analysis.fits import SHAPES
from train.analysis.paired import ArmComparison

NAMES = {
    "power": "a power law",
    "exponential": "an exponential",
    "logarithmic": "a straight line in ln n",
    "broken": "a broken line in ln n",
}


def sentences(analysis: Analysis) -> list[str]:
    """Paragraphs: one for each arm, then the arms against one another."""
    out = [" ".join(_arm(arm, analysis.base)) for arm in analysis.arms]
    out += [_comparison(c) for c in analysis.comparisons if c.size is None]
    out += _against_full_pool(analysis)
    out += _efficiency(analysis)
    if max((p.seeds for a in analysis.arms for p in a.points), default=0) < 2:
        out.append("With one seed the intervals hold the chances of the held-out rows alone, not those of training.")
    return out


def _arm(arm: ArmCurve, base: float) -> list[str]:
    largest = arm.points[-1]
    best = min(arm.points, key=lambda p: p.mean)
    gain, least, most = base - largest.mean, base - largest.high, base - largest.low
    out = [
        f"With {arm_phrase(arm.arm)} the held-out loss goes from {base:.3f} to {largest.mean:.3f} at {largest.size:,} "
        f"rows, by {gain:.3f} (90% interval {least:.3f} to {most:.3f})."
    ]
    if arm.most is None:
        return [*out, "No size brings the loss below that of the base model."]
    if best.size != largest.size and best.mean < largest.low:
        out.append(
            f"It is lowest at {counted(best.size, 'row')} ({best.mean:.3f}): more rows did not help beyond that."
        )
    if len(arm.points) > 1:
        out.append(knee_sentence(arm))
        out.append(_forecast(arm))
    return out


def knee_sentence(arm: ArmCurve) -> str:
    """The knee of an arm, or why there is none."""
    knee = arm.knee
    first, last = arm.points[0].size, arm.points[-1].size
    if knee.verdict == "unknown":
        return f"Not enough evidence for or against a knee: {knee.why}. {_share_of_gain(arm)}"
    if knee.verdict == "none":
        begin, end = (_doubling(*pair) for pair in (arm.points[:2], arm.points[-2:]))
        return (
            f"No knee from {first:,} to {counted(last, 'row')}: the curve does not flatten beyond chance (a "
            "doubling lowers "
            f"the loss by {begin:.3f} at first and by {end:.3f} at last), so that more rows may still help."
        )
    at, low, high = (round_rows(n) for n in (knee.at, knee.low, knee.high))
    slopes = f"a doubling lowers the loss by {knee.before:.3f} below it and by {knee.after:.3f} above"
    if arm.gradual:
        return (
            f"Returns diminish gradually around {at} rows (90% interval {low} to {high}), with no sharp knee: {slopes}."
        )
    return f"The knee is at about {at} rows (90% interval {low} to {high}): {slopes}."


def _doubling(smaller: Point, larger: Point) -> float:
    """Loss gained by a doubling between two sizes, on the mean."""
    return float((smaller.mean - larger.mean) / np.log2(larger.size / smaller.size))


def _share_of_gain(arm: ArmCurve) -> str:
    last = arm.points[-1].size
    if arm.most == last:
        return f"No smaller size brings {SHARE:.0%} of the best gain, so that more rows may still help."
    return f"{arm.most:,} rows bring {SHARE:.0%} of the best gain that was measured."


def _forecast(arm: ArmCurve) -> str:
    f = arm.forecast
    if f is None:
        return "Not enough evidence for a forecast of twice the rows."
    sentence = (
        f"Twice the rows ({f.size:,}) would bring the loss to about {f.loss:.3f} (90% interval {f.low:.3f} to "
        f"{f.high:.3f}) by {NAMES[f.shape]}, {SHAPES[f.shape].formula}"
    )
    if f.check is None:
        return f"{sentence}; no size was left to check such a forecast on."
    if f.trusted:
        return f"{sentence}; from the smaller sizes it foretold {f.check.foretold:.3f} at {f.check.size:,}, and " + (
            f"{f.check.measured:.3f} was measured."
        )
    return (
        f"Not enough evidence for a forecast: from the smaller sizes the best curve foretold {f.check.foretold:.3f} at "
        f"{counted(f.check.size, 'row')}, but {f.check.measured:.3f} was measured."
    )


def _comparison(c: ArmComparison) -> str:
    first, second = arm_phrase(c.arm), arm_phrase(c.other)
    if c.p is None:
        return (
            f"{capitalize(first)} against {second}: {abs(c.difference):.3f} nats a token "
            f"{'better' if c.difference > 0 else 'worse'} on the mean over sizes, but one seed is not enough evidence."
        )
    amount = f"{abs(c.difference):.3f} nats a token on the mean over sizes"
    low, high = sorted((abs(c.low or 0), abs(c.high or 0)))
    if c.better:
        better, worse = (first, second) if c.better == c.arm else (second, first)
        return (
            f"{capitalize(better)} are better than {worse}, by {amount} (90% interval {low:.3f} to {high:.3f}; "
            f"p {p_text(c.p_holm)} with {c.seeds} seeds)."
        )
    leads, sign = (first, 1) if c.difference >= 0 else (second, -1)
    ends = sorted((sign * (c.low or 0), sign * (c.high or 0)))
    return (
        f"Not enough evidence that {first} and {second} differ: {abs(c.difference):.3f} nats a token in favour of "
        f"{leads} on the mean over sizes (90% interval {ends[0]:+.3f} to {ends[1]:+.3f}; p {p_text(c.p_holm)} with "
        f"{c.seeds} seeds)."
    )


def _against_full_pool(analysis: Analysis) -> list[str]:
    """The largest size of each arm against the full pool."""
    out = []
    for arm in analysis.arms:
        comparisons = [c for c in analysis.comparisons if c.other == FULL and c.arm == arm.arm]
        if not comparisons:
            continue
        c = comparisons[-1]
        sentence = f"{c.size:,} {arm_phrase(c.arm)} against the full pool: {c.difference:+.3f} nats a token"
        if c.p is None:
            out.append(f"{sentence}, but one seed is not enough evidence.")
        elif c.better:
            out.append(f"{sentence}, {'better' if c.better == c.arm else 'worse'} (p {p_text(c.p_holm)}).")
        else:
            out.append(f"{sentence}: not enough evidence of a difference (p {p_text(c.p_holm)}).")
    return out


def _efficiency(analysis: Analysis) -> list[str]:
    """For each arm the largest size that random rows reach as well."""
    out = []
    for arm in dict.fromkeys(e.arm for e in analysis.equals):
        measured = [e for e in analysis.equals if e.arm == arm and 0 < e.rows < np.inf]
        if not measured:
            continue
        e = measured[-1]
        largest = next(a for a in analysis.arms if a.arm == REFERENCE).points[-1].size
        low, high = bounds(e, largest)
        out.append(
            f"{e.size:,} {arm_phrase(arm)} equal about {round_rows(e.rows)} random rows (90% interval {low} to {high})."
        )
    return out


def bounds(e: Equivalence, largest: int) -> tuple[str, str]:
    """The interval's ends in words, where they may lie beyond what was measured."""
    low = "less than was measured" if e.low == 0 else round_rows(e.low) if e.low < np.inf else f"over {largest:,}"
    high = "less than was measured" if e.high == 0 else round_rows(e.high) if e.high < np.inf else f"over {largest:,}"
    return low, high


def arm_phrase(arm: str) -> str:
    """An arm as a sentence names it: random rows, rows of mine, the full pool."""
    if arm == FULL:
        return "the full pool"
    return f"{arm} rows" if arm in (REFERENCE, SELECTED) else f"rows of {arm}"


def capitalize(text: str) -> str:
    """The text with its first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


def round_rows(n: float | None) -> str:
    """Rows to two significant digits: more would claim too much."""
    if n is None:
        return ""
    digits = max(0, int(np.floor(np.log10(max(n, 1)))) - 1)
    return f"{round(n, -digits):,.0f}"


def p_text(p: float | None) -> str:
    """A p as it is usually written."""
    return "" if p is None else "< 0.001" if p < 0.001 else f"= {p:.2g}"
