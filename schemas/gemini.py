"""Gemini: contents of role and parts, with systemInstruction and tools beside them.

Source: Google's Gemini API and Vertex AI's tuning data (contents, systemInstruction, functionCall, functionResponse).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from schemas.blocks import BlockTurn, MadeTurn, lost_of_blocks, object_of, take_extras, with_results
from schemas.calls import flat_calls, openai_call
from schemas.check import TEXT_PARTS
from schemas.check import conversation as check_turns
from schemas.problems import Invalid, shown
from schemas.record import Conversation, Message
from schemas.row import Format, Row, Shape, json_of, raw_of
from schemas.turns import with_extra

PARTS = re.compile(rb'"parts"\s*:')
ROLES = {"user": "user", "model": "assistant", "function": "user", "tool": "user"}
WRITTEN = {"user": "user", "assistant": "model"}
MEDIA = ("inlineData", "fileData", "inline_data", "file_data", "executableCode", "codeExecutionResult")
INSTRUCTION = "systemInstruction"
OF_CALL = ("id", "name", "args")
# Keys that a call in OpenAI's shape has for itself.
HIDDEN = frozenset({"type", "function"})
CALL, RESULT = ("functionCall", "function_call"), ("functionResponse", "function_response")
# What a result that is text alone is written under, as the API asks for an object.
TEXT_RESULT = "result"
_encode = msgspec.json.Encoder().encode


class GeminiTurn(msgspec.Struct, omit_defaults=True, gc=False, kw_only=True, forbid_unknown_fields=True):
    """A turn of the user or the model; one without a role is the user's."""

    role: str | UnsetType = UNSET
    parts: list[dict[str, Any]]


FIELDS = frozenset(GeminiTurn.__struct_fields__)


class Gemini(
    Row, kw_only=False, rename={"instruction": "systemInstruction", "instruction_of_python": "system_instruction"}
):
    """contents is required; the API's Python client writes systemInstruction as system_instruction."""

    contents: list[GeminiTurn]
    instruction: Raw | UnsetType = UNSET
    instruction_of_python: Raw | UnsetType = UNSET


def has_parts(data: bytes) -> bool:
    """Whether the text of a row has a field `parts`."""
    return PARTS.search(data) is not None


def read(row: Gemini) -> Conversation:
    """The record; tools, calls and results as OpenAI has them.

    Raises:
        Invalid: E101 for a systemInstruction without text, E103 for a role, E104 for a call or result, E105 for another
            part, E201-E208 for the order of turns.
    """
    made: list[MadeTurn] = []
    beside: dict[str, str] = {}
    for value in (row.instruction, row.instruction_of_python):
        if isinstance(value, Raw) and bytes(value) != b"null":
            text, is_plain = _instruction(bytes(value))
            made.append(MadeTurn(-1, Message("system", text)))
            beside |= {} if is_plain else {INSTRUCTION: json_of(value)}
    if row.tools is not UNSET and bytes(row.tools)[:1] == b"[":
        row.tools = Raw(_encode(_openai_tools(msgspec.json.decode(row.tools))))
    for i, turn in enumerate(row.contents):
        at = f"$.contents[{i}]"
        given = "user" if turn.role is UNSET else turn.role
        role = ROLES.get(given)
        if role is None:
            raise Invalid("E103", f"{at}.role", f"role {shown(given)!r} is none of {', '.join(ROLES)}")
        message = Message(role)
        results = _read_parts(message, turn.parts, f"{at}.parts")
        take_extras(message, turn, GeminiTurn, at)
        made += [MadeTurn(i, each) for each in with_results(results, message)]
    check_turns([turn.message for turn in made], [turn.place for turn in made], "$.contents")
    return Conversation([turn.message for turn in made], extra=beside or None)


def _instruction(data: bytes) -> tuple[str, bool]:
    """(the text of a systemInstruction, whether it says no more)."""
    value = msgspec.json.decode(data)
    parts = value.get("parts") if isinstance(value, dict) else value
    parts = [parts] if isinstance(parts, dict) else parts
    if isinstance(parts, str):
        parts = [{"text": parts}]
    if not isinstance(parts, list) or not all(isinstance(p, dict) and isinstance(p.get("text"), str) for p in parts):
        raise Invalid("E101", "$.systemInstruction", f"found {shown(data)}, expected an object with parts of text")
    is_plain = not (isinstance(value, dict) and value.keys() - {"parts"}) and all(len(part) == 1 for part in parts)
    return "\n".join(part["text"] for part in parts), is_plain


def _openai_tools(tools: list[Any]) -> list[Any]:
    """Functions that are declared one by one; tools of other kinds stay as they are."""
    out: list[Any] = []
    for tool in tools:
        declared = tool.get("functionDeclarations") if isinstance(tool, dict) and len(tool) == 1 else None
        plain = isinstance(declared, list) and all(isinstance(each, dict) for each in declared)
        out += [{"type": "function", "function": each} for each in declared or ()] if plain else [tool]
    return out


def _read_parts(message: Message, parts: list[dict[str, Any]], at: str) -> list[Message]:
    """Fill a message from the parts of its turn; returns the results of functions among them."""
    turn = BlockTurn()
    for i, part in enumerate(parts):
        kind = next((name for name in (*CALL, *RESULT, *MEDIA, "text") if name in part), "")
        value = part.get(kind)
        if kind == "text" and isinstance(value, str):
            _read_text(turn, part)
        elif kind in (*CALL, *RESULT):
            if not isinstance(value, dict) or not isinstance(value.get("name"), str):
                raise Invalid("E104", f"{at}[{i}]", f"found {shown(_encode(part))}, a call or result without a name")
            if kind in CALL:
                turn.calls.append(_call(value))
                turn.beside(value, value.keys() - HIDDEN)
            else:
                turn.results.append(_result(value))
            turn.beside(part, (kind,))
        elif kind in MEDIA:
            _add_part(turn, kind, part)
        else:
            raise Invalid("E105", f"{at}[{i}]", f"found {shown(_encode(part))}, no part that is known")
    if turn.calls and message.role != "assistant":
        raise Invalid("E104", at, f"a {message.role} turn calls functions; only the model does")
    turn.fill(message)
    return turn.results


def _call(value: dict[str, Any]) -> dict[str, Any]:
    arguments = {} if value.get("args") is None else value["args"]
    beside = {k: v for k, v in value.items() if k not in OF_CALL and k not in HIDDEN}
    return openai_call(value["name"], _encode(arguments).decode(), value.get("id"), beside)


def _read_text(turn: BlockTurn, part: dict[str, Any]) -> None:
    if part.get("thought") is True:
        turn.thoughts.append(part["text"])
        turn.beside(part, ("text", "thought"))
    else:
        _add_part(turn, "text", part)


def _add_part(turn: BlockTurn, kind: str, part: dict[str, Any]) -> None:
    """Add a part under the type that the record knows it by; a type of its own is a field of the turn."""
    turn.parts.append({"type": kind, **{k: v for k, v in part.items() if k != "type"}})
    turn.beside(part, part.keys() - {"type"})


def _result(value: dict[str, Any]) -> Message:
    response = value.get("response", {})
    text = response.get(TEXT_RESULT) if isinstance(response, dict) and len(response) == 1 else None
    message = Message("tool", text if isinstance(text, str) else _encode(response).decode(), name=value["name"])
    message.tool_call_id = value.get("id")
    rest = {k: _encode(v).decode() for k, v in value.items() if k not in ("name", "response", "id")}
    message.extra = rest or None
    return message


def write(conversation: Conversation) -> Gemini:
    """The row.  Raises Invalid E104 for arguments that are no object, E302 for media in another format's parts."""
    messages = conversation.messages
    row = Gemini([])
    if messages[0].role == "system":
        row.instruction = _written_instruction(messages[0].content, conversation.extra or {})
        messages = messages[1:]
    called: list[str] = []
    turns: list[Any] = []
    results: list[dict[str, Any]] = []
    for message in messages:
        if message.role == "tool":
            results.append(_written_result(message, called))
            continue
        if results and message.role == "assistant":
            turns.append(GeminiTurn(role="user", parts=results))
            results = []
        turn = GeminiTurn(role=WRITTEN[message.role], parts=results + _parts(message, called))
        results = []
        turns.append(with_extra(turn, Message(message.role, extra=message.extra), FIELDS))
    row.contents = turns
    if conversation.tools:
        row.tools = _written_tools(conversation.tools)
    return row


def _written_instruction(text: str, extra: Mapping[str, str]) -> Raw:
    """The systemInstruction as it was read where it still says this text."""
    read_as = extra.get(INSTRUCTION)
    try:
        is_same = read_as is not None and _instruction(read_as.encode())[0] == text
    except Invalid:
        is_same = False
    return Raw(read_as.encode()) if is_same and read_as else Raw(_encode({"parts": [{"text": text}]}))


def _parts(message: Message, called: list[str]) -> list[dict[str, Any]]:
    """The parts of a message; the names of functions that it calls are added to `called`."""
    parts: list[dict[str, Any]] = []
    if message.reasoning is not None:
        parts.append({"text": message.reasoning, "thought": True})
    if message.parts is None:
        parts += [{"text": message.content}] if message.content or not message.tool_calls else []
    else:
        parts += [_part(part) for part in msgspec.json.decode(message.parts)]
    for made in flat_calls(message.tool_calls or "[]", OF_CALL):
        named = {"id": made.id} if made.id else {}
        parts.append({"functionCall": {**named, "name": made.name, "args": object_of(made), **made.beside}})
        called.append(made.name)
    return parts


def _part(part: dict[str, Any]) -> dict[str, Any]:
    if part["type"] in TEXT_PARTS:
        rest = {k: v for k, v in part.items() if k not in ("type", "text", "value")}
        return {"text": part.get("text", part.get("value")), **rest}
    if part["type"] in MEDIA and part["type"] in part:
        return {k: v for k, v in part.items() if k != "type"}
    raise Invalid("E302", "$", f"a turn holds {part['type']!r}; gemini has no such part")


def _written_result(message: Message, called: list[str]) -> dict[str, Any]:
    """The result of a function, under the name that it has or else that of the first call without an answer."""
    name = message.name or (called[0] if called else "")
    if name in called:
        called.remove(name)
    try:
        response = msgspec.json.decode(message.content)
    except (msgspec.DecodeError, UnicodeEncodeError):
        response = None
    if not isinstance(response, dict) or _encode(response).decode() != message.content or len(response) == 1:
        response = {TEXT_RESULT: message.content}
    named = {"id": message.tool_call_id} if message.tool_call_id else {}
    beside = {k: Raw(v.encode()) for k, v in (message.extra or {}).items() if k not in ("name", "response", "id")}
    return {"functionResponse": {**named, "name": name, "response": response, **beside}}


def _written_tools(tools: str) -> Raw:
    """Tools as declarations of functions where they are OpenAI's, else as they are."""
    try:
        offered = msgspec.json.decode(tools)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return raw_of(tools)
    if not isinstance(offered, list) or not all(_is_function(tool) for tool in offered):
        return Raw(tools.encode()) if isinstance(offered, list) else raw_of(tools)
    return Raw(_encode([{"functionDeclarations": [tool["function"] for tool in offered]}]))


def _is_function(tool: Any) -> bool:
    return isinstance(tool, dict) and tool.keys() == {"type", "function"} and tool["type"] == "function"


def loses(conversation: Conversation) -> list[str]:
    """Names of what turns hold and Gemini's do not: see `lost_of_blocks`; the name of who spoke, other than a tool."""
    lost = lost_of_blocks(conversation, FIELDS, OF_CALL)
    named = any(message.name is not None and message.role != "tool" for message in conversation.messages)
    lost = [name for name in lost if name != "messages[].name"] + (["messages[].name"] if named else [])
    results = [message for message in conversation.messages if message.role == "tool" and message.parts is not None]
    return lost + ["messages[].parts"] * bool(results)


FORMAT = Format(
    name="gemini",
    title="Gemini contents",
    shapes=(
        Shape(
            "gemini",
            Gemini,
            read,
            ("contents",),
            turns="contents",
            turn=GeminiTurn,
            shows=has_parts,
            mark="of role and parts",
        ),
    ),
    write=write,
    loses=loses,
    names=frozenset({"system", "tools"}),
    multi_turn=True,
    tool_turns=True,
    example='{"systemInstruction": {"parts": [{"text": "Be brief."}]}, "contents": [{"role": "user", "parts": '
    '[{"text": "Name a prime."}]}, {"role": "model", "parts": [{"text": "2"}]}]}',
    source="Google's Gemini API and Vertex AI's tuning data",
)
