"""What a judge would be asked, and what that would cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa

from curate.score.cache import AnswerCache, place
from curate.score.judge import question_key
from curate.score.judge_api import MOST_TOKENS, Question
from curate.score.options import Score
from curate.score.registry import column, module, names
from curate.table.table import valid


class Prices(NamedTuple):
    """Prices of a million tokens.

    Attributes:
        tokens_in: of the questions.
        tokens_out: of the answers.
    """

    tokens_in: float = 0.0
    tokens_out: float = 0.0


def judged(options: Score) -> list[str]:
    """The scores among those that the options name which a judge is asked for."""
    return [name for name in names(options.with_) if column(name).needs == "judge"]


def estimate(table: pa.Table, options: Score, use_cache: bool = True, prices: Prices | None = None) -> str:
    """What asking the judge for its scores of a table would take, in words.

    Args:
        table: rows, of which the valid ones are asked about.
        options: the scores and the judge.
        use_cache: whether answers that are kept on disk count as known.
        prices: of tokens; without them no cost is named.
    """
    rows = table.select(["prompt", "response"]).take(valid(table))
    pairs = list(zip(rows["prompt"].to_pylist(), rows["response"].to_pylist(), strict=True))
    questions = {k: question for name in judged(options) for k, question in _questions(name, pairs, options)}
    cache = AnswerCache(place("judge") if use_cache else None)
    known = cache.get(list(questions))
    cache.close()
    new = [question for k, question in questions.items() if k not in known]
    tokens_in = sum(_tokens(question.system) + _tokens(question.user) + 8 for question in new)
    tokens_out = len(new) * MOST_TOKENS
    text = f"judge: {len(new):,} questions, about {tokens_in:,} tokens in and at most {tokens_out:,} out"
    if known:
        text += f"; {len(known):,} were answered before and cost nothing"
    if prices and any(prices):
        cost = (tokens_in * prices.tokens_in + tokens_out * prices.tokens_out) / 1e6
        text += f"; about {cost:,.2f} by the given price"
    return text


def _questions(name: str, pairs: Sequence[tuple[str, str]], options: Score) -> Iterator[tuple[bytes, Question]]:
    for pair in pairs:
        question = module(name).question(*pair)
        yield question_key(question, options.judge), question


def _tokens(text: str) -> int:
    """About how many tokens a text is: four Latin characters each, one of other scripts."""
    others = 0 if text.isascii() else sum(c > "\u024f" for c in text)
    return others + (len(text) - others + 3) // 4
