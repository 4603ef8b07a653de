"""Tool calls, however a file writes them, in one shape: a list of OpenAI's, as JSON text.

{"name": "get_weather", "parameters": {"city": "Oslo"}, "thought": "I look it up."}
becomes
[{"type": "function", "thought": "I look it up.", "function": {"name": "get_weather", "arguments": "{...}"}}]

Source: OpenAI's API reference (tool_calls, and function_call before it), Llama 3's model card (parameters),
LLaMA-Factory's data README (function_call turns).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET, Raw, UnsetType

from schemas.problems import Invalid, shown
from schemas.row import json_of


class Function(msgspec.Struct):
    """OpenAI's function of a tool call; arguments is JSON text, though some files hold an object."""

    name: str
    arguments: Raw | UnsetType = UNSET
    parameters: Raw | UnsetType = UNSET


class ToolCall(msgspec.Struct):
    """OpenAI's tool call."""

    function: Function
    id: str | None = None


_typed = msgspec.json.Decoder(list[ToolCall])
_items = msgspec.json.Decoder(list[Raw])
_fields = msgspec.json.Decoder(dict[str, Raw])
_encode = msgspec.json.Encoder().encode
# Names of a call that is not apart from its function; `function` would hide the others when it is read again.
OF_FUNCTION = ("name", "arguments", "parameters")
TAKEN = ("name", "arguments", "function")


def read_calls(data: bytes, path: str) -> str:
    """Calls in OpenAI's shape; further keys of a call and of its function stay beside.

    Args:
        data: JSON text: a list of calls or one of them, each in OpenAI's shape or flat (name and arguments, or Llama
            3's parameters); or such JSON within a JSON string.
        path: JSON path of it.

    Raises:
        Invalid: E104 if it is none of that.
    """
    try:
        if data[:1] == b'"':
            data = msgspec.json.decode(data, type=str).encode()
        if data.find(b'"function"') >= 0 and _is_openai(data):
            return json_of(data)
        items = _items.decode(data) if data.lstrip()[:1] == b"[" else [Raw(data)]
        calls = [_call(_fields.decode(item)) for item in items]
    except (ValueError, RecursionError) as error:
        raise Invalid("E104", path, f"{shown(data)!r} is no tool call: {error}") from None
    if not calls:
        raise Invalid("E104", path, "the list of tool calls is empty")
    return _encode(calls).decode()


def _is_openai(data: bytes) -> bool:
    try:
        calls = _typed.decode(data)
    except msgspec.ValidationError:
        return False
    return bool(calls) and all(
        call.function.parameters is UNSET or call.function.arguments is not UNSET for call in calls
    )


def _call(fields: dict[str, Raw]) -> dict[str, Raw]:
    """One call in OpenAI's shape.  Raises ValueError for another shape."""
    if "function" in fields:
        function = _fields.decode(fields.pop("function"))
    else:
        function = {name: fields.pop(name) for name in OF_FUNCTION if name in fields}
    if "name" not in function:
        raise ValueError("it has no name")
    msgspec.json.decode(function["name"], type=str)
    if "id" in fields:
        msgspec.json.decode(fields["id"], type=str | None)
    if "arguments" not in function:
        function["arguments"] = function.pop("parameters", Raw(b'"{}"'))
    arguments = bytes(function["arguments"])
    if arguments[:1] != b'"':
        function["arguments"] = Raw(_encode(arguments.decode()))
    return {"type": Raw(b'"function"'), **fields, "function": Raw(_encode(function))}


def openai_call(
    name: str, arguments: str, call_id: str | None, beside: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """One call in OpenAI's shape, decoded.

    Args:
        name: of the tool.
        arguments: JSON text.
        call_id: its id.
        beside: its further keys.
    """
    call = {"type": "function", "function": {"name": name, "arguments": arguments}, **(beside or {})}
    return call if call_id is None else {"id": call_id, **call}


def joined(lists: list[str]) -> str:
    """Lists of calls as one."""
    return _encode([call for calls in lists for call in _items.decode(calls)]).decode()


def split(calls: str) -> list[str]:
    """Each call of a list as a list of its own."""
    return [_encode([call]).decode() for call in _items.decode(calls)]


class FlatCall(NamedTuple):
    """A call as one object, for formats that do not keep it apart from its function.

    Attributes:
        name: of the tool.
        arguments: the JSON value; text that is not JSON stays text.
        id: of the call; None where it has none.
        beside: further keys of the call and of its function.
        lost: names of those for which the object has no place.
    """

    name: str
    arguments: Raw
    id: str | None
    beside: dict[str, Raw]
    lost: list[str]


def flat_calls(calls: str, taken: Collection[str]) -> list[FlatCall]:
    """Each call of a list as one object.

    Args:
        calls: in OpenAI's shape.
        taken: keys that the object has for something else, or, as id, for the same.
    """
    return [_flat_call(item, taken) for item in _items.decode(calls)]


def _flat_call(call: Raw, taken: Collection[str]) -> FlatCall:
    fields, function = _parts(call)
    name, arguments = _text(function.pop("name")), _value(function.pop("arguments", Raw(b"{}")))
    call_id = msgspec.json.decode(fields["id"]) if "id" in fields else None
    if "id" in taken:
        fields.pop("id", None)
    beside = {key: value for key, value in function.items() if key not in taken}
    lost = [f"messages[].tool_calls[].function.{key}" for key in function if key in taken]
    lost += [f"messages[].tool_calls[].{key}" for key in fields if key in taken or key in beside]
    beside |= {key: value for key, value in fields.items() if key not in taken and key not in beside}
    return FlatCall(name, arguments, call_id, beside, lost)


def _text(value: Raw) -> str:
    return msgspec.json.decode(value, type=str)


def call_of(calls: str, beside: bool = True) -> str:
    """The value of a function_call turn: an object for one call, else a list.

    Args:
        calls: in OpenAI's shape.
        beside: whether further keys of calls are written too; see `lost_in_calls` for those that cannot be.
    """
    flat = flat_calls(calls, TAKEN)
    out = [{"name": call.name, "arguments": call.arguments, **(call.beside if beside else {})} for call in flat]
    return _encode(out[0] if len(out) == 1 else out).decode()


def lost_in_calls(calls: str, taken: Collection[str] = TAKEN) -> list[str]:
    """Names of further keys of calls that one object for each has no place for: see `flat_calls`."""
    return [name for call in flat_calls(calls, taken) for name in call.lost]


def _parts(call: Raw) -> tuple[dict[str, Raw], dict[str, Raw]]:
    """(the keys of a call beside its function, those of the function); OpenAI's type, which says nothing, left out."""
    fields = _fields.decode(call)
    function = _fields.decode(fields.pop("function"))
    if bytes(fields.get("type", b"")) == b'"function"':
        del fields["type"]
    return fields, function


def _value(arguments: Raw) -> Raw:
    """Arguments as the JSON value that their text holds; text that is not JSON stays text."""
    if bytes(arguments)[:1] != b'"':
        return arguments
    text = msgspec.json.decode(arguments, type=str).encode()
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return arguments
    return Raw(text)
