"""A conversation cut into the tokens that a model reads and those that it is measured on.

ids          <user> Count <end> <assistant> one two three <end> ... four
is_measured    .      .     .        .       .   x    x     .         .
turns                                       [one two three]     [four]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from curate.models.chat_template import TemplateError, render_own
from schemas.record import Conversation
from schemas.templates import TEMPLATES, Rendered, render
from schemas.trainable import Untrainable
from schemas.weights import effective


class Pieces(NamedTuple):
    """The tokens of one conversation.

    Attributes:
        ids: (n,) ids of the whole conversation.
        is_measured: (n,) bool, which of them are the assistant's own words, the first of each turn aside.
        turns: the ids of each assistant turn by itself.
    """

    ids: np.ndarray
    is_measured: np.ndarray
    turns: list[np.ndarray]


def written(conversation: Conversation, tokenizer: Any) -> Rendered:
    """The conversation in the tokenizer's own chat template, or plainly where it has none or that refuses.

    No text for a row of which nothing can be trained on: see `schemas.trainable`.
    """
    if getattr(tokenizer, "chat_template", None):
        try:
            return render_own(conversation, tokenizer)
        except TemplateError:
            pass
    try:
        return render(conversation, TEMPLATES["default"], tokenizer.bos_token or "", "")
    except Untrainable:
        return Rendered("", ())


def cut(conversations: Sequence[Conversation], tokenizer: Any, max_length: int) -> list[Pieces]:
    """The pieces of each conversation.

    Each assistant turn is tokenized by itself, so that it has the same tokens with its prompt and without.  Its first
    token counts in neither: alone, nothing comes before it to be predicted from.  What goes beyond max_length is cut
    from the beginning of the conversation if it is before the last answer, so that the nearest context stays, and an
    answer longer than three quarters of max_length is cut at its end.

    Args:
        conversations: (n,) conversations.
        tokenizer: the model's.
        max_length: tokens of a conversation, at most.
    """
    texts: list[str] = []
    plans: list[list[tuple[int, bool]]] = []  # for each conversation: (which text, whether it is the assistant's)
    for conversation in conversations:
        plan = []
        for text, is_turn in _parts(written(conversation, tokenizer), conversation):
            plan.append((len(texts), is_turn))
            texts.append(text)
        plans.append(plan)
    ids = tokenizer(texts, add_special_tokens=False, return_attention_mask=False)["input_ids"] if texts else []
    return [_pieces([(np.asarray(ids[i], np.int64), is_turn) for i, is_turn in plan], max_length) for plan in plans]


def _parts(rendered: Rendered, conversation: Conversation) -> list[tuple[str, bool]]:
    """The text in parts, and whether the assistant says each, without the marks that end a turn."""
    parts: list[tuple[str, bool]] = []
    position = 0
    turns = [m for m in conversation.messages if m.role == "assistant" and effective(m) > 0]
    for span, turn in zip(rendered.spans, turns, strict=False):
        trained, content = rendered.text[span.start : span.end], turn.content.strip()
        thought = (turn.reasoning or "").strip()
        # The answer is what is measured, not a quotation in the thought, which a template may leave out.
        after = trained.find(thought) + len(thought) if thought in trained else 0
        start, end = max(trained.find(content, after), 0), len(trained)
        if not turn.tool_calls:  # calls belong to the turn too, in whatever form the template writes them
            end = start + len(content) if content in trained else end
        parts += [(rendered.text[position : span.start + start], False), (trained[start:end], True)]
        position = span.start + end
    return [(text, is_turn) for text, is_turn in parts if text]


def _pieces(parts: list[tuple[np.ndarray, bool]], max_length: int) -> Pieces:
    most = max(2, 3 * max_length // 4)
    parts = [(ids[:most] if is_turn else ids, is_turn) for ids, is_turn in parts if len(ids)]
    if not parts:
        return Pieces(np.zeros(0, np.int64), np.zeros(0, bool), [])
    ids_of_all = np.concatenate([ids for ids, _ in parts])
    is_measured = np.concatenate([(np.arange(len(ids)) > 0) & is_turn for ids, is_turn in parts])
    starts = np.cumsum([0, *(len(ids) for ids, _ in parts)])[:-1]
    begin = max(0, len(ids_of_all) - max_length)
    turns = [ids for (ids, is_turn), start in zip(parts, starts, strict=True) if is_turn and start >= begin]
    for start, (ids, is_turn) in zip(starts, parts, strict=True):
        if is_turn and start < begin:  # not whole any more, so it counts neither with its prompt nor alone
            is_measured[start : start + len(ids)] = False
    return Pieces(ids_of_all[begin:], is_measured[begin:], turns)
