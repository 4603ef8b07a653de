"""SFT messages: role/content with tool_calls, typed parts and per-message weight; OpenAI's files are this.

Source: OpenAI's fine-tuning format (weight, tool_calls), LLaMA-Factory's v1 data (loss_weight), Axolotl (train).
"""

from __future__ import annotations

from typing import Any

import msgspec

from schemas import openai_batch
from schemas.call_turns import tools_of_functions
from schemas.record import Conversation
from schemas.row import UNSET, Format, Optional, Row, Shape, Variant, json_of, one_line, raw_of, tools_of
from schemas.sharegpt import ShareGPTTurn, read_senders
from schemas.turn_style import not_only_senders, only_senders
from schemas.turns import Turn, loses, read_conversation, write_turns

_list = msgspec.json.Decoder(list[msgspec.Raw])


class Sft(Row, kw_only=False):
    """messages is required; tools is a list, as is functions, its older form."""

    messages: list[Turn]
    functions: Optional = UNSET


class SftOfSenders(Row, kw_only=False):
    """Turns of from and value under messages, which is required."""

    messages: list[ShareGPTTurn]


def read_borrowed(row: SftOfSenders) -> Conversation:
    """The record.  Raises Invalid E102-E108 for a turn, E201-E208 for their order."""
    return read_senders(row.messages, row.system, "$.messages", tools_of(row))


def read(row: Sft) -> Conversation:
    """The record.  Raises Invalid E101-E108 for a turn, E201-E208 for their order."""
    return read_with_functions(row, row.functions, "$.messages")


def read_with_functions(row: Any, functions: Optional, at: str) -> Conversation:
    """The record of a row of role/content turns; beside tools its functions are a further field.

    Args:
        row: of SFT or ChatML, which has messages, system and tools.
        functions: its functions, which are its tools where it has no others.
        at: JSON path of the messages.

    Raises:
        Invalid: see `read_conversation`.
    """
    if functions is not UNSET and tools_of(row) is None:
        tools = tools_of_functions(functions)
        if tools is not None:
            row.tools, functions = msgspec.Raw(tools.encode()), UNSET
    record = read_conversation(row.messages, row.system, at, tools_of(row))
    if functions is not UNSET:
        record.extra = {"functions": json_of(functions)}
    return record


def functions_of(record: Conversation) -> Optional:
    """The functions that a record has as a further field."""
    value = (record.extra or {}).get("functions")
    return UNSET if value is None else msgspec.Raw(value.encode())


def tools_value(tools: str) -> Optional:
    """Tools as a JSON list where the text is one, else as text."""
    try:
        is_list = _list.decode(tools) is not None
    except (msgspec.DecodeError, UnicodeEncodeError):
        is_list = False
    return msgspec.Raw(one_line(tools.encode())) if is_list else raw_of(tools)


def write(conversation: Conversation, weight: str = "weight") -> Sft:
    """The row; everything the record has fits.

    Args:
        conversation: the record.
        weight: the field for a turn's weight, or `train` for a truth value.
    """
    row = Sft(write_turns(conversation.messages, weight))
    if conversation.tools:
        row.tools = tools_value(conversation.tools)
    row.functions = functions_of(conversation)
    return row


def write_loss_weight(conversation: Conversation) -> Sft:
    """The row with each turn's weight under `loss_weight`."""
    return write(conversation, "loss_weight")


def write_train(conversation: Conversation) -> Sft:
    """The row with each turn's weight as a truth value under `train`; a share of the loss stays under `weight`."""
    return write(conversation, "train")


FORMAT = Format(
    name="sft",
    title="SFT messages",
    shapes=(
        Shape("sft", Sft, read, ("messages",), turns="messages", turn=Turn, shows=not_only_senders),
        Shape(
            "from/value",
            SftOfSenders,
            read_borrowed,
            ("messages",),
            turns="messages",
            turn=ShareGPTTurn,
            shows=only_senders,
            borrowed=True,
        ),
        *openai_batch.SHAPES,
    ),
    write=write,
    loses=loses,
    names=frozenset({"tools"}),
    multi_turn=True,
    tool_turns=True,
    example='{"messages": [{"role": "user", "content": "Name a prime."}, {"role": "assistant", "content": "2"}]}',
    source="OpenAI's fine-tuning files (weight, tool_calls), LLaMA-Factory's v1 data (loss_weight), Axolotl (train)",
    exchange=b'{"messages":[{"role":"user","content":%b},{"role":"assistant","content":%b}]}',
    variants=(
        Variant("loss-weight", "sft", write_loss_weight, loses, "a turn's weight under loss_weight"),
        Variant("train", "sft", write_train, loses, "a turn's weight as true or false under train"),
    ),
)
