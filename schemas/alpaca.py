"""Alpaca: instruction, input, output; also system and history.

Source: tatsu-lab/stanford_alpaca (the three fields), LLaMA-Factory's data README (system, history).
"""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from schemas import thoughts
from schemas.flat import Flat, divided, history, loses, read_flat, text_only
from schemas.problems import Invalid
from schemas.record import Conversation
from schemas.row import Format, Names, Optional, Shape, raw_of

NAMES = Names("instruction", "input", "output")


class Alpaca(Flat, kw_only=False):
    """instruction and output are required; input may be empty, null or absent."""

    instruction: str
    input: str | UnsetType | None = UNSET
    output: str | UnsetType = UNSET


def read(row: Alpaca) -> Conversation:
    """The record.  Raises Invalid E101, E102, E201-E206; see `read_flat`."""
    return read_flat(row, NAMES, row.instruction, row.input, row.output)


def write(conversation: Conversation) -> Alpaca:
    """The row; earlier exchanges go to history.  Raises Invalid E301, E302, E303."""
    messages = conversation.messages
    system: Optional = UNSET
    if messages[0].role == "system":
        text_only(messages[0], "alpaca")
        system = raw_of(messages[0].content)
        messages = messages[1:]
    for message in messages:
        if message.role == "tool" or message.tool_calls:
            raise Invalid("E303", "$", "the conversation calls tools; alpaca has no place for that")
        text_only(message, "alpaca")
    if len(messages) % 2:
        raise Invalid("E301", "$", "two assistant turns in a row; alpaca's history holds pairs")
    instruction, context = divided(conversation, messages[-2].content)
    row = Alpaca(instruction, context, thoughts.whole(messages[-1]), system=system)
    if len(messages) > 2:
        row.history = history(messages[:-2])
    return row


FORMAT = Format(
    name="alpaca",
    title="Alpaca",
    shapes=(Shape("alpaca", Alpaca, read, ("instruction", "output"), NAMES),),
    write=write,
    loses=loses,
    names=frozenset({"system"}),
    multi_turn=True,
    tool_turns=False,
    example='{"instruction": "Name a prime.", "input": "", "output": "2"}',
    source="tatsu-lab/stanford_alpaca; system and history as in LLaMA-Factory's data README",
)
