"""How often a judge prefers a run's answers to those of the base model.

Each pair is shown in both orders, since judges lean to the first (Zheng et al. 2023); two different answers of the
judge make a tie, which counts half.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from curate.errors import CurateError
from curate.score import judge as judges
from curate.score.judge import clipped
from curate.score.judge_api import Question
from curate.score.options import Judge
from schemas.record import Conversation
from train.study.extras import asked

SYSTEM = (
    "You compare two answers to one request. Judge which does better what the request asks, is right and leaves "
    "nothing important out; length alone is no merit, and the language does not matter. Reply with 1 if the first is "
    "better, 2 if the second is better, and 0 if they are equally good or bad. Reply with that number and nothing else."
)


def win_rates(
    results: Sequence[Mapping[str, Any]], heldout: Mapping[str, Sequence[Conversation]], judge: Judge
) -> list[dict[str, Any]]:
    """The results with win_rate, in [0, 1], of every run that generated answers.

    Args:
        heldout: the conversations of each set, some of which were answered.

    Raises:
        CurateError: if nothing was generated, or the judge cannot be asked.
    """
    base = {r["heldout"]: r["generations"] for r in results if not r["size"] and r.get("generations")}
    runs = [i for i, r in enumerate(results) if r["size"] and r.get("generations") and r["heldout"] in base]
    if not runs:
        raise CurateError("a win rate needs answers to judge: give --generate N, say 20")
    questions: list[Question] = []
    for i in runs:
        r = results[i]
        for said, before, conversation in zip(
            r["generations"], base[r["heldout"]], asked(heldout[r["heldout"]], len(r["generations"])), strict=True
        ):
            prompt = conversation.prompt()
            questions += [ask(prompt, said, before), ask(prompt, before, said)]
    told = judges.answers(questions, judge, "comparisons")
    verdicts = [None if text is None else judges.number(text, 0, 2) for text in told]
    out = [dict(r) for r in results]
    at = 0
    for i in runs:
        points = []
        for _ in out[i]["generations"]:
            points.append(won(verdicts[at], verdicts[at + 1]))
            at += 2
        known = [p for p in points if p is not None]
        out[i]["win_rate"] = sum(known) / len(known) if known else None
    return out


def ask(prompt: str, first: str, second: str) -> Question:
    """The question about one pair."""
    answers = f"First answer:\n{clipped(first)}\n\nSecond answer:\n{clipped(second)}"
    return Question(SYSTEM, f"Request:\n{clipped(prompt)}\n\n{answers}\n\nBetter:")


def won(first: float | None, second: float | None) -> float | None:
    """1, 0.5 or 0 for an answer that stood first in one question and second in the other; None without a verdict."""
    if first is None or second is None:
        return None
    if first == 1 and second == 2:
        return 1.0
    if first == 2 and second == 1:
        return 0.0
    return 0.5
