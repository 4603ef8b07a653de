"""Conversations as messages of role and content, as Axolotl, TRL and Unsloth read them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from curate.export.job import Unfit
from curate.export.trainable import check_thoughts, check_trainable
from schemas.calls import openai_call
from schemas.record import Conversation
from schemas.template_tools import listed
from schemas.templates import Template, thought_text, written_turns
from schemas.thoughts import whole
from schemas.trainable import SaidTurn, Trainable


def messages(record: Conversation, template: Template | None) -> list[dict[str, Any]]:
    """The turns of a record, thoughts inline before their answers.

    Arguments of calls are objects where they are JSON, as chat templates want them.

    Args:
        record: the row.
        template: None for the model's own. One of ours is handed over as a chat template that knows no tools.

    Raises:
        Untrainable: for what cannot be trained on, and for tools that the template would leave out.
    """
    said = check_trainable(record)
    if template is not None:
        return _plain(record, said, template)
    turns = []
    for said_turn in said.turns:
        turn: dict[str, Any] = {"role": said_turn.role, "content": said_turn.thought() + said_turn.content()}
        if said_turn.calls():
            turn["tool_calls"] = [_with_object(call) for call in json.loads(said_turn.calls())]
        if said_turn.call_id:
            turn["tool_call_id"] = said_turn.call_id
        if said_turn.name:
            turn["name"] = said_turn.name
        turns.append(turn)
    return turns


def _plain(record: Conversation, said: Trainable, template: Template) -> list[dict[str, Any]]:
    if uses_tools(record):
        raise Unfit(
            "$.messages",
            f"the row calls or offers tools, and the template {template.name} is handed over without them",
            "take the model's own template (--template auto), or export for llamafactory",
        )
    said_turns, _ = written_turns(said, template)
    check_thoughts(said_turns, template)
    turns = [{"role": turn.role, "content": thought_text(turn, template) + turn.content()} for turn in said_turns]
    split = _split(record, template)
    if split is not None:
        at = max(i for i, turn in enumerate(turns) if turn["role"] == "user")
        turns[at]["content"] = split
        if turns[0]["role"] != "system":
            turns.insert(0, {"role": "system", "content": template.input_system})
        elif not turns[0]["content"]:
            turns[0]["content"] = template.input_system
    return turns


def _split(record: Conversation, template: Template) -> str | None:
    """The last user turn with its input where the template has a block for it, None where there is nothing to do."""
    at = record.boundary
    users = record.turns("user")
    if not template.input or at is None or not users[-1][at + 1 :]:
        return None
    before, _, after = template.user.partition("{content}")
    inner = template.input[len(before) : len(template.input) - len(after)]
    head, _, tail = inner.partition("{content}")
    return head + users[-1][:at] + tail.replace("{input}", users[-1][at + 1 :], 1)


def tools(record: Conversation) -> list[dict[str, Any]]:
    """The tools on offer, in OpenAI's shape."""
    return (listed(record.tools) if record.tools else None) or []


def uses_tools(record: Conversation) -> bool:
    """Whether tools are on offer or used."""
    return bool(tools(record)) or any(message.role == "tool" or message.tool_calls for message in record.messages)


def plain_calls(turn: SaidTurn) -> list[dict[str, Any]]:
    """The calls of a turn in OpenAI's shape without ids, arguments as the JSON text of a value.

    Raises:
        Unfit: for arguments that are no JSON.
    """
    calls = []
    for call in json.loads(turn.calls()):
        arguments = call["function"].get("arguments", "{}")
        text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
        try:
            json.loads(text)
        except ValueError:
            path, why = f"$.messages[{turn.index}]", f"the arguments {arguments!r} of a call are no JSON"
            raise Unfit(path, why, "write them as a JSON object") from None
        calls.append(openai_call(call["function"]["name"], text, None))
    return calls


def spaced(records: Iterable[Conversation]) -> bool:
    """Whether a turn begins or ends with white space, which Axolotl's and Unsloth's Llama 3 template would cut off."""
    texts = (whole(message) for record in records for message in record.messages)
    return any(text != text.strip() for text in texts)


def _with_object(call: dict[str, Any]) -> dict[str, Any]:
    function = call.get("function", call)
    arguments = function.get("arguments", {})
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except ValueError:
            return call
    function = {**function, "arguments": arguments}
    return {**call, "function": function} if "function" in call else function
