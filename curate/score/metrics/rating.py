"""A judge's rating of the response."""

from __future__ import annotations

from curate.score import judge
from curate.score.column import Column
from curate.score.judge_api import Question
from curate.score.scoring import Scoring
from curate.score.texts import RowTexts

COLUMN = Column(
    "rating",
    "a judge's rating of how right and helpful the response is",
    "points, 1 to 5",
    "higher",
    "AlpaGasus (Chen et al. 2024), in words of our own; they kept rows of 4.5 and more",
    needs="judge",
)
SYSTEM = (
    "You grade training data. Judge whether the response does what the instruction asks, is right, and leaves nothing "
    "important out. The language does not matter. 5: faultless. 4: good, with a small flaw. 3: partly right or "
    "incomplete. 2: mostly wrong or unhelpful. 1: wrong, empty, cut off, a refusal, or about something else. "
    "Reply with one number from 1 to 5 and nothing else."
)


def question(prompt: str, response: str) -> Question:
    """The question about one row."""
    return Question(SYSTEM, f"Instruction:\n{judge.clipped(prompt)}\n\nResponse:\n{judge.clipped(response)}\n\nRating:")


def values(texts: RowTexts, scoring: Scoring) -> list[float | None]:
    """(n,) rating of each row; None where the judge names none."""
    return judge.values(texts, scoring, question, 1, 5, "ratings")


def made_by(scoring: Scoring) -> str:
    """The judge, for a column's metadata."""
    return judge.made_by(scoring)
