"""A conversation of several exchanges, for formats that hold one: the last, each by itself, or a history."""

from __future__ import annotations

import msgspec

from schemas import weights
from schemas.flat import text_only
from schemas.problems import Invalid
from schemas.record import Conversation, Message

EARLIER = "messages (earlier exchanges)"


def several(record: Conversation) -> bool:
    """Whether there is more than one user turn."""
    return sum(message.role == "user" for message in record.messages) > 1


def last(record: Conversation) -> tuple[Conversation, list[str]]:
    """The last exchange, and the names of what is lost."""
    head, parts = _parts(record)
    return _with(record, head + parts[-1], record.boundary), [EARLIER]


def split(record: Conversation) -> list[tuple[Conversation, list[str]]]:
    """Each exchange as a conversation, with the names of what is lost.

    Exchanges whose reply has weight 0 are context, not to be trained on; they are left out, unless all are.
    Nothing says any more that the others followed one another.
    """
    head, parts = _parts(record)
    trained = [part for part in parts if any(m.role == "assistant" and weights.effective(m) > 0 for m in part)] or parts
    lost = ["messages[].weight (exchanges of weight 0)"] if len(trained) < len(parts) else []
    return [(_with(record, head + part, record.boundary if part is parts[-1] else None), lost) for part in trained]


def with_history(record: Conversation, name: str) -> tuple[Conversation, list[Message]]:
    """(the last exchange, the turns before it).

    Raises:
        Invalid: E301 where those do not alternate, E302 or E303 where they are not text alone.
    """
    head, parts = _parts(record)
    earlier = [message for part in parts[:-1] for message in part]
    for message in earlier:
        if message.role == "tool" or message.tool_calls:
            raise Invalid("E303", "$", f"the conversation calls tools; {name} has no place for that")
        text_only(message, name)
    if [message.role for message in earlier] != ["user", "assistant"] * (len(earlier) // 2):
        raise Invalid("E301", "$", "two assistant turns in a row; history holds pairs")
    return _with(record, head + parts[-1], record.boundary), earlier


def lost_in_history(record: Conversation) -> list[str]:
    """Names of what earlier turns hold besides text, which pairs of texts do not."""
    _, parts = _parts(record)
    lost = []
    for part in parts[:-1]:
        for message in part:
            fields = ("weight", "reasoning_weight", "name", "parts")
            lost += [f"messages[].{name}" for name in fields if getattr(message, name) is not None]
            lost += [f"messages[].{name}" for name in message.extra or ()]
    return lost


def _parts(record: Conversation) -> tuple[list[Message], list[list[Message]]]:
    """(a leading system turn, the exchanges: each a user turn and what follows it)."""
    messages = record.messages
    head = messages[:1] if messages[0].role == "system" else []
    parts: list[list[Message]] = []
    for message in messages[len(head) :]:
        if message.role == "user":
            parts.append([])
        parts[-1].append(message)
    return head, parts


def _with(record: Conversation, messages: list[Message], boundary: int | None) -> Conversation:
    return msgspec.structs.replace(record, messages=messages, boundary=boundary)
