"""Dolly: instruction, context, response, category.

Source: databricks-dolly-15k.  Its seven categories are metadata, never trained on.
"""

from __future__ import annotations

from schemas.check import exchange
from schemas.record import Conversation, Message
from schemas.row import UNSET, Format, Row, Shape, UnsetType, divided, joined, present, raw_of, single, text_of

CATEGORIES = (
    "Closed QA",
    "Open QA",
    "Information Extraction",
    "Summarization",
    "Brainstorming",
    "Classification",
    "Creative Writing",
)


class Dolly(Row, kw_only=False):
    """instruction and response are required; context may be empty, null or absent."""

    instruction: str
    context: str | UnsetType | None = UNSET
    response: str | UnsetType = UNSET


def read(row: Dolly) -> Conversation:
    """The record.  Raises Invalid E202 or E203 for a blank side."""
    prompt, boundary = joined(row.instruction, row.context or None)
    response = present(row.response, "response")
    exchange(prompt, response, "$.instruction", "$.response")
    messages = [Message("user", prompt), Message("assistant", response)]
    system = text_of(row.system)
    if system:
        messages.insert(0, Message("system", system))
    return Conversation(messages, boundary=boundary)


def write(conversation: Conversation) -> Dolly:
    """The row.  Raises Invalid E301, E302, E303 where one exchange of text does not hold it."""
    system, prompt, response = single(conversation, "dolly")
    instruction, context = divided(conversation, prompt)
    return Dolly(instruction, context, response, system=raw_of(system) if system else UNSET)


FORMAT = Format(
    name="dolly",
    title="Dolly",
    shapes=(Shape("dolly", Dolly, read, ("instruction", "response")),),
    write=write,
    names=frozenset({"category"}),
    multi_turn=False,
    tool_turns=False,
    example='{"instruction": "Name a prime.", "context": "", "response": "2", "category": "Open QA"}',
)
