"""The part of a run's page on prompts that have different answers."""

from __future__ import annotations

from typing import Any

from curate.dedup.conflicts import Conflict, conflicts
from curate.report.page import Child, Safe, data, language, tag
from curate.run.examples import shortened
from curate.run.pictures import SubsetView
from curate.text.counted import counted

PROMPTS, ANSWERS, CHARACTERS = 5, 4, 300


def section(view: SubsetView, facts: dict[str, Any]) -> Child:
    """How many there are, and examples: those in the subset first, then those of most rows; None without any."""
    of_pool = conflicts(view.pool)
    if not of_pool:
        return None
    chosen = set(view.chosen.tolist())
    counts = facts["conflicts"]
    about = (
        f"{counted(counts['candidates'], 'prompt has', 'prompts have')} different answers among the candidates, "
        f"and {counts['subset']:,} in the subset; the largest has {counts['most_answers']:,} answers. Case, "
        "width and white space do not count, "
        "nor does punctuation in answers (curate conflicts lists them all). Different answers may all be "
        "right; where they contradict one another, a model learns neither."
    )
    shown = sorted(of_pool, key=lambda conflict: -_answers_inside(conflict, chosen))[:PROMPTS]
    return [tag("p", about), [_conflict(view, conflict, chosen) for conflict in shown]]


def _answers_inside(conflict: Conflict, chosen: set[int]) -> int:
    """Answers in the subset, where it has more than one."""
    count = conflict.answers_of(chosen)
    return count if count > 1 else 0


def _conflict(view: SubsetView, conflict: Conflict, chosen: set[int]) -> Safe:
    prompt = shortened(view.pool["prompt"][int(conflict.answers[0][0])].as_py(), CHARACTERS)
    lines: list[Safe] = [
        tag(
            "figcaption",
            f"{counted(len(conflict.answers), 'answer')}, {_answers_inside(conflict, chosen):,} in the subset",
        ),
        tag("pre", prompt, lang=language(prompt), dir="auto"),
    ]
    answers = sorted(conflict.answers, key=lambda rows: chosen.isdisjoint(rows.tolist()))
    for rows in answers[:ANSWERS]:
        first = next((row for row in rows.tolist() if row in chosen), int(rows[0]))
        record = view.pool.slice(first, 1).select(["file", "row", "response"]).to_pylist()[0]
        place = data("bdi", f"{record['file']}:{record['row']}")
        facts = [
            f" · {counted(len(rows), 'row')}" if len(rows) > 1 else "",
            " · in the subset" if first in chosen else "",
        ]
        text = shortened(record["response"] or "", CHARACTERS)
        lines += [tag("p", place, *facts, class_="turn"), tag("pre", text, lang=language(text), dir="auto")]
    if len(answers) > ANSWERS:
        lines.append(tag("p", f"and {len(answers) - ANSWERS:,} more", class_="facts"))
    return tag("figure", lines)
