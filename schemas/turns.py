"""Turns of role/content, as ChatML and SFT write them."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from schemas.calls import check_calls
from schemas.check import TEXT_PARTS
from schemas.check import conversation as check_turns
from schemas.problems import Invalid, shown
from schemas.record import Conversation, Message
from schemas.row import Optional, json_of, text_of

ROLES = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "tool": "tool",
    "function": "tool",
    "observation": "tool",
}


class Turn(msgspec.Struct, omit_defaults=True, gc=False, forbid_unknown_fields=True):
    """One turn.

    Attributes:
        content: text, a list of typed parts, or null beside tool_calls.
    """

    role: str
    content: Raw | UnsetType = UNSET
    tool_calls: Raw | UnsetType = UNSET
    tool_call_id: str | UnsetType | None = UNSET
    name: str | UnsetType | None = UNSET
    weight: float | bool | UnsetType | None = UNSET
    loss_weight: float | bool | UnsetType | None = UNSET
    train: float | bool | UnsetType | None = UNSET


FIELDS = frozenset(Turn.__struct_fields__)
_encode = msgspec.json.Encoder().encode


def extras_of(turn: msgspec.Struct) -> dict[str, str] | None:
    """Fields of a turn beyond the format's own, as JSON text; None where there are none."""
    own = len(type(turn).__mro__[1].__struct_fields__)  # type: ignore[attr-defined]
    extra = {}
    for field in msgspec.structs.fields(turn)[own:]:
        value = getattr(turn, field.name)
        if value is not UNSET:
            extra[field.encode_name] = json_of(value)
    return extra or None


def read_conversation(turns: list[Turn], system: Optional, at: str) -> Conversation:
    """The record of turns found at JSON path `at`, with the system prompt that stands beside them.

    Raises:
        Invalid: E101-E108 for a turn, E201-E208 for their order.
    """
    messages = read_turns(turns, at)
    places = list(range(len(messages)))
    beside = text_of(system)
    if beside:
        messages.insert(0, Message("system", beside))
        places.insert(0, -1)
    check_turns(messages, places, at)
    return Conversation(messages)


def read_turns(turns: list[Turn], at: str) -> list[Message]:
    """Messages of a list of turns found at JSON path `at`.

    Raises:
        Invalid: E101-E108 for the first turn that is malformed.
    """
    messages = []
    for i, turn in enumerate(turns):
        role = ROLES.get(turn.role)
        if role is None:
            raise Invalid("E103", f"{at}[{i}].role", f"role {shown(turn.role)!r} is none of {', '.join(ROLES)}")
        message = Message(role)
        content = bytes(turn.content) if turn.content is not UNSET else b"null"  # type: ignore[arg-type]
        if content[:1] == b'"':
            message.content = msgspec.json.decode(content)
        elif content[:1] == b"[":
            message.content = _parts_text(content, f"{at}[{i}].content")
            message.parts = json_of(content)
        elif content != b"null":
            raise Invalid("E101", f"{at}[{i}].content", f"found {shown(content)}, expected text or a list of parts")
        if turn.tool_calls is not UNSET and bytes(turn.tool_calls) not in (b"null", b"[]"):  # type: ignore[arg-type]
            message.tool_calls = check_calls(bytes(turn.tool_calls), f"{at}[{i}].tool_calls")  # type: ignore[arg-type]
            if role != "assistant":
                raise Invalid("E104", f"{at}[{i}].tool_calls", f"a {role} turn calls tools; only the assistant does")
        if turn.name is not UNSET:
            message.name = turn.name
        if turn.tool_call_id is not UNSET:
            message.tool_call_id = turn.tool_call_id
        for weight in (turn.weight, turn.loss_weight, turn.train):
            if weight is not UNSET and weight is not None:
                message.weight = not_negative(float(weight), f"{at}[{i}]")  # type: ignore[arg-type]
        if type(turn) is not Turn:
            message.extra = extras_of(turn)
        messages.append(message)
    return messages


def _parts_text(content: bytes, path: str) -> str:
    texts = []
    for i, part in enumerate(msgspec.json.decode(content)):
        if not isinstance(part, dict) or not isinstance(part.get("type"), str):
            found = shown(_encode(part))
            raise Invalid("E105", f"{path}[{i}]", f"found {found}, expected an object with a type")
        if part["type"] in TEXT_PARTS:
            text = part.get("text", part.get("value"))
            if not isinstance(text, str):
                raise Invalid("E105", f"{path}[{i}]", f"found {shown(_encode(part))}, a part of text without text")
            texts.append(text)
    return "\n".join(texts)


def not_negative(weight: float, path: str) -> float:
    """The weight of the turn at this JSON path.  Raises Invalid E108 if it is below 0."""
    if weight < 0:
        raise Invalid("E108", path, f"the turn's weight is {weight:g}")
    return weight


def write_turns(messages: list[Message], weight: str = "weight") -> list[Turn]:
    """Turns of messages, with parts and tool calls as they are.

    Args:
        weight: the field for a turn's weight.
    """
    turns = []
    for message in messages:
        if message.parts is not None:
            turn = Turn(message.role, Raw(message.parts.encode()))
        elif message.tool_calls and not message.content:
            turn = Turn(message.role, Raw(b"null"))
        else:
            turn = Turn(message.role, Raw(_encode(message.content)))
        if message.tool_calls is not None:
            turn.tool_calls = Raw(message.tool_calls.encode())
        if message.tool_call_id is not None:
            turn.tool_call_id = message.tool_call_id
        if message.name is not None:
            turn.name = message.name
        if message.weight is not None:
            if weight == "train" and message.weight in (0, 1):
                turn.train = bool(message.weight)
            else:
                setattr(turn, "weight" if weight == "train" else weight, message.weight)
        turns.append(with_extra(turn, message, FIELDS))
    return turns


def with_extra(turn: msgspec.Struct, message: Message, own: frozenset[str]) -> Any:
    """The turn; where the message has further fields, a dict of both.

    Args:
        own: names that belong to the format.
    """
    if not message.extra:
        return turn
    fields = {f.encode_name: v for f in msgspec.structs.fields(turn) if (v := getattr(turn, f.name)) is not UNSET}
    return fields | {name: Raw(value.encode()) for name, value in message.extra.items() if name not in own}


def loses(conversation: Conversation) -> list[str]:
    """Names of further fields of turns that are already the format's own."""
    if not any(message.extra for message in conversation.messages):
        return []
    return [f"messages[].{name}" for message in conversation.messages for name in message.extra or () if name in FIELDS]
