"""Responses that begin by repeating their prompt."""

from __future__ import annotations

from curate.score.column import Column
from curate.score.texts import RowTexts
from curate.text.words import CLOSING, END, WORD

LEAST = 5
COLUMN = Column(
    "echo",
    "share of the prompt that the response repeats at its beginning",
    "share of the prompt's words, 0 to 1",
    "lower",
    "a common fault of generated data: the prompt left in the response; a whole one is the fault `prompt_echo`",
)


def echo(prompt: str, response: str) -> float:
    """Common first words of both over the words of the prompt, in [0, 1].

    It is 0 if they share fewer than five, or if the response goes on with a sentence of its own in the same words, as
    "The capital of France is" does after "What is the capital of France".
    """
    common = end = 0
    for word, repeated in zip(WORD.finditer(prompt), WORD.finditer(response), strict=False):
        if word[0].casefold() != repeated[0].casefold():
            break
        common, end = common + 1, repeated.end()
    if common < LEAST:
        return 0.0
    rest = response[end:].lstrip(CLOSING + " ")
    return common / len(WORD.findall(prompt)) if not rest or rest.startswith(("\n", *END)) else 0.0


def values(texts: RowTexts) -> list[float]:
    """(n,) echo of each row."""
    return [echo(*row) for row in zip(texts.prompts, texts.responses, strict=True)]
