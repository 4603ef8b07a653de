"""The part of a run's page that compares the subset with random ones and with the pool."""

from __future__ import annotations

from typing import Any

from curate.report.page import Child, Safe, table, tag
from curate.run.pictures import strip
from curate.run.verdict import CLEAR, compared
from curate.table.quality_column import DEFAULTS

HEADS = [("Measure", "name"), ("Pool", "number"), ("Random", "number"), ("Subset", "number"), ("Compared", "z")]


def measures(facts: dict[str, Any]) -> Child:
    """Faults and quality, then diversity, then the quality that selection went by; None with nothing to compare."""
    if not facts["measures"] and not facts.get("faults") and not facts.get("audit"):
        return None
    about = (
        f"Random subsets have {facts['selected']:,} rows too, from the same {facts['candidates']:,} candidates: rows "
        "that are valid and were not dropped. A deviation is the standard deviation of their values; the band is two "
        "of them either way, within which nothing is called better. For diversity it is that of "
        f"{facts['random']} subsets that were drawn."
    )
    parts: list[Child] = [tag("p", about), *_faults_and_quality(facts)]
    if facts["measures"]:
        note = "Most measures change with the number of rows, so the pool compares with neither."
        note += _sought(facts["measures"])
        parts += [tag("h3", "Diversity"), tag("p", note, class_="facts")]
        parts.append(table(None, HEADS, [_line(m) for m in facts["measures"]], "wide measures"))
    if facts["quality"]:
        note = "Selection went by this column, so that a better mean is no evidence of a better subset."
        parts += [tag("h3", "What selection went by"), tag("p", note, class_="facts")]
        parts.append(table(None, HEADS, [_line(facts["quality"], judged=False)], "wide measures"))
    return parts


def _faults_and_quality(facts: dict[str, Any]) -> list[Safe]:
    lines = [_line(m) for m in facts.get("faults", [])]
    notes = ["The pool's shares of faults are those of all valid rows."] if lines else []
    if lines and (facts["quality"] or {}).get("name") in DEFAULTS:
        notes.append("The scores that selection goes by count faults too.")
    audit = facts.get("audit")
    lines += [_line(audit)] if audit else []
    notes += [facts["audit_note"]] if facts.get("audit_note") else []
    parts = [tag("h3", "Faults and quality"), tag("p", " ".join(notes), class_="facts")]
    return [*parts, table(None, HEADS, lines, "wide measures")] if lines else parts


def _sought(measures_of_diversity: list[dict[str, Any]]) -> str:
    names = [m["name"] for m in measures_of_diversity if m.get("sought")]
    return f" The method of selection seeks {names[0]}: the others say more." if names else ""


def _line(m: dict[str, Any], judged: bool = True) -> list[Child]:
    unit = f" [{m['unit']}; {m['direction']} is better]" if m["unit"] else f" [{m['direction']} is better]"
    z = m["deviations"]
    share = m["unit"] == "share of rows"
    return [
        [m["name"], tag("small", m["says"], unit)],
        _number(m["pool"], share),
        [_number(m["random"], share), f" ± {m['deviation']:.1%}" if share else f" ± {m['deviation']:.2g}"],
        _number(m["subset"], share),
        [strip(z, CLEAR), tag("small", compared(z))] if judged else tag("small", "no evidence"),
    ]


def _number(value: float | None, share: bool) -> str:
    if value is None:
        return "–"
    return f"{value:.1%}" if share else f"{value:.4g}"
