"""Turns of role/content, as ChatML and SFT write them."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from schemas import parts, thoughts, weights
from schemas.call_turns import take_function_call, take_results
from schemas.calls import read_calls
from schemas.check import conversation as check_turns
from schemas.problems import Invalid, shown
from schemas.record import Conversation, Message
from schemas.row import Optional, json_of, lead_with_system

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


# Of names that no struct can have.
UNCARRIABLE = re.compile(r'[\x00-\x1f"\\]')


@lru_cache(256)
def turn_decoder(struct: type[msgspec.Struct], names: tuple[str, ...]) -> msgspec.json.Decoder[Any]:
    """A decoder of lists of turns that have these fields beside those of the struct; see `extras_of`.

    Raises:
        Invalid: E005 for a name that cannot be carried.
    """
    for name in names:
        if UNCARRIABLE.search(name):
            raise Invalid("E005", "$", f"the field name {name!r} cannot be carried")
    fields = [(f"x{i}", Raw | UnsetType, msgspec.field(default=UNSET, name=name)) for i, name in enumerate(names)]
    turn = struct
    if names:
        turn = msgspec.defstruct(
            struct.__name__, fields, bases=(struct,), kw_only=True, forbid_unknown_fields=True, gc=False
        )
    return msgspec.json.Decoder(types.GenericAlias(list, (turn,)))


def read_conversation(turns: list[Turn], system: Optional, at: str, tools: str | None = None) -> Conversation:
    """The record of turns at JSON path `at`, with the system prompt in the row's own field.

    Args:
        turns: as the row has them.
        system: the row's own field for the system prompt.
        at: JSON path of the turns.
        tools: JSON text of the tools on offer; None where the row does not say.

    Raises:
        Invalid: E101-E112 for a turn, E201-E211 for their order.
    """
    messages, places = take_results(read_turns(turns, at))
    lead_with_system(messages, places, system)
    check_turns(messages, places, at, tools)
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
        if type(turn) is not Turn:
            message.extra = extras_of(turn)
            take_function_call(message, f"{at}[{i}]")
        if message.extra or turn.weight is not UNSET or turn.loss_weight is not UNSET or turn.train is not UNSET:
            own = {"weight": turn.weight, "loss_weight": turn.loss_weight, "train": turn.train}
            take_fields(message, own, f"{at}[{i}]")
        messages.append(message)
    return messages


def take_fields(message: Message, own: Mapping[str, float | UnsetType | None], path: str) -> None:
    """Read the weight and the thought of a turn from the format's own fields and the further ones.

    Raises:
        Invalid: E108 or E109, see `weights.take`; E115, see `thoughts.take_field`.
    """
    given = {name: value for name, value in own.items() if value is not UNSET and value is not None}
    nulls = {name: "null" for name, value in own.items() if value is None}
    if nulls:
        message.extra = {**(message.extra or {}), **nulls}
    weights.take(message, given, path)
    thoughts.take_field(message, path)


def _read_parts(message: Message, content: bytes, path: str) -> None:
    if content[:1] != b"[":
        raise Invalid("E101", path, f"found {shown(content)}, expected text or a list of parts")
    parts.read(message, content, path)
    message.parts = json_of(content)


def _read_calls(message: Message, tool_calls: bytes, path: str) -> None:
    if tool_calls in (b"null", b"[]"):
        return
    message.tool_calls = read_calls(tool_calls, path)
    if message.role != "assistant":
        raise Invalid("E104", path, f"a {message.role} turn calls tools; only the assistant does")


def write_turns(messages: list[Message], weight: str = "weight") -> list[Turn]:
    """Turns of messages, with parts and tool calls as they are.

    Args:
        messages: the turns of a record.
        weight: the field for a turn's weight.
    """
    turns = []
    for message in messages:
        text = message.content if message.reasoning is None else thoughts.beside_field(message)
        if message.parts is not None:
            turn = Turn(message.role, Raw(message.parts.encode()))
        elif message.tool_calls and not text:
            turn = Turn(message.role, Raw(b"null"))
        else:
            turn = Turn(message.role, Raw(_encode(text)))
        if message.tool_calls is not None and not parts.hold_calls(message):
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
    """The turn; where the message has a thought in a field or further fields, a dict of all.

    Args:
        turn: the format's own struct.
        message: the message that it was made from.
        own: names that belong to the format.
    """
    if not (message.extra or message.reasoning_form):
        return turn
    fields = {f.encode_name: v for f in msgspec.structs.fields(turn) if (v := getattr(turn, f.name)) is not UNSET}
    further = thoughts.fields(message) | {
        name: value for name, value in (message.extra or {}).items() if not _is_taken(name, value, own)
    }
    # A second name of the weight may be the one that the format has just written.
    return fields | {name: Raw(value.encode()) for name, value in further.items() if name not in fields}


def _is_taken(name: str, value: str, own: frozenset[str]) -> bool:
    """Whether a further field has a name of the format's own; not if it can be read back beside what is written."""
    if name in weights.ALIASES:
        return name in own and value != "null" and weights.number(value) is None
    return name in own and not (name == "text" and value[:1] == '"')


def loses(conversation: Conversation) -> list[str]:
    """Names of what turns hold and the format does not: see `lost_fields`."""
    lost: list[str] = []
    for message in conversation.messages:
        if message.extra or message.reasoning_weight is not None:
            lost += lost_fields(message, FIELDS)
    return lost


def lost_fields(message: Message, own: frozenset[str]) -> list[str]:
    """Names of further fields that are already the format's own, and the weight of a thought by itself.

    Args:
        message: a turn.
        own: names that belong to the format.
    """
    taken = [name for name, value in (message.extra or {}).items() if _is_taken(name, value, own)]
    weight = ["reasoning_weight"] if message.reasoning_weight is not None else []
    return [f"messages[].{name}" for name in taken + weight]
