"""Firefly: a list of pairs of human and assistant under `conversation`.

Source: yangjianxin1/Firefly's training data and component/dataset.py (conversation_id, category, conversation, system).
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import UNSET

from schemas import thoughts
from schemas.check import conversation as check_turns
from schemas.pairs import lost_of_pairs, pairs_of
from schemas.record import Conversation, Message
from schemas.row import Format, Row, Shape, lead_with_system, raw_of
from schemas.turns import extras_of, take_fields, with_extra

HUMAN = re.compile(rb'"human"\s*:')


class FireflyTurn(msgspec.Struct, omit_defaults=True, gc=False, forbid_unknown_fields=True):
    """A prompt and its response."""

    human: str
    assistant: str


FIELDS = frozenset(FireflyTurn.__struct_fields__)


class Firefly(Row, kw_only=False):
    """conversation is required."""

    conversation: list[FireflyTurn]


def has_human(data: bytes) -> bool:
    """Whether the text of a row has a field `human`."""
    return HUMAN.search(data) is not None


def read(row: Firefly) -> Conversation:
    """The record.  Raises Invalid E108 or E109 for a weight, E201-E203 for blank turns."""
    messages: list[Message] = []
    places: list[int] = []
    lead_with_system(messages, places, row.system)
    for i, pair in enumerate(row.conversation):
        reply = Message("assistant", pair.assistant)
        if type(pair) is not FireflyTurn:
            reply.extra = extras_of(pair)
            take_fields(reply, {}, f"$.conversation[{i}]")
        messages += [Message("user", pair.human), reply]
        places += [i, i]
    check_turns(messages, places, "$.conversation")
    return Conversation(messages)


def write(conversation: Conversation) -> Firefly:
    """The row, a system prompt beside it.  Raises Invalid E301, E302, E303 for what is not pairs of texts."""
    system, pairs = pairs_of(conversation, "firefly")
    turns: list[Any] = [
        with_extra(FireflyTurn(prompt.content, thoughts.beside_field(reply)), reply, FIELDS) for prompt, reply in pairs
    ]
    return Firefly(turns, system=UNSET if system is None else raw_of(system))


def loses(conversation: Conversation) -> list[str]:
    """Names of what turns hold and pairs do not."""
    return lost_of_pairs(conversation, FIELDS, False)


FORMAT = Format(
    name="firefly",
    title="Firefly",
    shapes=(
        Shape(
            "firefly",
            Firefly,
            read,
            ("conversation",),
            turns="conversation",
            turn=FireflyTurn,
            shows=has_human,
            rank=1,
            mark="with `human` in it",
        ),
    ),
    write=write,
    loses=loses,
    names=frozenset({"system", "category"}),
    multi_turn=True,
    tool_turns=False,
    example='{"conversation": [{"human": "Name a prime.", "assistant": "2"}], "category": "numbers"}',
    source="yangjianxin1/Firefly's training data",
)
