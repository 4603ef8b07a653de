"""ShareGPT: conversations of from/value, with system and tools beside them.

Source: lm-sys/FastChat's data format, LLaMA-Factory's data README (function_call, observation, tools).
"""

from __future__ import annotations

import msgspec

from schemas.calls import call_of, calls_of
from schemas.check import conversation as check_turns
from schemas.problems import Invalid, shown
from schemas.record import Conversation, Message
from schemas.row import UNSET, Format, Optional, Row, Shape, UnsetType, raw_of, text_of, text_only
from schemas.turns import extras_of

ROLES = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "chatgpt": "assistant",
    "bing": "assistant",
    "bard": "assistant",
    "system": "system",
    "tool": "tool",
    "observation": "tool",
    "function": "tool",
    "function_call": "call",
}
WRITTEN = {"user": "human", "assistant": "gpt", "system": "system", "tool": "observation"}


class Turn(msgspec.Struct, omit_defaults=True, gc=False, forbid_unknown_fields=True, rename={"sender": "from"}):
    """One turn; some files write `text` for `value`."""

    sender: str
    value: str | UnsetType = UNSET
    text: str | UnsetType = UNSET
    weight: float | UnsetType | None = UNSET
    name: str | UnsetType | None = UNSET
    tool_call_id: str | UnsetType | None = UNSET


class ShareGPT(Row, kw_only=False):
    """conversations is required."""

    conversations: list[Turn]


def read(row: ShareGPT) -> Conversation:
    """The record.  Raises Invalid E102-E104 for a turn, E201-E207 for their order."""
    messages: list[Message] = []
    places: list[int] = []
    system = text_of(row.system)
    if system:
        messages.append(Message("system", system))
        places.append(-1)
    for i, turn in enumerate(row.conversations):
        role = ROLES.get(turn.sender)
        if role is None:
            known = ", ".join(ROLES)
            raise Invalid("E103", f"$.conversations[{i}].from", f"role {shown(turn.sender)!r} is none of {known}")
        value = turn.value if turn.value is not UNSET else turn.text
        if value is UNSET:
            raise Invalid("E102", f"$.conversations[{i}].value", "the turn has no value")
        if role == "call":
            message = Message("assistant", "", tool_calls=calls_of(value, f"$.conversations[{i}].value"))  # type: ignore[arg-type]
        else:
            message = Message(role, value)  # type: ignore[arg-type]
        message.weight = turn.weight or (0 if turn.weight == 0 else None)  # type: ignore[assignment]
        message.name = turn.name or None
        message.tool_call_id = turn.tool_call_id or None
        if type(turn) is not Turn:
            message.extra = extras_of(turn)
        messages.append(message)
        places.append(i)
    check_turns(messages, places, "$.conversations")
    return Conversation(messages, tools=_tools(row.tools))


def _tools(raw: Optional) -> str | None:
    text = text_of(raw)
    if text is not None:
        return text or None
    return None if raw is UNSET or bytes(raw) == b"null" else bytes(raw).decode()  # type: ignore[arg-type]


def write(conversation: Conversation) -> ShareGPT:
    """The row; a leading system turn goes to `system`.  Raises Invalid E302 for parts that are not text."""
    messages = conversation.messages
    system: Optional = UNSET
    if messages[0].role == "system" and not (messages[0].extra or messages[0].weight or messages[0].name):
        system = raw_of(messages[0].content)
        messages = messages[1:]
    turns = []
    for message in messages:
        text_only(message, "sharegpt")
        if message.content or not message.tool_calls:
            turns.append(_turn(WRITTEN[message.role], message.content, message))
        if message.tool_calls:
            turns.append(_turn("function_call", call_of(message.tool_calls), message))
    row = ShareGPT(turns, system=system)
    if conversation.tools:
        row.tools = raw_of(conversation.tools)
    return row


def _turn(sender: str, value: str, message: Message) -> Turn:
    turn = Turn(sender, value)
    if message.weight is not None:
        turn.weight = message.weight
    if message.name is not None:
        turn.name = message.name
    if message.tool_call_id is not None:
        turn.tool_call_id = message.tool_call_id
    return turn


FORMAT = Format(
    name="sharegpt",
    title="ShareGPT",
    shapes=(Shape("sharegpt", ShareGPT, read, ("conversations",), turns="conversations", turn=Turn),),
    write=write,
    names=frozenset({"system", "tools"}),
    multi_turn=True,
    tool_turns=True,
    example='{"conversations": [{"from": "human", "value": "Name a prime."}, {"from": "gpt", "value": "2"}]}',
)
