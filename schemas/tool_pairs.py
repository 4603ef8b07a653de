"""Calls against the tools on offer, and results against the calls that they answer.

calls of a turn    results after it            verdict
a, b               for a, for b                fine
a, b               one or more without an id   fine: one turn may hold the results of all
a, b               for a                       E211, b is never answered
a                  for z                       E210
none               any                         E210, unless the text before it may be a call
a                  none, the row ends          fine
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import UNSET

from schemas.calls import ToolCall
from schemas.problems import Invalid, shown
from schemas.record import Message
from schemas.tool_schema import misfit

# A call may be written as text: Hermes' <tool_call>, Glaive's <functioncall>, ReAct's Action, code.
CALL_IN_TEXT = re.compile(r"tool|function|python|action|```|\{", re.IGNORECASE)
_calls = msgspec.json.Decoder(list[ToolCall])


def check_tools(messages: list[Message], places: list[str], tools: str | None) -> None:
    """Check the calls of a conversation, and the results.

    Args:
        messages: the turns.
        places: (messages,) the JSON path of each.
        tools: JSON text of the tools on offer; None where the row does not say.

    Raises:
        Invalid: E110-E112 for a call, E210 or E211 for one that pairs with no result, or the other way round.
    """
    offer = _offer(tools) if tools else None
    open_calls: dict[str | None, str] | None = None  # the id of a call: where it stands
    with_ids = False
    for i, message in enumerate(messages):
        if message.role == "tool":
            if open_calls is None:
                _check_text_before(messages, i, places[i])
            else:
                _answer(open_calls, with_ids, message.tool_call_id, places[i])
            continue
        if not message.tool_calls:
            _check_answered(open_calls)
            open_calls, with_ids = None, False
            continue
        open_calls = {} if open_calls is None else open_calls
        for call in _calls.decode(message.tool_calls):
            _check_call(call, offer, places[i])
            open_calls[call.id] = places[i]
            with_ids = with_ids or call.id is not None


def _check_call(call: ToolCall, offer: dict[str, Any] | None, path: str) -> None:
    name, given = call.function.name, call.function.arguments
    data = b"{}" if given is UNSET else bytes(given)
    try:
        value = msgspec.json.decode(data)
        value = msgspec.json.decode(value) if isinstance(value, str) else value
    except (msgspec.DecodeError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Invalid("E110", path, f"the arguments of {shown(name)} are {shown(data)}")
    if offer is None:
        return
    if name not in offer:
        raise Invalid("E112", path, f"calls {shown(name)!r}; the tools on offer are {shown(', '.join(offer))}")
    wrong = misfit(value, offer[name])
    if wrong:
        raise Invalid("E111", path, f"the arguments of {shown(name)}: {shown(wrong)}")


@lru_cache(maxsize=256)
def _offer(tools: str) -> dict[str, Any] | None:
    """The schema of each tool's arguments by its name; None where the text is no list of named tools, or empty."""
    try:
        values = msgspec.json.decode(tools)
    except (msgspec.DecodeError, RecursionError):
        return None
    offer = {}
    for tool in values if isinstance(values, list) else [values]:
        function = tool.get("function", tool) if isinstance(tool, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            return None
        offer[function["name"]] = function.get("parameters", function.get("input_schema"))
    return offer or None


def _answer(open_calls: dict[str | None, str], with_ids: bool, answered: str | None, path: str) -> None:
    """Take out of `open_calls` what a result answers: without ids it may be any call before it, or all."""
    if not answered or not with_ids:
        open_calls.clear()
    elif answered in open_calls:
        del open_calls[answered]
    elif None in open_calls:
        del open_calls[None]
    else:
        raise Invalid("E210", path, f"the result is for {shown(answered)!r}, and no open call before it has that id")


def _check_text_before(messages: list[Message], i: int, path: str) -> None:
    before = messages[i - 1]
    if before.role != "tool" and before.parts is None and not CALL_IN_TEXT.search(before.content):
        raise Invalid("E210", path, "the result follows a turn that calls no tool")


def _check_answered(open_calls: dict[str | None, str] | None) -> None:
    for own, path in (open_calls or {}).items():
        raise Invalid("E211", path, f"the call{f' {shown(own)!r}' if own else ''} has no result, and the row goes on")
