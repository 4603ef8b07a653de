"""The tokens of one row, each of its prompt, its thoughts or its answers.

<user> 6 times 7? <assistant> <think> 6 x 7 </think> 42 <end>
------------------------------|---------------------|---------
            prompt            |       thought       | answer
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from curate.models.chat_template import TemplateError
from curate.models.masking import MaskedRow, token_weights, write
from schemas.check import blank
from schemas.record import Conversation, Message
from schemas.templates import Template

PROMPT, ANSWER, THOUGHT = 0, 1, 2


def parts(row: MaskedRow, conversation: Conversation, tokenizer: Any, template: Template | None) -> np.ndarray:
    """What each token of a row belongs to.

    The prompt is all that a reply is not: system prompt, tools, questions, results, headers of turns.  A reply that is
    not trained on is an answer like any other, unless the template writes it so that it cannot be located.  A trained
    token is never of the prompt.

    Args:
        row: as it is trained on.
        conversation: that it was made of.
        tokenizer: that made its tokens.
        template: None for the tokenizer's own.

    Returns:
        (n,) int8: PROMPT, ANSWER or THOUGHT.
    """
    if all(m.reasoning is None and m.weight != 0 for m in conversation.messages if m.role == "assistant"):
        return (row.weights != 0).astype(np.int8)
    # Which tokens a reply and its thought have is seen where both are trained on, each with a weight of its own.
    for change in (_every_reply, _trained_replies):
        marked = msgspec.structs.replace(conversation, messages=[change(m) for m in conversation.messages])
        try:
            text = write(marked, tokenizer, template)
        except TemplateError:
            continue
        if text.text == row.text.text:
            return token_weights(row.offsets, text.spans).astype(np.int8)
    return (row.weights != 0).astype(np.int8)


def _every_reply(message: Message) -> Message:
    if message.role != "assistant":
        return message
    empty = blank(message.content) and not message.tool_calls
    return msgspec.structs.replace(message, weight=0 if empty else ANSWER, reasoning_weight=THOUGHT)


def _trained_replies(message: Message) -> Message:
    return message if message.weight == 0 else _every_reply(message)
