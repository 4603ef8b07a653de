"""The result of a run in words: what evidence says of the subset, and no more."""

from __future__ import annotations

from typing import Any

from curate.text.counted import counted

# By how many standard deviations a subset must differ from random ones for that to be called no chance.
CLEAR = 2.0


def verdict(facts: dict[str, Any], below: int = 0) -> list[str]:
    """Sentences on faults, quality, diversity and conflicts."""
    return [sentence for _, sentence in remarks(facts, below)]


def remarks(facts: dict[str, Any], below: int = 0) -> list[tuple[str, str]]:
    """The sentences of a verdict, each with `good`, `warn`, `bad` or `none`.

    Args:
        facts: of the step `compare`.
        below: how many rows are below the floor of quality.
    """
    if not facts["selected"]:
        return [("none", "No row is selected.")]
    conflicts = _conflicts(facts)
    if facts["selected"] == facts["candidates"]:
        n = facts["candidates"]
        all_of_them = "The only candidate is" if n == 1 else f"All {n:,} candidates are"
        alone = f"{all_of_them} selected, so there is nothing to compare with."
        return [("none", alone), *conflicts]
    floor = [("none", f"Quality floor: {counted(below, 'row is', 'rows are')} below it and left out.")] if below else []
    return [*_faults(facts), *floor, _quality(facts), *_diversity(facts), *conflicts]


def evidence(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """All that was compared but the quality that rows were selected by."""
    return [*facts.get("faults", []), *filter(None, [facts.get("audit")]), *facts["measures"]]


def clear(measure: dict[str, Any]) -> bool:
    """Whether the subset is better than random ones by more than chance."""
    return measure["deviations"] is not None and measure["deviations"] > CLEAR


def compared(z: float | None) -> str:
    """What a number of deviations means: `better by 3.1 sd`, `no clear difference`, ..."""
    if z is None:
        return "the same in all random subsets"
    if abs(z) <= CLEAR:
        return f"no clear difference ({z:+.1f} sd)"
    return f"{'better' if z > 0 else 'worse'} by {abs(z):.1f} sd"


def _faults(facts: dict[str, Any]) -> list[tuple[str, str]]:
    measured = facts.get("faults", [])
    if not measured:
        return []
    kind = "good" if any(map(clear, measured)) else "none"
    kind = "warn" if any((m["deviations"] or 0) < -CLEAR for m in measured) else kind
    sides = (("subset", "the subset"), ("random", "random rows"), ("pool", "all valid rows"))
    parts = [
        f"{m['name']} in " + ", ".join(f"{m[side]:.1%} of {words}" for side, words in sides if m[side] is not None)
        for m in measured
    ]
    return [(kind, f"Faults: {'; '.join(parts)}.")]


def _quality(facts: dict[str, Any]) -> tuple[str, str]:
    audit = facts.get("audit")
    if not audit:
        return "none", facts.get("audit_note") or "Quality was not measured independently."
    z = audit["deviations"]
    numbers = (
        f"mean rank {audit['subset']:.3f}, random subsets {audit['random']:.3f} ± {audit['deviation']:.2g}"
        if audit["deviation"]
        else f"mean rank {audit['subset']:.3f}"
    )
    about = f"Quality by an auditor that selection did not see ({numbers})"
    if z is None or abs(z) <= CLEAR:
        return "none", f"{about}: no difference that this measure can see."
    word = "better" if z > 0 else "worse"
    return "good" if z > 0 else "bad", f"{about}: {word} by {abs(z):.1f} standard deviations."


def _diversity(facts: dict[str, Any]) -> list[tuple[str, str]]:
    measures = facts["measures"]
    if not measures:
        return []
    better = [m for m in measures if clear(m)]
    worse = [m for m in measures if (m["deviations"] or 0) < -CLEAR]
    rest = [m for m in measures if m not in better and m not in worse]
    groups = [("better than random rows by", better), ("worse by", worse), ("no clear difference by", rest)]
    parts = [f"{words} {', '.join(map(_named, group))}" for words, group in groups if group]
    others = [m for m in better if not m.get("sought")]
    kind = "warn" if worse else "good" if others else "none"
    return [(kind, f"Diversity: {'; '.join(parts)} (standard deviations of random subsets).")]


def _named(measure: dict[str, Any]) -> str:
    z = measure["deviations"]
    number = "no spread" if z is None else f"{z:+.1f}"
    return f"{measure['name']} ({number}{', what the method seeks' if measure.get('sought') else ''})"


def _conflicts(facts: dict[str, Any]) -> list[tuple[str, str]]:
    counts = facts.get("conflicts")
    if not counts or not counts["candidates"]:
        return []
    sentence = (
        f"Conflicts: prompts with different answers: {counts['subset']:,} in the subset, {counts['candidates']:,} "
        f"among the candidates, with up to {counts['most_answers']:,} answers."
    )
    return [("warn" if counts["subset"] else "none", sentence)]
