"""Measures beyond the loss: token accuracy, and what the model writes compared with the reference answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curate.errors import CurateError
from curate.models.language_model import LanguageModel
from curate.models.masking import TrainingExample
from schemas.record import Conversation
from train.answers.sample import evenly_spread


@dataclass(frozen=True)
class ExtraMetrics:
    """Which measures are taken beyond the loss.

    Attributes:
        generate: answer so many held-out prompts, greedily.
        new_tokens: the longest answer, in tokens.
        accuracy: measure how often the most likely token is the right one.
    """

    generate: int = 0
    new_tokens: int = 128
    accuracy: bool = False


def check(extras: ExtraMetrics) -> None:
    """Check before hours are spent.

    Raises:
        CurateError: for numbers out of range, and where a package is missing.
    """
    if extras.generate < 0 or extras.new_tokens < 1:
        raise CurateError("--generate must be at least 0 and --new-tokens at least 1")
    if extras.generate:
        from train.answers.answer_scores import chrf

        chrf("a", "a")


def measure_extra(
    lm: LanguageModel,
    examples: Sequence[TrainingExample],
    conversations: Sequence[Conversation],
    extras: ExtraMetrics,
    template: str,
) -> dict[str, Any]:
    """The measures, by the names of their columns in the results.

    Args:
        lm: the model.
        examples: the held-out rows as the model sees them.
        conversations: the same rows.
        extras: which measures to take.
        template: how a conversation becomes text.
    """
    measures: dict[str, Any] = {}
    if extras.accuracy:
        from train.answers.accuracy import token_accuracy

        measures["token_accuracy"] = token_accuracy(lm, examples)
    if extras.generate and conversations:
        from train.answers.answer_scores import scores
        from train.answers.generation import generate_answers

        sample = evenly_spread(conversations, extras.generate)
        answers = generate_answers(lm, sample, template, extras.new_tokens)
        measures |= scores(answers, [conversation.turns("assistant")[-1] for conversation in sample])
        measures["generations"] = answers
    return measures
