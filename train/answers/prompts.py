"""The text after which a model is to answer, as it was written in training, and the answer taken apart."""

from __future__ import annotations

from typing import Any

import msgspec

from curate.models import masking
from curate.models.chat_template import own_prompt
from schemas.record import Conversation, Message
from schemas.templates import Template
from schemas.thoughts import BEGIN, END
from schemas.weights import untrained


def prompt(conversation: Conversation, tokenizer: Any, template: Template | None, thinks: bool | None) -> str:
    """What stands before the reply.

    Args:
        conversation: what was said so far.
        tokenizer: of the model.
        template: None for the tokenizer's own.
        thinks: whether the model was trained to think before it answers, so that the prompt may begin the thought and
            never has an empty one; None where that is not known, for the prompt that the tokenizer's template writes.

    Raises:
        TemplateError: if the template cannot write the conversation.
    """
    if template is None and thinks is not False:
        return own_prompt(conversation, tokenizer, thinks)
    reply = Message("assistant", "answer", "thought" if thinks else None)
    whole = msgspec.structs.replace(conversation, messages=[*untrained(conversation).messages, reply])
    rendered = masking.write(whole, tokenizer, template)
    return rendered.text[: rendered.spans[-1].start]


def reply(text: str) -> Message:
    """The turn that a model wrote, its thought apart from its answer.

    Args:
        text: of the model; its thought may have begun in the prompt, so that only </think> is left.
    """
    thought, end, answer = text.partition(END)
    if not end or not answer.strip():
        return Message("assistant", text)
    return Message("assistant", answer.strip(), thought.strip().removeprefix(BEGIN).strip())
