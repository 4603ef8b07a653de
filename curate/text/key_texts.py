"""What of a record counts when records are compared: the choices of --key."""

from __future__ import annotations

import msgspec

from curate.errors import CurateError
from schemas import parts
from schemas.preference import rejected
from schemas.record import Conversation, Message
from schemas.thoughts import whole

KEYS = {
    "conversation": "every turn, its tool calls included; of a pair both answers",
    "prompt": "the user's turns",
    "response": "the assistant's turns",
    "first-prompt": "the user's first turn",
    "exchange": "any user turn with the answer to it; rows that share one are duplicates",
}


def check_key(key: str) -> None:
    """Check that a key is one of KEYS.

    Raises:
        CurateError: for any other.
    """
    if key not in KEYS:
        raise CurateError(f"unknown key {key!r}; keys are {', '.join(KEYS)}")


def key_texts(record: Conversation, key: str) -> list[str]:
    """The texts of a record that count: one, for the key `exchange` one an exchange.

    Args:
        record: any record.
        key: one of KEYS.
    """
    if key == "conversation":
        return ["\n".join(map(_text, (*record.messages, *rejected(record))))]
    if key == "prompt":
        return [record.prompt()]
    if key == "response":
        return [record.response()]
    if key == "first-prompt":
        return record.turns("user")[:1] or [""]
    exchanges: list[str] = []
    for turn in record.messages:
        if turn.role == "user":
            exchanges.append(_text(turn))
        elif exchanges:
            exchanges[-1] += f"\n{_text(turn)}"
    return exchanges or [""]


def _text(turn: Message) -> str:
    """The text of a turn: thought, content, calls, and the parts that none of these have."""
    if turn.tool_calls is None and turn.parts is None:
        return whole(turn)
    texts = [whole(turn), turn.tool_calls or ""]
    if turn.parts is not None:
        written = msgspec.json.decode(turn.parts)
        texts += [msgspec.json.encode(written[i]).decode() for i, _ in parts.unread(turn)]
    return "\n".join(filter(None, texts))
