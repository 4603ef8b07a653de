"""Instruction-Tuning JSON: input_text, target_text."""

from __future__ import annotations

from schemas.flat import Flat, loses, read_flat, single
from schemas.record import Conversation
from schemas.row import Format, Names, Shape

NAMES = Names("input_text", "", "target_text")


class InstructionJson(Flat, kw_only=False):
    """Both fields are required."""

    input_text: str
    target_text: str


def read(row: InstructionJson) -> Conversation:
    """The record.  Raises Invalid E202 or E203 for a blank side."""
    return read_flat(row, NAMES, row.input_text, None, row.target_text)


def write(conversation: Conversation) -> InstructionJson:
    """The row.  Raises Invalid E301, E302, E303 where one exchange of text does not hold it."""
    system, prompt, response = single(conversation, "instruction-json")
    return InstructionJson(prompt, response, system=system)


FORMAT = Format(
    name="instruction-json",
    title="Instruction-Tuning JSON",
    shapes=(Shape("instruction-json", InstructionJson, read, ("input_text", "target_text"), NAMES),),
    write=write,
    loses=loses,
    names=frozenset(),
    multi_turn=False,
    tool_turns=False,
    example='{"input_text": "Name a prime.", "target_text": "2"}',
    source="the column names of sequence-to-sequence trainers such as Simple Transformers' T5",
)
