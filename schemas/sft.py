"""SFT messages: role/content with tool_calls, typed parts and per-message weight; OpenAI's files are this.

Source: OpenAI's fine-tuning format (weight, tool_calls), LLaMA-Factory's v1 data (loss_weight), Axolotl (train).
"""

from __future__ import annotations

from schemas.check import conversation as check_turns
from schemas.record import Conversation, Message
from schemas.row import UNSET, Format, Optional, Row, Shape, raw_of, text_of
from schemas.turns import Turn, read_turns, write_turns


class Sft(Row, kw_only=False):
    """messages is required; tools is a list."""

    messages: list[Turn]


def read(row: Sft) -> Conversation:
    """The record.  Raises Invalid E101-E105 for a turn, E201-E207 for their order."""
    messages = read_turns(row.messages, "$.messages")
    places = list(range(len(messages)))
    system = text_of(row.system)
    if system:
        messages.insert(0, Message("system", system))
        places.insert(0, -1)
    check_turns(messages, places, "$.messages")
    return Conversation(messages, tools=tools_text(row.tools))


def tools_text(raw: Optional) -> str | None:
    """The JSON text of the tools, whether they were written as a list or as text."""
    if raw is UNSET or bytes(raw) == b"null":  # type: ignore[arg-type]
        return None
    text = text_of(raw)
    return (text or None) if text is not None else bytes(raw).decode()  # type: ignore[arg-type]


def tools_value(tools: str) -> Optional:
    """Tools as a JSON list where the text is one, else as text."""
    import msgspec

    try:
        is_list = isinstance(msgspec.json.decode(tools), list)
    except (msgspec.DecodeError, UnicodeEncodeError):
        is_list = False
    return msgspec.Raw(tools.encode()) if is_list else raw_of(tools)


def write(conversation: Conversation) -> Sft:
    """The row; everything the record has fits."""
    row = Sft(write_turns(conversation.messages, parts=True, name="sft"))
    if conversation.tools:
        row.tools = tools_value(conversation.tools)
    return row


FORMAT = Format(
    name="sft",
    title="SFT messages",
    shapes=(Shape("sft", Sft, read, ("messages",), turns="messages", turn=Turn),),
    write=write,
    names=frozenset({"tools"}),
    multi_turn=True,
    tool_turns=True,
    example='{"messages": [{"role": "user", "content": "Name a prime."}, {"role": "assistant", "content": "2"}]}',
)
