"""Instruction-Tuning JSON: input_text, target_text."""

from __future__ import annotations

from schemas.check import exchange
from schemas.record import Conversation, Message
from schemas.row import UNSET, Format, Row, Shape, raw_of, single, text_of


class InstructionJson(Row, kw_only=False):
    """Both fields are required."""

    input_text: str
    target_text: str


def read(row: InstructionJson) -> Conversation:
    """The record.  Raises Invalid E202 or E203 for a blank side."""
    exchange(row.input_text, row.target_text, "$.input_text", "$.target_text")
    messages = [Message("user", row.input_text), Message("assistant", row.target_text)]
    system = text_of(row.system)
    if system:
        messages.insert(0, Message("system", system))
    return Conversation(messages)


def write(conversation: Conversation) -> InstructionJson:
    """The row.  Raises Invalid E301, E302, E303 where one exchange of text does not hold it."""
    system, prompt, response = single(conversation, "instruction-json")
    return InstructionJson(prompt, response, system=raw_of(system) if system else UNSET)


FORMAT = Format(
    name="instruction-json",
    title="Instruction-Tuning JSON",
    shapes=(Shape("instruction-json", InstructionJson, read, ("input_text", "target_text")),),
    write=write,
    names=frozenset(),
    multi_turn=False,
    tool_turns=False,
    example='{"input_text": "Name a prime.", "target_text": "2"}',
)
