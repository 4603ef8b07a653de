"""Turns that call tools, where a file writes them in another way than tool_calls: one message for each turn.

function_call of a turn                 its tool_calls
parts of type tool_result               turns of role tool before what else the turn says
function_call turns in a row            one turn with all the calls

Source: OpenAI's API reference (function_call), Anthropic's (tool_use, tool_result), LLaMA-Factory's v1 data
(tool_call).
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

from schemas.calls import joined, read_calls, split
from schemas.record import Message

RESULT, TEXTS = "tool_result", ("text", "input_text")
LEGACY = "function_call"
_items = msgspec.json.Decoder(list[dict[str, Raw]])
_encode = msgspec.json.Encoder().encode


def take_function_call(message: Message, path: str) -> None:
    """Move the call in a turn's further field `function_call` to its tool_calls; beside tool_calls it stays.

    Raises:
        Invalid: E104 if it is no call.
    """
    if not message.extra or LEGACY not in message.extra or message.role != "assistant" or message.tool_calls:
        return
    value = message.extra[LEGACY]
    if value == "null":
        return
    message.tool_calls = read_calls(value.encode(), f"{path}.{LEGACY}")
    message.extra = {name: kept for name, kept in message.extra.items() if name != LEGACY} or None


def tools_of_functions(functions: Raw) -> str | None:
    """JSON text of tools in OpenAI's shape from its older list of functions; None for any other value."""
    try:
        items = _items.decode(functions)
    except msgspec.DecodeError:
        return None
    return _encode([{"type": "function", "function": item} for item in items]).decode()


def take_results(messages: list[Message]) -> tuple[list[Message], list[int]]:
    """(the messages with results out of their parts, the place of each in the list); see `schemas.parts` for calls.

    Results whose content is neither text nor parts of text stay parts.
    """
    parts = [message.parts for message in messages if message.parts is not None]
    if not parts or not any('"tool_result"' in part for part in parts):
        return messages, list(range(len(messages)))
    out, places = [], []
    for i, message in enumerate(messages):
        taken = [message]
        if message.parts and '"tool_result"' in message.parts and message.role in ("user", "tool"):
            taken = _results(message, _items.decode(message.parts))
        out += taken
        places += [i] * len(taken)
    return out, places


def _results(message: Message, parts: list[dict[str, Raw]]) -> list[Message]:
    """A turn of role tool for each result, then the turn with what is left."""
    results = [_result(part) for part in parts if _text(part["type"]) == RESULT]
    found = [result for result in results if result is not None]
    if not found or len(found) < len(results):
        return [message]
    rest = [part for part in parts if _text(part["type"]) != RESULT]
    if rest:
        message.parts = _encode(rest).decode()
        return [*found, message]
    head = found[0]
    head.extra = {**(message.extra or {}), **(head.extra or {})} or None
    head.weight = message.weight
    head.name = message.name
    return found


def _result(part: dict[str, Raw]) -> Message | None:
    """The turn of a result; None where its content is neither text nor text parts, or its id no text."""
    fields = {name: value for name, value in part.items() if name not in ("type", "content", "tool_use_id")}
    content, answered = bytes(part.get("content", Raw(b'""'))), part.get("tool_use_id", Raw(b'""'))
    if bytes(answered)[:1] != b'"':
        return None
    message = Message("tool", extra={name: bytes(value).decode() for name, value in fields.items()} or None)
    if content[:1] == b"[":
        try:
            texts = msgspec.json.decode(content, type=list[dict[str, Raw]])
        except msgspec.ValidationError:
            return None
        if any(_text(one.get("type", Raw(b"null"))) not in TEXTS or "text" not in one for one in texts):
            return None
        message.content, message.parts = "\n".join(_text(one["text"]) for one in texts), content.decode()
    elif content[:1] == b'"':
        message.content = _text(Raw(content))
    else:
        return None
    message.tool_call_id = _text(answered) or None
    return message


def _text(value: Raw) -> str:
    data = bytes(value)
    return msgspec.json.decode(data, type=str) if data[:1] == b'"' else ""


def merge_calls(messages: list[Message], places: list[int]) -> tuple[list[Message], list[int]]:
    """(the messages, function_call turns in a row made one, their places); the first of a row may have a thought."""
    runs: list[list[Message]] = []
    kept: list[int] = []
    for message, place in zip(messages, places, strict=True):
        if runs and _goes_on(runs[-1][0], message):
            runs[-1].append(message)
        else:
            runs.append([message])
            kept.append(place)
    for run in runs:
        if len(run) > 1:
            run[0].tool_calls = joined([message.tool_calls or "[]" for message in run])
    return [run[0] for run in runs], kept


def _goes_on(before: Message, message: Message) -> bool:
    if not (before.tool_calls and message.tool_calls) or before.content or message.content:
        return False
    one, other = ((turn.weight, turn.name, turn.tool_call_id, turn.extra) for turn in (before, message))
    return message.reasoning is None and one == other


def several_turns(messages: list[Message]) -> list[Message]:
    """The messages, with a turn for each call where a result of its own follows for each.

    One result, or none, may be that of all: then the calls stay together, as LLaMA-Factory reads them.
    """
    out = []
    for i, message in enumerate(messages):
        if not message.tool_calls or i + 2 >= len(messages) or messages[i + 2].role != "tool":
            out.append(message)
            continue
        calls = split(message.tool_calls)
        results = 0
        while i + 1 + results < len(messages) and messages[i + 1 + results].role == "tool":
            results += 1
        if len(calls) != results:
            out.append(message)
            continue
        further = msgspec.structs.replace(message, content="", reasoning=None, reasoning_form="", parts=None)
        out.append(msgspec.structs.replace(message, tool_calls=calls[0]))
        out += [msgspec.structs.replace(further, tool_calls=call) for call in calls[1:]]
    return out
