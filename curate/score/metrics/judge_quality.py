"""A judge's view of how good the response is."""

from __future__ import annotations

from curate.score import judge
from curate.score.column import Column
from curate.score.judge_api import Question
from curate.score.scoring import Scoring
from curate.score.texts import RowTexts

COLUMN = Column(
    "judge_quality",
    "a judge's view of how good the response is",
    "points, 1 to 6",
    "higher",
    "DEITA (Liu et al. 2024), their scale, asked of a judge in words of our own instead of their tuned scorer",
    needs="judge",
)
SYSTEM = (
    "You grade training data. Judge how good the response is as an answer to the instruction: helpful, right, to the "
    "point, deep enough and well written, in whatever language. 1: useless. 2: poor. 3: fair. 4: good. 5: very good. "
    "6: as good as an expert could write. Reply with one number from 1 to 6 and nothing else."
)


def question(prompt: str, response: str) -> Question:
    """The question about one row."""
    return Question(
        SYSTEM, f"Instruction:\n{judge.clipped(prompt)}\n\nResponse:\n{judge.clipped(response)}\n\nQuality:"
    )


def values(texts: RowTexts, scoring: Scoring) -> list[float | None]:
    """(n,) quality of each row; None where the judge names none."""
    return judge.values(texts, scoring, question, 1, 6, "judge_quality")


def made_by(scoring: Scoring) -> str:
    """The judge, for a column's metadata."""
    return judge.made_by(scoring)
