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
from train.answers.sample import evenly_spread

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
        results: of all runs, the base model's among them.
        heldout: the conversations of each set, some of which were answered.
        judge: a model behind an API.

    Raises:
        CurateError: if nothing was generated, or the judge cannot be reached.
    """
    base = {r["heldout"]: r["generations"] for r in results if not r["size"] and r.get("generations")}
    runs = [i for i, r in enumerate(results) if r["size"] and r.get("generations") and r["heldout"] in base]
    if not runs:
        raise CurateError("a win rate needs answers to judge: give --generate N, say 20")
    questions: list[Question] = []
    for i in runs:
        r = results[i]
        conversations = evenly_spread(heldout[r["heldout"]], len(r["generations"]))
        for answer, base_answer, conversation in zip(r["generations"], base[r["heldout"]], conversations, strict=True):
            prompt = conversation.prompt()
            questions += [question(prompt, answer, base_answer), question(prompt, base_answer, answer)]
    replies = judges.answers(questions, judge, "comparisons")
    verdicts = [None if text is None else judges.number(text, 0, 2) for text in replies]
    judged = [dict(r) for r in results]
    at = 0
    for i in runs:
        scores = []
        for _ in judged[i]["generations"]:
            scores.append(points(verdicts[at], verdicts[at + 1]))
            at += 2
        known = [p for p in scores if p is not None]
        judged[i]["win_rate"] = sum(known) / len(known) if known else None
    return judged


def question(prompt: str, first: str, second: str) -> Question:
    """The question about one pair."""
    answers = f"First answer:\n{clipped(first)}\n\nSecond answer:\n{clipped(second)}"
    return Question(SYSTEM, f"Request:\n{clipped(prompt)}\n\n{answers}\n\nBetter:")


def points(first: float | None, second: float | None) -> float | None:
    """1, 0.5 or 0 for an answer that stood first in one question and second in the other; None without a verdict."""
    if first is None or second is None:
        return None
    if first == 1 and second == 2:
        return 1.0
    if first == 2 and second == 1:
        return 0.0
    return 0.5
