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
        role: a key of ROLES.
        content: text, a list of typed parts, or null beside tool_calls.
        tool_calls: the calls of an assistant turn, in OpenAI's shape.
        tool_call_id: which call a tool turn answers.
        name: who speaks.
        weight: share of the turn in the loss.
        loss_weight: the same, as LLaMA-Factory names it.
        train: the same, as Axolotl names it.
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
    """The record of turns at JSON path `at`, with the system prompt in the row's own field.

    Raises:
        Invalid: E101-E108 for a turn, E201-E208 for their order.
    """
    messages = read_turns(turns, at)
    places = list(range(len(messages)))
    prompt = text_of(system)
    if prompt:
        messages.insert(0, Message("system", prompt))
        places.insert(0, -1)
    check_turns(messages, places, at)
    return Conversation(messages)


def read_turns(turns: list[Turn], at: str) -> list[Message]:
    """Messages of a list of turns at JSON path `at`.

    Raises:
        Invalid: E101-E108 for the first turn that is malformed.
    """
    messages = []
    for i, turn in enumerate(turns):
        role = ROLES.get(turn.role)
        if role is None:
            raise Invalid("E103", f"{at}[{i}].role", f"role {shown(turn.role)!r} is none of {', '.join(ROLES)}")
        message = Message(role)
        content = bytes(turn.content) if turn.content is not UNSET else b"null"
        if content[:1] == b'"':
            message.content = msgspec.json.decode(content)
        elif content != b"null":
            _read_parts(message, content, f"{at}[{i}].content")
        if turn.tool_calls is not UNSET:
            _read_calls(message, bytes(turn.tool_calls), f"{at}[{i}].tool_calls")
        if turn.name is not UNSET:
            message.name = turn.name
        if turn.tool_call_id is not UNSET:
            message.tool_call_id = turn.tool_call_id
        if turn.weight is not UNSET or turn.loss_weight is not UNSET or turn.train is not UNSET:
            message.weight = _weight_of(turn, f"{at}[{i}]")
        if type(turn) is not Turn:
            message.extra = extras_of(turn)
        messages.append(message)
    return messages


def _weight_of(turn: Turn, path: str) -> float | None:
    """The last weight that the turn gives, under any of its names."""
    given = None
    for weight in (turn.weight, turn.loss_weight, turn.train):
        if weight is not UNSET and weight is not None:
            given = not_negative(float(weight), path)
    return given


def _read_parts(message: Message, content: bytes, path: str) -> None:
    if content[:1] != b"[":
        raise Invalid("E101", path, f"found {shown(content)}, expected text or a list of parts")
    message.content = _parts_text(content, path)
    message.parts = json_of(content)


def _read_calls(message: Message, tool_calls: bytes, path: str) -> None:
    if tool_calls in (b"null", b"[]"):
        return
    message.tool_calls = check_calls(tool_calls, path)
    if message.role != "assistant":
        raise Invalid("E104", path, f"a {message.role} turn calls tools; only the assistant does")


def _parts_text(content: bytes, path: str) -> str:
    texts = []
    for i, part in enumerate(msgspec.json.decode(content)):
        if not isinstance(part, dict) or not isinstance(part.get("type"), str):
            raise Invalid("E105", f"{path}[{i}]", f"found {shown(_encode(part))}, expected an object with a type")
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
        messages: the turns of a record.
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
        turn: the format's own struct.
        message: the message that it was made from.
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
