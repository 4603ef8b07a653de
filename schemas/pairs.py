"""A conversation as pairs of a prompt and a response, for the formats whose turns are such pairs."""

from __future__ import annotations

from schemas import weights
from schemas.flat import texts
from schemas.problems import Invalid
from schemas.record import Conversation, Message

Pair = tuple[Message, Message]


def pairs_of(conversation: Conversation, name: str) -> tuple[str | None, list[Pair]]:
    """(the system prompt or None, the pairs of a user turn and its reply) of a conversation.

    Raises:
        Invalid: E301, E302 or E303 where format `name`, which holds pairs of texts, cannot hold it.
    """
    system, messages = texts(conversation, name)
    if len(messages) % 2:
        raise Invalid("E301", "$", f"two assistant turns in a row; {name} holds pairs of a prompt and a response")
    return system, list(zip(messages[::2], messages[1::2], strict=True))


def lost_of_pairs(conversation: Conversation, own: frozenset[str], weight: bool) -> list[str]:
    """Names of what turns hold and pairs of texts do not.

    Args:
        conversation: the record.
        own: names that belong to the format; further fields of replies are kept beside unless they have one of them.
        weight: whether the format says of a reply that it is not trained on.
    """
    lost: list[str] = []
    for message in conversation.messages:
        reply = message.role == "assistant"
        if message.weight is not None and not (weight and reply and weights.effective(message) in (0, 1)):
            lost.append("messages[].weight")
        for field in ("name", "tool_call_id", "parts", "reasoning_weight"):
            if getattr(message, field) is not None:
                lost.append(f"messages[].{field}")
        lost += [f"messages[].{name}" for name in message.extra or () if not reply or name in own]
    return lost
