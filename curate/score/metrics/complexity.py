"""A judge's view of how complex the instruction is."""

from __future__ import annotations

from curate.score import judge
from curate.score.column import Column
from curate.score.judge_api import Question
from curate.score.scoring import Scoring
from curate.score.texts import RowTexts

COLUMN = Column(
    "complexity",
    "a judge's view of how complex the instruction is",
    "points, 1 to 6",
    "higher",
    "DEITA (Liu et al. 2024), their scale, asked of a judge in words of our own instead of their tuned scorer",
    needs="judge",
)
SYSTEM = (
    "You grade training data. Judge how hard the instruction is to carry out well: how many steps, constraints, and "
    "kinds of knowledge it takes. Not its length, and not its language. 1: trivial. 2: easy. 3: some thought. "
    "4: several steps or constraints. 5: hard. 6: only an expert could do it. "
    "Reply with one number from 1 to 6 and nothing else."
)


def question(prompt: str, _response: str) -> Question:
    """The question about one row, of which only the prompt counts."""
    return Question(SYSTEM, f"Instruction:\n{judge.clipped(prompt)}\n\nComplexity:")


def values(texts: RowTexts, scoring: Scoring) -> list[float | None]:
    """(n,) complexity of each row's prompt; None where the judge names none."""
    return judge.values(texts, scoring, question, 1, 6, "complexity")


def made_by(scoring: Scoring) -> str:
    """The judge, for a column's metadata."""
    return judge.made_by(scoring)
