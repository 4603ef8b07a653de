"""What becomes of thoughts: the choices of --reasoning, made on the record, so that every command makes them alike."""

from __future__ import annotations

import msgspec

from schemas import parts, thoughts
from schemas.preference import rejected
from schemas.record import Conversation, Message
from schemas.weights import effective

KEEP, INLINE, DROP, MASK = "keep", "inline", "drop", "mask"
CHOICES = (KEEP, INLINE, DROP, MASK)


def chosen(record: Conversation, choice: str) -> Conversation:
    """The record with its thoughts as asked for; the same record where there is nothing to do.

    Args:
        record: a row.
        choice: KEEP leaves them as they are; INLINE writes them into the text of the reply, <think> and </think> on
            lines of their own; DROP leaves them out; MASK keeps them and trains on the answer alone.
    """
    other = rejected(record)
    if choice == KEEP or all(message.reasoning is None for message in (*record.messages, *other)):
        return record
    change = {INLINE: _inline, DROP: _without, MASK: _masked}[choice]

    def changed(turns: list[Message]) -> list[Message]:
        return [message if message.reasoning is None else change(message) for message in turns]

    preference = record.preference
    if preference is not None and other:
        preference = msgspec.structs.replace(preference, rejected=changed(other))
    return msgspec.structs.replace(record, messages=changed(record.messages), preference=preference)


def teaches_thoughts(record: Conversation) -> bool:
    """Whether a model that is trained on the record learns to think: a thought is trained on, an empty one aside."""
    return any(
        message.role == "assistant"
        and effective(message) > 0
        and (
            message.reasoning_weight != 0 if message.reasoning else message.content.lstrip().startswith(thoughts.BEGIN)
        )
        for message in record.messages
    )


def _inline(message: Message) -> Message:
    content = thoughts.inline(message.reasoning or "") + message.content
    return _said(message, content, rewritten=message.parts is not None)


def _without(message: Message) -> Message:
    # A thought that stands in a field is not in the parts, which are then as they should be.
    rewritten = message.parts is not None and not thoughts.is_field(message.reasoning_form)
    return _said(message, message.content, rewritten)


def _said(message: Message, content: str, rewritten: bool) -> Message:
    """The turn without a thought of its own; a second copy of the thought in another field goes with it."""
    further = {name: value for name, value in (message.extra or {}).items() if not _is_thought(name, value)}
    return msgspec.structs.replace(
        message,
        content=content,
        reasoning=None,
        reasoning_form="",
        reasoning_weight=None,
        parts=parts.without_thoughts(message, content) if rewritten else message.parts,
        extra=further or None,
    )


def _is_thought(name: str, value: str) -> bool:
    return name in thoughts.FIELDS and value[:1] == '"'


def _masked(message: Message) -> Message:
    return msgspec.structs.replace(message, reasoning_weight=0.0)
