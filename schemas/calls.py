"""Tool calls: ShareGPT's function_call text and OpenAI's tool_calls, one to the other."""

from __future__ import annotations

import msgspec
from msgspec import Raw

from schemas.problems import Invalid, shown
from schemas.row import json_of


class Call(msgspec.Struct):
    """What a function_call turn says."""

    name: str
    arguments: Raw = Raw(b"{}")


class Function(msgspec.Struct):
    """OpenAI's function of a tool call; arguments is JSON text, though some files hold an object."""

    name: str
    arguments: Raw = Raw(b'"{}"')


class ToolCall(msgspec.Struct, omit_defaults=True):
    """OpenAI's tool call."""

    function: Function
    type: str = ""
    id: str | None = None


_calls = msgspec.json.Decoder(list[Call])
_call = msgspec.json.Decoder(Call)
_tool_calls = msgspec.json.Decoder(list[ToolCall])


def calls_of(value: str, path: str) -> str:
    """OpenAI's tool_calls, as JSON text, from a function_call value: one call or a list of them.

    Raises:
        Invalid: E104 if it is not JSON with a name.
    """
    try:
        calls = _calls.decode(value) if value.lstrip()[:1] == "[" else [_call.decode(value)]
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise Invalid("E104", path, f"{shown(value)!r} is no tool call: {error}") from None
    if not calls:
        raise Invalid("E104", path, "the list of tool calls is empty")
    out = []
    for call in calls:
        arguments = bytes(call.arguments)
        if arguments[:1] != b'"':
            arguments = msgspec.json.encode(arguments.decode())
        out.append(ToolCall(Function(call.name, Raw(arguments)), type="function"))
    return msgspec.json.encode(out).decode()


def call_of(tool_calls: str) -> str:
    """A function_call value from OpenAI's tool_calls text: an object for one call, else a list."""
    out = []
    for call in _tool_calls.decode(tool_calls):
        arguments = bytes(call.function.arguments)
        if arguments[:1] == b'"':
            text = msgspec.json.decode(arguments)
            arguments = text.encode() if _is_json(text) else arguments
        out.append({"name": call.function.name, "arguments": Raw(arguments)})
    return msgspec.json.encode(out[0] if len(out) == 1 else out).decode()


def check_calls(tool_calls: bytes, path: str) -> str:
    """The text of OpenAI's tool_calls, as read.  Raises Invalid E104 if it is not a list of calls."""
    try:
        _tool_calls.decode(tool_calls)
    except msgspec.DecodeError as error:
        raise Invalid("E104", path, f"{shown(tool_calls)} is no list of tool calls: {error}") from None
    return json_of(tool_calls)


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return False
    return True
