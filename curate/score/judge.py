"""A language model as judge: the questions about rows, and the numbers in its answers.

Each question is asked at most once.  Answers are kept on disk as they come, so that a run that was stopped, or run
again, pays for nothing twice.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence

import msgspec

from curate.errors import CurateError
from curate.extras import require
from curate.progress import Progress, silent
from curate.score.cache import AnswerCache, key, place
from curate.score.judge_api import Question, ask_all
from curate.score.options import Judge
from curate.score.scoring import Scoring
from curate.score.texts import RowTexts

CHARACTERS = 12_000
_NUMBER = re.compile(r"(?<![\d.])\d+(?:\.\d+)?")


def check(judge: Judge) -> None:
    """Check that there is a judge to ask.

    Raises:
        CurateError: if no API or no model is named.
    """
    if not judge.url or not judge.model:
        raise CurateError(
            "a judge's score needs an API and a model: --judge-url http://localhost:8000/v1 --judge-model NAME"
        )


def values(
    texts: RowTexts,
    scoring: Scoring,
    question: Callable[[str, str], Question],
    lowest: float,
    highest: float,
    what: str,
) -> list[float | None]:
    """(n,) the number that the judge answers for each row; None where it names none between lowest and highest.

    Args:
        texts: of n rows.
        scoring: the judge, cache and progress.
        question: makes the question from prompt and response.
        lowest: the lowest possible score.
        highest: the highest possible score.
        what: what is asked for, as progress shows it.

    Raises:
        CurateError: if no judge is named, or it cannot be reached or refuses the key.
    """
    questions = [question(*row) for row in zip(texts.prompts, texts.responses, strict=True)]
    texts_of_answers = answers(questions, scoring.options.judge, what, scoring.cache, scoring.progress)
    return [None if text is None else number(text, lowest, highest) for text in texts_of_answers]


def number(text: str, lowest: float, highest: float) -> float | None:
    """The first number of an answer that is a possible score; `4/5` and `4 out of 5` are 4."""
    return next((n for n in map(float, _NUMBER.findall(text)) if lowest <= n <= highest), None)


def clipped(text: str) -> str:
    """The text, without its middle if it is very long."""
    if len(text) <= CHARACTERS:
        return text
    return f"{text[: CHARACTERS // 2]}\n[...]\n{text[-CHARACTERS // 2 :]}"


def answers(
    questions: Sequence[Question], judge: Judge, what: str, use_cache: bool = True, progress: Progress = silent
) -> list[str | None]:
    """(n,) the judge's answer to each question, from the cache where it was asked before; None where it refuses.

    Args:
        questions: (n,) questions, of which equal ones are asked once.
        judge: whom to ask.
        what: what is asked for, as progress shows it.
        use_cache: whether answers are kept on disk and taken from there.
        progress: called with what is being done, how many questions are answered, and how many there are.

    Raises:
        CurateError: if no judge is named, or it cannot be reached or refuses the key.
    """
    check(judge)
    cache = AnswerCache(place("judge") if use_cache else None)
    try:
        keys = [question_key(question, judge) for question in questions]
        known = cache.get(keys)
        new = {k: question for k, question in zip(keys, questions, strict=True) if k not in known}
        answered_before = len(known)

        def keep(k: bytes, text: str) -> None:
            known[k] = text
            cache.put([(k, text)])
            progress(f"{what} by {judge.model}", len(known), len(set(keys)))

        if new:
            require("httpx", "judge", "a judge's score")
            try:
                asyncio.run(ask_all(new, judge, keep))
            except CurateError as error:
                raise CurateError(
                    f"{error}\n{len(known) - answered_before:,} new answers are kept; "
                    "run the same command again to go on",
                    error.code,
                ) from None
        return [known.get(k) for k in keys]
    finally:
        cache.close()


def question_key(question: Question, judge: Judge) -> bytes:
    """The cache's key of what this judge answers to a question."""
    return key("1", judge.url.rstrip("/"), judge.model, question.system, question.user)


def made_by(scoring: Scoring) -> str:
    """The judge, for a column's metadata."""
    judge = scoring.options.judge
    return msgspec.json.encode({"model": judge.model, "url": judge.url}).decode()
