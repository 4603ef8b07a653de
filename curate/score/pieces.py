"""A conversation cut into what a model is given and what it is to say, in tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from curate.models.chat_template import TemplateError, render_own
from schemas.record import Conversation
from schemas.templates import TEMPLATES, Rendered, render


class Pieces(NamedTuple):
    """Attributes:
    given: (n,) ids of the whole conversation.
    said: (n,) bool, which of them are the assistant's own words.
    alone: the ids of each assistant turn by itself.
    """

    given: np.ndarray
    said: np.ndarray
    alone: list[np.ndarray]


def written(conversation: Conversation, tokenizer: Any) -> Rendered:
    """The conversation in the tokenizer's own chat template, or plainly where it has none or that refuses."""
    if getattr(tokenizer, "chat_template", None):
        try:
            return render_own(conversation, tokenizer)
        except TemplateError:
            pass
    return render(conversation, TEMPLATES["default"], tokenizer.bos_token or "", "")


def cut(conversations: Sequence[Conversation], tokenizer: Any, max_length: int) -> list[Pieces]:
    """Pieces of each conversation.

    Each assistant turn is tokenized by itself, so that it has the same tokens with its prompt and without.  Its first
    token counts in neither: alone, nothing comes before it to be predicted from.  What goes beyond max_length is cut
    from the beginning of the conversation if it is before the last answer, so that the nearest context stays, and an
    answer longer than three quarters of max_length is cut at its end.
    """
    texts: list[str] = []
    plans: list[list[tuple[int, bool]]] = []  # for each conversation: (which text, whether it is said)
    for conversation in conversations:
        plan = []
        for text, said in _parts(written(conversation, tokenizer), conversation):
            plan.append((len(texts), said))
            texts.append(text)
        plans.append(plan)
    ids = tokenizer(texts, add_special_tokens=False, return_attention_mask=False)["input_ids"] if texts else []
    return [_pieces([(np.asarray(ids[i], np.int64), said) for i, said in plan], max_length) for plan in plans]


def _parts(rendered: Rendered, conversation: Conversation) -> list[tuple[str, bool]]:
    """The text in parts: what is given, and what the assistant says, without the marks that end a turn."""
    parts: list[tuple[str, bool]] = []
    at = 0
    turns = [m for m in conversation.messages if m.role == "assistant" and m.weight != 0]
    for span, turn in zip(rendered.spans, turns, strict=False):
        learnt, content = rendered.text[span.start : span.end], turn.content.strip()
        start, end = max(learnt.find(content), 0), len(learnt)
        if not turn.tool_calls:  # calls are said too, in whatever form the template gives them
            end = start + len(content) if content in learnt else end
        parts += [(rendered.text[at : span.start + start], False), (learnt[start:end], True)]
        at = span.start + end
    return [(text, said) for text, said in parts if text]


def _pieces(parts: list[tuple[np.ndarray, bool]], max_length: int) -> Pieces:
    most = max(2, 3 * max_length // 4)
    parts = [(ids[:most] if said else ids, said) for ids, said in parts if len(ids)]
    if not parts:
        return Pieces(np.zeros(0, np.int64), np.zeros(0, bool), [])
    given = np.concatenate([ids for ids, _ in parts])
    said = np.concatenate([_but_first(len(ids)) if mine else np.zeros(len(ids), bool) for ids, mine in parts])
    starts = np.cumsum([0, *(len(ids) for ids, _ in parts)])[:-1]
    cut = max(0, len(given) - max_length)
    alone = [ids for (ids, mine), start in zip(parts, starts, strict=True) if mine and start >= cut]
    for start, (ids, mine) in zip(starts, parts, strict=True):
        if mine and start < cut:  # not whole any more, so it counts neither with its prompt nor alone
            said[start : start + len(ids)] = False
    return Pieces(given[cut:], said[cut:], alone)


def _but_first(length: int) -> np.ndarray:
    said = np.ones(length, bool)
    said[0] = False
    return said
