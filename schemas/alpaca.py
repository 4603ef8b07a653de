"""Alpaca: instruction, input, output; also system and history.

Source: tatsu-lab/stanford_alpaca (the three fields), LLaMA-Factory's data README (system, history).
"""

from __future__ import annotations

from schemas.check import conversation as check_turns
from schemas.check import exchange
from schemas.problems import Invalid
from schemas.record import Conversation, Message
from schemas.row import UNSET, Format, Row, Shape, UnsetType, divided, joined, present, raw_of, text_of, text_only


class Alpaca(Row, kw_only=False):
    """instruction and output are required; input may be empty, null or absent."""

    instruction: str
    input: str | UnsetType | None = UNSET
    output: str | UnsetType = UNSET
    history: list[tuple[str, str]] | UnsetType | None = UNSET


def read(row: Alpaca) -> Conversation:
    """The record.  Raises Invalid E202 or E203 for a blank side."""
    prompt, boundary = joined(row.instruction, row.input or None)
    response = present(row.output, "output")
    exchange(prompt, response, "$.instruction", "$.output")
    messages = [Message("user", prompt), Message("assistant", response)]
    if row.history:
        earlier = [m for user, reply in row.history for m in (Message("user", user), Message("assistant", reply))]
        check_turns(earlier, list(range(len(earlier))), "$.history")
        messages = earlier + messages
    system = text_of(row.system)
    if system:
        messages.insert(0, Message("system", system))
    return Conversation(messages, boundary=boundary)


def write(conversation: Conversation) -> Alpaca:
    """The row; earlier exchanges go to history.  Raises Invalid E302, E303."""
    messages = conversation.messages
    system: object = UNSET
    if messages[0].role == "system":
        system = raw_of(messages[0].content)
        messages = messages[1:]
    for message in messages:
        if message.role == "tool" or message.tool_calls:
            raise Invalid("E303", "$", "the conversation calls tools; alpaca has no place for that")
        text_only(message, "alpaca")
    if len(messages) % 2:
        raise Invalid("E301", "$", "two assistant turns in a row; alpaca's history holds pairs")
    instruction, context = divided(conversation, messages[-2].content)
    row = Alpaca(instruction, context, messages[-1].content, system=system)  # type: ignore[arg-type]
    if len(messages) > 2:
        row.history = [(messages[i].content, messages[i + 1].content) for i in range(0, len(messages) - 2, 2)]
    return row


FORMAT = Format(
    name="alpaca",
    title="Alpaca",
    shapes=(Shape("alpaca", Alpaca, read, ("instruction", "output")),),
    write=write,
    names=frozenset({"system"}),
    multi_turn=True,
    tool_turns=False,
    example='{"instruction": "Name a prime.", "input": "", "output": "2"}',
)
