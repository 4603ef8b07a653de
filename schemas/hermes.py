"""Calls of tools written as text, as Hermes and Qwen write them: read as calls, and written so, on request.

the text of a turn                                     the turn
Let me look.\n<tool_call>\n{"name": ..}\n</tool_call>  content "Let me look." and its tool_calls
<tool_response>\n12\n</tool_response>                  a result, of role tool

Source: NousResearch/hermes-function-calling-v1; Qwen2.5's chat template.
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from schemas.calls import call_of, joined, lost_in_calls, read_calls, split
from schemas.problems import Invalid, shown
from schemas.record import Conversation, Message
from schemas.tool_pairs import check_tools

KEEP, FROM_TEXT, TO_TEXT = "keep", "from-text", "to-text"
CALL = re.compile(r"<tool_call>(.*?)</tool_call>", re.DOTALL)
RESULT = re.compile(r"<tool_response>(.*?)</tool_response>", re.DOTALL)


def read(record: Conversation, at: str, turns: int) -> Conversation:
    """The record with calls and results in the text of its turns as such; the same record where there are none.

    Turns of typed parts, and replies that have calls already, stay as they are.

    Args:
        record: a row.
        at: JSON path of its turns.
        turns: how many stand there; what the record has more comes before them.

    Raises:
        Invalid: E104 for a call that is none, or has text after it; E110-E112, E210 and E211 as for other calls.
    """
    paths = [f"{at}[{i}]" if i >= 0 else "$" for i in range(turns - len(record.messages), turns)]
    messages: list[Message] = []
    places: list[str] = []
    for message, path in zip(record.messages, paths, strict=True):
        made = _read_turn(message, path) if message.parts is None and not message.tool_calls else [message]
        messages += made
        places += [path] * len(made)
    if messages == record.messages:
        return record
    check_tools(messages, places, record.tools)
    return replace(record, messages=messages)


def _read_turn(message: Message, path: str) -> list[Message]:
    if message.role == "assistant" and "<tool_call>" in message.content:
        return [_calling(message, path)]
    if message.role in ("tool", "user") and "<tool_response>" in message.content:
        results = RESULT.findall(message.content)
        if results and not RESULT.sub("", message.content).strip():
            return [replace(message, role="tool", content=result.strip("\n")) for result in results]
    return [message]


def _calling(message: Message, path: str) -> Message:
    text, _, rest = message.content.partition("<tool_call>")
    if CALL.sub("", "<tool_call>" + rest).strip():
        raise Invalid("E104", path, f"found {shown(message.content)!r}, a call without its end or with text after it")
    calls = joined([read_calls(found.strip().encode(), path) for found in CALL.findall(message.content)])
    return replace(message, content=text.strip(), tool_calls=calls)


def write(record: Conversation) -> tuple[Conversation, list[str]]:
    """(the record with its calls and their results as text, the names of what is lost); the same where there are none.

    Turns of typed parts stay as they are.
    """
    lost: list[str] = []
    messages = []
    for message in record.messages:
        if message.parts is None and message.tool_calls:
            lost += lost_in_calls(message.tool_calls)
            calls = [f"<tool_call>\n{call_of(call)}\n</tool_call>" for call in split(message.tool_calls)]
            text = "\n".join([message.content] * bool(message.content) + calls)
            messages.append(replace(message, content=text, tool_calls=None))
        elif message.parts is None and message.role == "tool":
            messages.append(replace(message, content=f"<tool_response>\n{message.content}\n</tool_response>"))
        else:
            messages.append(message)
    return (record if messages == record.messages else replace(record, messages=messages)), lost
