"""From conversations to token ids with a loss mask: which tokens are trained, and with what weight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from curate.errors import CurateError
from curate.models.chat_template import TemplateError, render_own
from curate.text.counted import counted
from schemas.record import Conversation
from schemas.templates import TEMPLATES, Rendered, Span, Template, lookup, render
from schemas.trainable import Untrainable


@dataclass(frozen=True)
class TrainingExample:
    """One row ready for the model.

    Attributes:
        ids: (n,) int32 token ids.
        weights: (n,) float32; `weights[i]` is the weight in the loss of predicting token i from those before it;
            0 = not trained. `weights[0]` is 0, since nothing comes before it.
        index: position of the row among the conversations.
    """

    ids: np.ndarray
    weights: np.ndarray
    index: int = -1

    @property
    def trained(self) -> int:
        """How many tokens are trained."""
        return int(np.count_nonzero(self.weights))

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class DroppedRow:
    """A row that cannot be trained on: its position among the conversations, and why."""

    index: int
    reason: str


@dataclass(frozen=True)
class MaskedRow:
    """One row as the model sees it, before it is cut.

    Attributes:
        index: position of the row among the conversations.
        text: as the template writes it.
        ids: (n,) token ids.
        offsets: (n, 2) start and end of each token in the text.
        weights: (n,) float32, as `TrainingExample.weights`.
    """

    index: int
    text: Rendered
    ids: Sequence[int]
    offsets: Sequence[tuple[int, int]]
    weights: np.ndarray

    def cut(self, max_length: int) -> TrainingExample | DroppedRow:
        """The first tokens of the row, or why none of them is trained.

        Args:
            max_length: how many.
        """
        ids = np.asarray(self.ids[:max_length], np.int32)
        example = TrainingExample(ids, self.weights[:max_length], self.index)
        return example if example.trained else DroppedRow(self.index, _why_empty(self.text, self.weights, max_length))


@dataclass(frozen=True)
class EncodedRows:
    """Conversations as the model sees them.

    Attributes:
        examples: the rows that can be trained on, in order.
        dropped: those that cannot.
        truncated_rows: how many were longer than the maximum length.
    """

    examples: list[TrainingExample]
    dropped: list[DroppedRow]
    truncated_rows: int = 0


def encode(
    conversations: Sequence[Conversation], tokenizer: Any, template: str = "auto", max_length: int = 1024
) -> EncodedRows:
    """Token ids and weights of every conversation that has trained tokens.

    Args:
        conversations: the rows.
        tokenizer: a fast one of transformers, which knows the characters of each token.
        template: a name in schemas.templates, or `auto`: the tokenizer's own chat template, else `default`.
        max_length: in tokens; longer rows are cut at the end. A row is dropped, with its reason, when the template
            cannot write it or when no trained token is left.

    Raises:
        CurateError: if no row is left, for an unknown template, or a tokenizer without offsets.
    """
    examples: list[TrainingExample] = []
    dropped: list[DroppedRow] = []
    truncated_rows = 0
    for row in masked(conversations, tokenizer, template):
        truncated_rows += isinstance(row, MaskedRow) and len(row.ids) > max_length
        fitting = row.cut(max_length) if isinstance(row, MaskedRow) else row
        if isinstance(fitting, TrainingExample):
            examples.append(fitting)
        else:
            dropped.append(fitting)
    if conversations and not examples:
        raise CurateError(
            f"none of {counted(len(conversations), 'row')} can be trained on; the first: {dropped[0].reason}", 1
        )
    return EncodedRows(examples, dropped, truncated_rows)


def masked(
    conversations: Sequence[Conversation], tokenizer: Any, template: str = "auto"
) -> Iterator[MaskedRow | DroppedRow]:
    """Every conversation with its loss mask, whole; those that the template cannot write with the reason.

    Args:
        conversations: the rows.
        tokenizer: see `encode`.
        template: see `encode`.

    Raises:
        CurateError: for an unknown template, or a tokenizer without offsets.
    """
    if not getattr(tokenizer, "is_fast", False):
        raise CurateError(
            f"the tokenizer {type(tokenizer).__name__} does not say which characters a token stands for "
            "(no offset mapping), so the mask cannot be made; use a model with a tokenizer.json"
        )
    resolved = resolve(template, tokenizer)
    rendered: list[Rendered | DroppedRow] = []
    for index, conversation in enumerate(conversations):
        try:
            rendered.append(write(conversation, tokenizer, resolved))
        except TemplateError as error:
            rendered.append(DroppedRow(index, str(error)))
    tokens = zip(*_tokenize([text.text for text in rendered if isinstance(text, Rendered)], tokenizer), strict=True)
    for index, text in enumerate(rendered):
        if isinstance(text, DroppedRow):
            yield text
        else:
            ids, offsets = next(tokens)
            yield MaskedRow(index, text, ids, offsets, token_weights(offsets, text.spans))


def resolve(template: str, tokenizer: Any) -> Template | None:
    """The template of this name; None means the tokenizer's own.

    Raises:
        CurateError: for an unknown name.
    """
    if template == "auto":
        return None if getattr(tokenizer, "chat_template", None) else TEMPLATES["default"]
    try:
        return lookup(template)
    except KeyError as error:
        raise CurateError(f"{error.args[0]}, auto") from None


def write(conversation: Conversation, tokenizer: Any, template: Template | None) -> Rendered:
    """The conversation as text with the spans to train on.

    Args:
        conversation: the record.
        tokenizer: of the model.
        template: None for the tokenizer's own.

    Raises:
        TemplateError: if nothing can be trained on, or the template cannot write it.
    """
    if template is None:
        return render_own(conversation, tokenizer)
    try:
        return render(conversation, template, tokenizer.bos_token or "", tokenizer.eos_token or "")
    except Untrainable as error:
        raise TemplateError(str(error), 1) from None


def token_weights(offsets: Sequence[tuple[int, int]], spans: Sequence[Span]) -> np.ndarray:
    """Weight of each token from the characters it stands for.

    A token counts for the span in which it begins; one that begins in a prompt and reaches into an answer is not
    trained, since no prompt at inference ends inside it.

    Args:
        offsets: (n, 2) start and end of each token in the text.
        spans: of the text that are trained, with their weights.

    Returns:
        (n,) float32, the first entry 0.
    """
    weights = np.zeros(len(offsets), np.float32)
    if not len(offsets) or not spans:
        return weights
    bounds = np.asarray(offsets, np.int64)
    # Byte-level tokenizers leave white space out of the offsets, so a token is taken to begin where the last one ended.
    ends = np.maximum.accumulate(bounds[:, 1])
    starts = np.minimum(bounds[:, 0], np.concatenate([[0], ends[:-1]]))
    for span in spans:
        weights[(starts >= span.start) & (starts < span.end) & (ends > starts)] = span.weight
    weights[0] = 0
    return weights


def _tokenize(texts: list[str], tokenizer: Any) -> tuple[list[list[int]], list[list[tuple[int, int]]]]:
    if not texts:
        return [], []
    # The template has already written every special token.
    batch = tokenizer(texts, add_special_tokens=False, return_offsets_mapping=True, return_attention_mask=False)
    return batch["input_ids"], batch["offset_mapping"]


def _why_empty(text: Rendered, weights: np.ndarray, max_length: int) -> str:
    if not text.spans:
        return "no assistant turn to train on"
    trained = np.flatnonzero(weights)
    if len(trained) and trained[0] >= max_length:
        return f"the answer starts at token {trained[0]}, beyond the maximum length of {max_length}"
    return "the assistant turns have no tokens"
