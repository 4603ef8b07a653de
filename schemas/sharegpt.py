"""ShareGPT: conversations of from/value, with system and tools beside them.

Source: lm-sys/FastChat's data format, LLaMA-Factory's data README (function_call, observation, tools).
"""

from __future__ import annotations

import msgspec

from schemas import thoughts
from schemas.call_turns import merge_calls, several_turns
from schemas.calls import call_of, lost_in_calls, read_calls
from schemas.check import conversation as check_turns
from schemas.flat import text_only
from schemas.problems import Invalid, shown
from schemas.record import Conversation, Message
from schemas.row import UNSET, Format, Optional, Row, Shape, UnsetType, lead_with_system, raw_of, tools_of
from schemas.turn_style import not_only_roles, only_roles
from schemas.turns import Turn, extras_of, lost_fields, read_conversation, take_fields, with_extra

CALL = "function_call"
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
    CALL: "call",
}
WRITTEN = {"user": "human", "assistant": "gpt", "system": "system", "tool": "observation"}


class ShareGPTTurn(msgspec.Struct, omit_defaults=True, gc=False, forbid_unknown_fields=True, rename={"sender": "from"}):
    """One turn; some files write `text` for `value`."""

    sender: str
    value: str | UnsetType | None = UNSET
    text: str | UnsetType | None = UNSET
    weight: float | UnsetType | None = UNSET
    name: str | UnsetType | None = UNSET
    tool_call_id: str | UnsetType | None = UNSET


FIELDS = frozenset(field.encode_name for field in msgspec.structs.fields(ShareGPTTurn))


class ShareGPT(Row, kw_only=False):
    """conversations is required."""

    conversations: list[ShareGPTTurn]


class ShareGPTOfRoles(Row, kw_only=False):
    """Turns of role and content under conversations, which is required."""

    conversations: list[Turn]


def read(row: ShareGPT) -> Conversation:
    """The record.  Raises Invalid E102-E108 for a turn, E201-E208 for their order."""
    return read_senders(row.conversations, row.system, "$.conversations", tools_of(row))


def read_roles(row: ShareGPTOfRoles) -> Conversation:
    """The record.  Raises Invalid E101-E108 for a turn, E201-E208 for their order."""
    return read_conversation(row.conversations, row.system, "$.conversations", tools_of(row))


def read_senders(turns: list[ShareGPTTurn], prompt: Optional, at: str, tools: str | None = None) -> Conversation:
    """The record of turns of from and value at JSON path `at`, with the system prompt in the row's own field.

    Args:
        turns: as the row has them.
        prompt: the row's own field for the system prompt.
        at: JSON path of the turns.
        tools: JSON text of the tools on offer; None where the row does not say.

    Raises:
        Invalid: E102-E112 for a turn, E201-E211 for their order.
    """
    messages, places = messages_of(turns, at)
    lead_with_system(messages, places, prompt)
    check_turns(messages, places, at, tools)
    return Conversation(messages)


def messages_of(turns: list[ShareGPTTurn], at: str) -> tuple[list[Message], list[int]]:
    """(messages, the place of each in the list) of turns of from and value at JSON path `at`.

    Raises:
        Invalid: E102-E112 for a turn.
    """
    messages: list[Message] = []
    places: list[int] = []
    before, several = "", False
    for i, turn in enumerate(turns):
        role, value = ROLES.get(turn.sender), turn.value
        if (  # nearly every turn, which has no field beside from and value, nor ever could
            type(turn) is ShareGPTTurn
            and turn.text is turn.weight is turn.name is turn.tool_call_id is UNSET
            and type(value) is str
            and role is not None
            and role != "call"
        ):
            messages.append(Message(role, value))
        else:
            messages.append(_message(turn, f"{at}[{i}]"))
            several = several or (turn.sender == before == CALL)
        places.append(i)
        before = turn.sender
    return merge_calls(messages, places) if several else (messages, places)


def _message(turn: ShareGPTTurn, path: str) -> Message:
    role = ROLES.get(turn.sender)
    if role is None:
        raise Invalid("E103", f"{path}.from", f"role {shown(turn.sender)!r} is none of {', '.join(ROLES)}")
    value = turn.value if turn.value is not UNSET and turn.value is not None else turn.text
    if value is UNSET or value is None:
        raise Invalid("E102", f"{path}.value", "the turn has no value")
    if role == "call":
        message = Message("assistant", "", tool_calls=read_calls(value.encode(), f"{path}.value"))
    else:
        message = Message(role, value)
    if turn.name is not UNSET:
        message.name = turn.name
    if turn.tool_call_id is not UNSET:
        message.tool_call_id = turn.tool_call_id
    if type(turn) is not ShareGPTTurn:
        message.extra = extras_of(turn)
    if turn.text is not UNSET and value is turn.value and turn.text is not None:
        message.extra = {**(message.extra or {}), "text": msgspec.json.encode(turn.text).decode()}
    if message.extra or turn.weight is not UNSET:
        take_fields(message, {"weight": turn.weight}, path)
    return message


def write(conversation: Conversation) -> ShareGPT:
    """The row; a leading system turn goes to `system`.  Raises Invalid E302 for parts that are not text."""
    messages = conversation.messages
    system: Optional = UNSET
    first = messages[0]
    if first.role == "system" and not (first.extra or first.weight is not None or first.name or first.parts):
        system = raw_of(first.content)
        messages = messages[1:]
    turns = []
    for message in several_turns(messages):
        if message.parts is not None:
            text_only(message, "sharegpt")
        if message.content or not message.tool_calls:
            text = message.content if message.reasoning is None else thoughts.beside_field(message)
            turns.append(with_extra(_turn(WRITTEN[message.role], text, message), message, FIELDS))
        if message.tool_calls:
            call = _turn(CALL, call_of(message.tool_calls), message)
            turns.append(call if message.content else with_extra(call, thoughts.in_field(message), FIELDS))
    row = ShareGPT(turns, system=system)
    if conversation.tools:
        row.tools = raw_of(conversation.tools)
    return row


def _turn(sender: str, value: str, message: Message) -> ShareGPTTurn:
    turn = ShareGPTTurn(sender, value)
    if message.weight is not None:
        turn.weight = message.weight
    if message.name is not None:
        turn.name = message.name
    if message.tool_call_id is not None:
        turn.tool_call_id = message.tool_call_id
    return turn


def loses(conversation: Conversation) -> list[str]:
    """Names of what turns hold and from/value does not: parts, and fields whose names are already its own."""
    lost: list[str] = []
    for message in conversation.messages:
        if message.parts is not None:
            lost.append("messages[].parts")
        if message.tool_calls is not None:
            lost += lost_in_calls(message.tool_calls)
        if message.extra or message.reasoning_weight is not None:
            lost += lost_fields(message, FIELDS)
    return lost


FORMAT = Format(
    name="sharegpt",
    title="ShareGPT",
    shapes=(
        Shape(
            "sharegpt",
            ShareGPT,
            read,
            ("conversations",),
            turns="conversations",
            turn=ShareGPTTurn,
            shows=not_only_roles,
        ),
        Shape(
            "role/content",
            ShareGPTOfRoles,
            read_roles,
            ("conversations",),
            turns="conversations",
            turn=Turn,
            shows=only_roles,
            borrowed=True,
        ),
    ),
    write=write,
    loses=loses,
    names=frozenset({"system", "tools"}),
    multi_turn=True,
    tool_turns=True,
    example='{"conversations": [{"from": "human", "value": "Name a prime."}, {"from": "gpt", "value": "2"}]}',
    source="lm-sys/FastChat's data format; tool turns, system and tools as in LLaMA-Factory's data README",
    exchange=b'{"conversations":[{"from":"human","value":%b},{"from":"gpt","value":%b}]}',
)
