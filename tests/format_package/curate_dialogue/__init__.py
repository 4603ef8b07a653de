"""Dialogue: a list of lines, spoken by the user and the assistant in turn."""

from __future__ import annotations

from schemas import thoughts
from schemas.check import conversation as check_turns
from schemas.flat import loses
from schemas.pairs import pairs_of
from schemas.record import Conversation, Message
from schemas.row import UNSET, Format, Row, Shape, raw_of


class Dialogue(Row, kw_only=False):
    """dialogue is required: the user speaks first."""

    dialogue: list[str]


def read(row: Dialogue) -> Conversation:
    """The record.  Raises Invalid E201-E206 for blank lines, or where the last line is the user's."""
    messages = [Message(("user", "assistant")[i % 2], line) for i, line in enumerate(row.dialogue)]
    check_turns(messages, list(range(len(messages))), "$.dialogue")
    return Conversation(messages)


def write(conversation: Conversation) -> Dialogue:
    """The row, a system prompt beside it.  Raises Invalid E301-E303 for what is not pairs of texts."""
    system, pairs = pairs_of(conversation, "dialogue")
    lines = [line for prompt, reply in pairs for line in (prompt.content, thoughts.whole(reply))]
    return Dialogue(lines, system=UNSET if system is None else raw_of(system))


FORMAT = Format(
    name="dialogue",
    title="Dialogue",
    shapes=(Shape("dialogue", Dialogue, read, ("dialogue",)),),
    write=write,
    loses=loses,
    names=frozenset(),
    multi_turn=True,
    tool_turns=False,
    example='{"dialogue": ["Name a prime.", "2"]}',
    source="an example of a package that adds a format",
)
