"""The options of an answer."""

from __future__ import annotations

from typing import Annotated

from curate.options import StepOptions, option


class AnswerOptions(StepOptions, frozen=True):
    """How long an answer may be, and how its tokens are drawn."""

    max_tokens: Annotated[int, option("Longest answer, in tokens.", ge=1)] = 256
    temperature: Annotated[float, option("0: the likeliest token each time.", ge=0)] = 0.0
    seed: Annotated[int, option("Seed of the draws, if the temperature is above 0.")] = 0
