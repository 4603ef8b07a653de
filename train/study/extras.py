"""Measures beyond the loss: token accuracy, and what the model writes held against the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curate.errors import CurateError
from curate.models.language_model import LanguageModel
from schemas.record import Conversation
from train.lora.masking import TrainingExample


@dataclass(frozen=True)
class ExtraMetrics:
    """Attributes:
    generate: answer so many held-out prompts, greedily.
    new_tokens: the longest answer.
    accuracy: measure how often the most likely token is the right one.
    """

    generate: int = 0
    new_tokens: int = 128
    accuracy: bool = False


def check(extras: ExtraMetrics) -> None:
    """Raises CurateError for numbers that are none, and where a package is missing, before hours are spent."""
    if extras.generate < 0 or extras.new_tokens < 1:
        raise CurateError("--generate and --new-tokens are numbers of rows and of tokens; they cannot be negative")
    if extras.generate:
        from train.answers.answer_scores import chrf

        chrf("a", "a")


def asked(conversations: Sequence[Conversation], count: int) -> list[Conversation]:
    """So many conversations, evenly spread, so that all parts of the set are among them."""
    count = min(count, len(conversations))
    return [conversations[i * len(conversations) // count] for i in range(count)]


def extra_metrics(
    model: Any,
    loaded: LanguageModel,
    examples: Sequence[TrainingExample],
    conversations: Sequence[Conversation],
    extras: ExtraMetrics,
    template: str,
) -> dict[str, Any]:
    """The measures that were asked for, by the names of their columns in the results."""
    out: dict[str, Any] = {}
    if extras.accuracy:
        from train.answers.accuracy import token_accuracy

        out["token_accuracy"] = token_accuracy(model, loaded, examples)
    if extras.generate and conversations:
        from train.answers.answer_scores import scores
        from train.answers.generation import answers

        some = asked(conversations, extras.generate)
        said = answers(model, loaded, some, template, extras.new_tokens)
        out |= scores(said, [conversation.turns("assistant")[-1] for conversation in some])
        out["generations"] = said
    return out
