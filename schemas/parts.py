"""Typed parts of a turn: what of them the record has, and what stays in the parts alone.

part                                                        in the record
{"type": "text", "text": "42"}                              content
{"type": "reasoning", "value": "6 x 7"}                     reasoning      LLaMA-Factory
{"type": "thinking", "thinking": "6 x 7", "signature": ..}  reasoning      Anthropic
{"type": "reasoning", "summary": [{"text": "6 x 7"}]}       reasoning      OpenAI
{"type": "tool_call", "value": "{\\"name\\": ...}"}           tool_calls     LLaMA-Factory
{"type": "tool_use", "id": .., "name": .., "input": {}}     tool_calls     Anthropic
{"type": "function_call", "call_id": .., "name": ..}        tool_calls     OpenAI
{"type": "image_url", ...}                                  stays a part

The parts are written back as they were read, signatures and all.
Source: LLaMA-Factory's v1 data README; Anthropic's Messages API; OpenAI's Responses API.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from schemas.calls import openai_call, read_calls
from schemas.check import TEXT_PARTS, THOUGHT_PARTS
from schemas.problems import Invalid, shown
from schemas.record import Message

CALL_PARTS = ("tool_call", "tool_use", "function_call")
# What a call in OpenAI's shape says itself, so that no further key can stand there.
OF_CALL = ("type", "name", "id", "function")
_encode = msgspec.json.Encoder().encode


def read(message: Message, content: bytes, path: str) -> None:
    """Set what the record has of a turn whose content is a list of parts.

    Args:
        message: a turn with its role.
        content: the list as JSON text.
        path: its JSON path.

    Raises:
        Invalid: E105 for a part without a type, and a part of text without text; E104 for a call that is none.
    """
    parts = msgspec.json.decode(content)
    for i, part in enumerate(parts):
        if not isinstance(part, dict) or not isinstance(part.get("type"), str):
            raise Invalid("E105", f"{path}[{i}]", f"found {shown(_encode(part))}, expected an object with a type")
    message.content = "\n".join(
        _text(part, f"{path}[{i}]") for i, part in enumerate(parts) if part["type"] in TEXT_PARTS
    )
    if message.role != "assistant":
        return
    thoughts = _thoughts(parts)
    if thoughts is not None:
        message.reasoning = "\n".join(text for text in thoughts if text.strip())
    calls = [call for i, part in enumerate(parts) for call in _calls(part, f"{path}[{i}]")]
    if calls:
        message.tool_calls = _encode(calls).decode()


def _text(part: dict[str, Any], path: str) -> str:
    text = part.get("text", part.get("value"))
    if not isinstance(text, str):
        raise Invalid("E105", path, f"found {shown(_encode(part))}, a part of text without text")
    return text


def _thoughts(parts: Sequence[dict[str, Any]]) -> list[str] | None:
    """The texts of the parts that are thoughts; None where there are none, or one has no text or follows the answer.

    A model writes its thought first, so a thought after the answer cannot be trained on as one: it stays a part.
    """
    texts: list[str] = []
    answered = False
    for part in parts:
        if part["type"] in THOUGHT_PARTS:
            text = _thought(part)
            if text is None or answered:
                return None
            texts.append(text)
        answered = answered or part["type"] in TEXT_PARTS or part["type"] in CALL_PARTS
    return texts or None


def _thought(part: dict[str, Any]) -> str | None:
    """The text of a thought, in whatever field it is; None for one that has none, as one that is encrypted."""
    for name in ("value", "thinking", "reasoning", "text"):
        if isinstance(part.get(name), str):
            return part[name]
    for name in ("content", "summary"):
        inner = part.get(name)
        if isinstance(inner, list) and inner:
            texts = [piece.get("text") for piece in inner if isinstance(piece, dict)]
            if len(texts) == len(inner) and all(isinstance(text, str) for text in texts):
                return "\n".join(texts)  # type: ignore[arg-type]
    return None


def _calls(part: dict[str, Any], path: str) -> list[dict[str, Any]]:
    """The calls that a part says, in OpenAI's shape."""
    kind = part["type"]
    if kind not in CALL_PARTS:
        return []
    if kind == "tool_call" and isinstance(part.get("value"), str):
        return msgspec.json.decode(read_calls(part["value"].encode(), f"{path}.value"))
    return [call(part, path)]


def call(part: dict[str, Any], path: str) -> dict[str, Any]:
    """The call of a part that has its name and arguments, in OpenAI's shape; further keys stay beside.

    Args:
        part: as Anthropic (id, input) or OpenAI (call_id, arguments) writes it.
        path: its JSON path.

    Raises:
        Invalid: E104 for one without a name.
    """
    name = part.get("name")
    if not isinstance(name, str):
        raise Invalid("E104", path, f"found {shown(_encode(part))}, a call without the name of a tool")
    given = "input" if "input" in part else "arguments"
    arguments = part.get(given, {})
    identity = "call_id" if part["type"] == "function_call" or "id" not in part else "id"
    call_id = part.get(identity, part.get("id"))
    beside = {k: v for k, v in part.items() if k not in (*OF_CALL, given, identity)}
    return openai_call(
        name,
        arguments if isinstance(arguments, str) else _encode(arguments).decode(),
        call_id if isinstance(call_id, str) else None,
        beside,
    )


def unread(message: Message) -> list[tuple[int, str]]:
    """(index, type) of each part of a turn that the record has in its parts alone: images, say.

    Args:
        message: a turn with parts.
    """
    left = []
    for i, part in enumerate(msgspec.json.decode(message.parts or "[]")):
        kind = part["type"]
        if kind in TEXT_PARTS:
            continue
        is_read = message.role == "assistant" and (
            (kind in THOUGHT_PARTS and message.reasoning is not None)
            or (kind in CALL_PARTS and message.tool_calls is not None)
        )
        if not is_read:
            left.append((i, kind))
    return left


def without_thoughts(message: Message, text: str) -> str | None:
    """The parts of a turn with its thought taken out, as JSON text; None where text alone is left.

    Args:
        message: a turn with parts and a thought that was read from them.
        text: what stands in the first part of text, or before all parts where there is none.
    """
    parts = [part for part in msgspec.json.decode(message.parts or "[]") if part["type"] not in THOUGHT_PARTS]
    rest = [part for part in parts if part["type"] not in TEXT_PARTS]
    if not rest:
        return None
    return _encode([{"type": "text", "text": text}, *rest] if text else rest).decode()


def hold_thought(message: Message) -> bool:
    """Whether the thought of a turn was read from its parts."""
    return _holds(message, message.reasoning, THOUGHT_PARTS)


def hold_calls(message: Message) -> bool:
    """Whether the calls of a turn were read from its parts."""
    return _holds(message, message.tool_calls, CALL_PARTS)


def _holds(message: Message, value: str | None, kinds: tuple[str, ...]) -> bool:
    if message.parts is None or value is None:
        return False
    return any(part["type"] in kinds for part in msgspec.json.decode(message.parts))
