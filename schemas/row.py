"""What the rows of all formats share: metadata beside the format's own fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from schemas.problems import Invalid
from schemas.record import Conversation, Message

Optional = Raw | UnsetType


class Row(msgspec.Struct, omit_defaults=True, gc=False, kw_only=True, forbid_unknown_fields=True):
    """Fields that any format may carry under these names, whether or not its description has them."""

    system: Optional = UNSET
    tools: Optional = UNSET
    category: Optional = UNSET
    source: Optional = UNSET
    id: Optional = UNSET


CARRIED = Row.__struct_fields__


class Shape(msgspec.Struct, frozen=True):
    """One way in which a format writes its rows.

    row: the struct that a row decodes into.
    read: that struct to the record; raises Invalid.
    keys: the field names that tell this shape from others; all must be there.
    turns: the field that holds the list of turns, and `turn`, the struct of one; "" where there is none.
    wrap: for rows that are a bare list, the field of `row` that holds it; else "".
    """

    name: str
    row: type[Row]
    read: Callable[[Any], Conversation]
    keys: tuple[str, ...]
    turns: str = ""
    turn: type[msgspec.Struct] | None = None
    wrap: str = ""


class Format(msgspec.Struct, frozen=True):
    """One format: its shapes, how the record is written in it, and what it names.

    write: the record to a row struct of the first shape; raises Invalid where it does not fit.
    names: which of CARRIED the format's own description has.
    multi_turn, tool_turns: whether several exchanges and tool turns fit.
    bare: rows are written as a plain list (the field named here) when nothing else is carried.
    example: one row, as the documentation shows it.
    """

    name: str
    title: str
    shapes: tuple[Shape, ...]
    write: Callable[[Conversation], Row]
    names: frozenset[str]
    multi_turn: bool
    tool_turns: bool
    example: str
    bare: str = ""


def present(value: str | UnsetType, field: str) -> str:
    """A required field's value.  Raises Invalid E102 if the row lacks it.

    The struct gives such a field a default so that it keeps its place among the optional ones.
    """
    if value is UNSET:
        raise Invalid("E102", f"$.{field}", f"the row has no {field}")
    return value  # type: ignore[return-value]


def text_of(raw: Optional) -> str | None:
    """The string in a JSON value, None for null, for absence and for other types."""
    if raw is UNSET:
        return None
    data = bytes(raw)  # type: ignore[arg-type]
    return msgspec.json.decode(data) if data[:1] == b'"' else None


def raw_of(text: str) -> Raw:
    """The JSON value of a string."""
    return Raw(msgspec.json.encode(text))


def single(conversation: Conversation, name: str) -> tuple[str, str, str]:
    """(system, prompt, response) of a conversation with one exchange.

    Raises Invalid E301, E302 or E303 where format `name`, which holds one exchange of text, cannot hold it.
    """
    messages = conversation.messages
    system = ""
    if messages[0].role == "system":
        system, messages = messages[0].content, messages[1:]
    for message in messages:
        if message.role == "tool" or message.tool_calls:
            raise Invalid("E303", "$", f"the conversation calls tools; {name} has no place for that")
        text_only(message, name)
    if len(messages) != 2:
        raise Invalid(
            "E301", "$", f"the conversation has {len(messages)} turns; {name} holds one prompt and one response"
        )
    return system, messages[0].content, messages[1].content


def text_only(message: Message, name: str) -> None:
    """Raise Invalid E302 if the turn has a part that is not text."""
    if message.parts is not None:
        for part in msgspec.json.decode(message.parts):
            if isinstance(part, dict) and part.get("type") not in ("text", "input_text"):
                raise Invalid("E302", "$", f"a turn holds {part.get('type')!r}; {name} holds text only")


def divided(conversation: Conversation, prompt: str) -> tuple[str, str]:
    """(instruction, input) of the last prompt, by the record's boundary."""
    at = conversation.boundary
    if at is None:
        return prompt, ""
    return prompt[:at], prompt[at + 1 :]


def joined(instruction: str, context: str | None) -> tuple[str, int | None]:
    """One prompt from an instruction and its input, a newline between, and the boundary."""
    if not context:
        return instruction, None
    return f"{instruction}\n{context}", len(instruction)
