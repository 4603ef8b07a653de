"""Anthropic's messages: the system prompt on top, content as text or blocks (text, thinking, tool_use, tool_result).

Rows of it without such blocks are rows of SFT too, and are read as that.
Source: Anthropic's Messages API (messages, system, tools with input_schema).
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from schemas.blocks import (
    BlockTurn,
    MadeTurn,
    calls_with_ids,
    lost_of_blocks,
    object_of,
    parts_of,
    take_extras,
    with_results,
)
from schemas.calls import flat_calls
from schemas.check import conversation as check_turns
from schemas.parts import call
from schemas.problems import Invalid, shown
from schemas.record import Conversation, Message
from schemas.row import Format, Row, Shape, json_of, raw_of, text_of
from schemas.turns import with_extra

MARKS = re.compile(
    rb'"type"\s*:\s*"(?:tool_use|tool_result|thinking|redacted_thinking)"|"input_schema"\s*:|"system"\s*:\s*\['
)
ROLES = ("user", "assistant")
MEDIA = ("image", "document")
OF_CALL = ("type", "id", "name", "input")
_encode = msgspec.json.Encoder().encode


class AnthropicTurn(msgspec.Struct, omit_defaults=True, gc=False, forbid_unknown_fields=True):
    """A turn of the user or the assistant; results of tools are blocks of the user's."""

    role: str
    content: str | list[dict[str, Any]]


FIELDS = frozenset(AnthropicTurn.__struct_fields__)


class Anthropic(Row, kw_only=False):
    """messages is required; tools have an input_schema."""

    messages: list[AnthropicTurn]


def has_blocks(data: bytes) -> bool:
    """Whether the text of a row has a block or a tool as only Anthropic writes them."""
    return MARKS.search(data) is not None


def read(row: Anthropic) -> Conversation:
    """The record; tools, calls and results as OpenAI has them.

    Raises:
        Invalid: E103 for a role, E104 for a block of a call or result, E105 for another, E201-E208 for the order.
    """
    made: list[MadeTurn] = []
    system, beside = _system(row)
    if system:
        made.append(MadeTurn(-1, Message("system", system)))
    for i, turn in enumerate(row.messages):
        at = f"$.messages[{i}]"
        if turn.role not in ROLES:
            raise Invalid("E103", f"{at}.role", f"role {shown(turn.role)!r} is none of {', '.join(ROLES)}")
        message = Message(turn.role)
        before: list[Message] = []
        if isinstance(turn.content, str):
            message.content = turn.content
        else:
            before = _read_blocks(message, turn.content, f"{at}.content")
        take_extras(message, turn, AnthropicTurn, at)
        made += [MadeTurn(i, each) for each in with_results(before, message)]
    check_turns([turn.message for turn in made], [turn.place for turn in made], "$.messages")
    return Conversation([turn.message for turn in made], extra=beside or None)


def _system(row: Anthropic) -> tuple[str, dict[str, str]]:
    """(the system prompt, its blocks as a further field where they say more); the row then has it as other formats do.

    So it has its tools.
    """
    if row.tools is not UNSET and bytes(row.tools)[:1] == b"[":
        row.tools = Raw(_encode([_openai_tool(tool) for tool in msgspec.json.decode(row.tools)]))
    if row.system is UNSET or bytes(row.system)[:1] != b"[":
        return text_of(row.system) or "", {}
    data = bytes(row.system)
    blocks = msgspec.json.decode(data)
    if not all(isinstance(block, dict) and isinstance(block.get("text"), str) for block in blocks):
        raise Invalid("E101", "$.system", f"found {shown(data)}, expected text or blocks of text")
    row.system = raw_of("\n".join(block["text"] for block in blocks))
    plain = all(block.keys() <= {"type", "text"} for block in blocks)
    return text_of(row.system) or "", {} if plain else {"system_blocks": json_of(data)}


def _openai_tool(tool: Any) -> Any:
    if not isinstance(tool, dict) or "input_schema" not in tool or "name" not in tool or "function" in tool:
        return tool
    function = {"name": tool["name"]}
    if "description" in tool:
        function["description"] = tool["description"]
    function["parameters"] = tool["input_schema"]
    beside = {k: v for k, v in tool.items() if k not in ("name", "description", "input_schema")}
    return {"type": "function", "function": function, **beside}


def _read_blocks(message: Message, blocks: list[dict[str, Any]], at: str) -> list[Message]:
    """Fill a message from the blocks of its turn; returns the results of tools among them, which come first."""
    turn = BlockTurn()
    for i, block in enumerate(blocks):
        kind, path = block.get("type"), f"{at}[{i}]"
        if kind == "tool_use" and _is_call(block):
            turn.calls.append(call(block, path))
            turn.beside(block, block.keys() - {"function"})
        elif kind == "tool_result" and isinstance(block.get("tool_use_id"), str):
            turn.results.append(_result(block, path))
        elif kind == "thinking" and isinstance(block.get("thinking"), str):
            turn.thoughts.append(block["thinking"])
            turn.beside(block, ("type", "thinking"))
        elif kind == "redacted_thinking":
            turn.beside({kind: block["data"] if block.keys() == {"type", "data"} else block}, ())
        elif kind in ("tool_use", "tool_result"):
            raise Invalid("E104", path, f"found {shown(_encode(block))}, which lacks a name, an input or a tool_use_id")
        elif not isinstance(kind, str) or (kind == "text" and not isinstance(block.get("text"), str)):
            raise Invalid("E105", path, f"found {shown(_encode(block))}, no block of a type with its text")
        else:
            turn.parts.append(block)
    if turn.calls and message.role != "assistant":
        raise Invalid("E104", at, f"a {message.role} turn calls tools; only the assistant does")
    turn.fill(message)
    return turn.results


def _is_call(block: dict[str, Any]) -> bool:
    return all(isinstance(block.get(k), kind) for k, kind in (("name", str), ("input", dict), ("id", str | None)))


def _result(block: dict[str, Any], path: str) -> Message:
    message = Message("tool", tool_call_id=block["tool_use_id"])
    content = block.get("content", "")
    if isinstance(content, list):
        inner = BlockTurn(parts=content)
        if not all(isinstance(part, dict) and isinstance(part.get("type"), str) for part in content):
            raise Invalid("E105", f"{path}.content", f"found {shown(_encode(content))}, no list of blocks")
        inner.fill(message)
    elif isinstance(content, str):
        message.content = content
    else:
        raise Invalid("E105", f"{path}.content", f"found {shown(_encode(content))}, expected text or a list of blocks")
    rest = {k: v for k, v in block.items() if k not in ("type", "tool_use_id", "content")}
    message.extra = {k: json_of(_encode(v)) for k, v in rest.items()} or None
    return message


def write(conversation: Conversation) -> Anthropic:
    """The row.  Raises Invalid E104 for arguments that are no object, E302 for media in another format's parts."""
    messages = calls_with_ids(conversation.messages)
    system: Raw | UnsetType = UNSET
    if messages[0].role == "system":
        system, messages = raw_of(messages[0].content), messages[1:]
    turns: list[Any] = []
    results: list[dict[str, Any]] = []
    for message in messages:
        if message.role == "tool":
            results.append(_written_result(message))
            continue
        if results and message.role == "assistant":
            turns.append(AnthropicTurn("user", results))
            results = []
        blocks, results = results + _blocks(message), []
        plain = len(blocks) == 1 and blocks[0].keys() == {"type", "text"} and message.parts is None
        turn = AnthropicTurn(message.role, blocks[0]["text"] if plain else blocks)
        kept = {k: v for k, v in (message.extra or {}).items() if k != "signature" or message.reasoning is None}
        turns.append(with_extra(turn, Message(message.role, extra=kept or None), FIELDS))
    row = Anthropic(turns, system=system)
    if conversation.tools:
        row.tools = _written_tools(conversation.tools)
    return row


def _blocks(message: Message) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    if message.reasoning is not None:
        signature = (message.extra or {}).get("signature")
        signed = {"signature": msgspec.json.decode(signature)} if signature else {}
        blocks.append({"type": "thinking", "thinking": message.reasoning, **signed})
    blocks += parts_of(message, "anthropic", MEDIA)
    for made in flat_calls(message.tool_calls or "[]", OF_CALL):
        blocks.append({"type": "tool_use", "id": made.id, "name": made.name, "input": object_of(made), **made.beside})
    return blocks or [{"type": "text", "text": ""}]


def _written_result(message: Message) -> dict[str, Any]:
    content = message.content if message.parts is None else parts_of(message, "anthropic", MEDIA)
    beside = {
        k: Raw(v.encode()) for k, v in (message.extra or {}).items() if k not in ("type", "tool_use_id", "content")
    }
    return {"type": "tool_result", "tool_use_id": message.tool_call_id, "content": content, **beside}


def _written_tools(tools: str) -> Raw:
    """Tools in Anthropic's shape where they are in OpenAI's, else as they are."""
    try:
        offered = msgspec.json.decode(tools)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return raw_of(tools)
    return Raw(_encode([_anthropic_tool(tool) for tool in offered])) if isinstance(offered, list) else raw_of(tools)


def _anthropic_tool(tool: Any) -> Any:
    """A tool in Anthropic's shape; as it is where it is none of OpenAI's, or has keys for which there is no place."""
    function = tool.get("function") if isinstance(tool, dict) else None
    if not isinstance(function, dict) or not function.keys() <= {"name", "description", "parameters"}:
        return tool
    beside = {k: v for k, v in tool.items() if k != "function" and (k, v) != ("type", "function")}
    if beside.keys() & {"name", "description", "input_schema"}:
        return tool
    out = {k: function[k] for k in ("name", "description") if k in function}
    return {**out, "input_schema": function.get("parameters", {"type": "object"}), **beside}


def loses(conversation: Conversation) -> list[str]:
    """Names of what turns hold and Anthropic's do not: see `lost_of_blocks`."""
    return lost_of_blocks(conversation, FIELDS, OF_CALL)


FORMAT = Format(
    name="anthropic",
    title="Anthropic messages",
    shapes=(
        Shape(
            "anthropic",
            Anthropic,
            read,
            ("messages",),
            turns="messages",
            turn=AnthropicTurn,
            shows=has_blocks,
            rank=1,
            mark="with blocks of thinking, tool_use or tool_result, or tools with an input_schema, or blocks in system",
        ),
    ),
    write=write,
    loses=loses,
    names=frozenset({"system", "tools"}),
    multi_turn=True,
    tool_turns=True,
    example='{"system": "Be brief.", "messages": [{"role": "user", "content": "Name a prime."}, {"role": "assistant", '
    '"content": [{"type": "thinking", "thinking": "2 is one."}, {"type": "text", "text": "2"}]}]}',
    source="Anthropic's Messages API",
)
