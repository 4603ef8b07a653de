"""Turns by column: a list for each field of the turns, as tables of nested values are read by `datasets`.

Source: Hugging Face datasets' Sequence of a struct, which becomes a struct of lists.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import msgspec
from msgspec import Raw

from schemas import sharegpt, turns
from schemas.problems import Invalid
from schemas.record import Conversation
from schemas.row import Format, Row, Shape
from schemas.sharegpt import ShareGPTTurn, read_senders
from schemas.turns import Turn, read_conversation, turn_decoder

SENDER = ("from", "value")
ROLE = ("role", "content")
_columns = msgspec.json.Decoder(dict[str, list[Raw]])
_fields = msgspec.json.Decoder(dict[str, Raw])
_encode = msgspec.json.Encoder().encode


class ConversationColumns(Row, kw_only=False):
    """Lists of senders and values under conversations."""

    conversations: dict[str, list[Raw]]


class MessageColumns(Row, kw_only=False):
    """Lists of roles and contents under messages."""

    messages: dict[str, list[Raw]]


class SenderColumns(Row, kw_only=False, rename={"sender": "from"}):
    """Lists of senders and values in the row itself."""

    sender: list[Raw]
    value: list[Raw]


class RoleColumns(Row, kw_only=False):
    """Lists of roles and contents in the row itself."""

    role: list[Raw]
    content: list[Raw]


def holds_columns(field: str, data: bytes) -> bool:
    """Whether a field of a row holds lists of roles or senders."""
    try:
        columns = _columns.decode(_fields.decode(data)[field])
    except (msgspec.DecodeError, RecursionError, KeyError):
        return False
    return any(columns.keys() >= set(names) for names in (SENDER, ROLE))


def are_lists(names: tuple[str, str], data: bytes) -> bool:
    """Whether these fields of a row hold lists."""
    return all(re.search(rb'"%b"\s*:\s*\[' % name.encode(), data) for name in names)


def read_field(field: str, row: Any) -> Conversation:
    """The record of a row whose field holds columns.

    Raises:
        Invalid: E101 for columns of different lengths, E102-E109 for a turn, E201-E208 for their order.
    """
    return _read(getattr(row, field), row, f"$.{field}")


def read_row(names: tuple[str, str], row: Any) -> Conversation:
    """The record of a row that has the columns itself; raises as `read_field` does."""
    columns = [getattr(row, attribute) for attribute in type(row).__struct_fields__[:2]]
    return _read(dict(zip(names, columns, strict=True)), row, "$")


def _read(columns: dict[str, list[Raw]], row: Row, at: str) -> Conversation:
    """The turns of columns; a null in one is a field that the turn does not have."""
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) != 1:
        found = ", ".join(f"{length} under {name}" for name, length in lengths.items())
        raise Invalid("E101", at, f"found {found}, expected lists of one length")
    cells = [
        {name: column[i] for name, column in columns.items() if bytes(column[i]) != b"null"}
        for i in range(next(iter(lengths.values())))
    ]
    senders = "from" in columns
    struct: type[msgspec.Struct] = ShareGPTTurn if senders else Turn
    own = sharegpt.FIELDS if senders else turns.FIELDS
    try:
        made = turn_decoder(struct, tuple(sorted(columns.keys() - own))).decode(_encode(cells))
    except msgspec.ValidationError as error:
        raise Invalid("E101", at, f"a turn of these columns does not fit: {error}") from None
    return read_senders(made, row.system, at) if senders else read_conversation(made, row.system, at)


def write(conversation: Conversation) -> ConversationColumns:
    """The row, with columns of from and value under conversations.  Raises Invalid E302 as ShareGPT does."""
    row = sharegpt.write(conversation)
    made = [_fields.decode(_encode(turn)) for turn in row.conversations]
    names = dict.fromkeys(name for turn in made for name in turn)
    columns = {name: [turn.get(name, Raw(b"null")) for turn in made] for name in names}
    return ConversationColumns(columns, system=row.system, tools=row.tools)


def _under(field: str, row: type[Row]) -> Shape:
    read, shows = partial(read_field, field), partial(holds_columns, field)
    return Shape(field, row, read, (field,), shows=shows, rank=1, mark="with a list for each field")


def _in_row(names: tuple[str, str], row: type[Row]) -> Shape:
    read, shows = partial(read_row, names), partial(are_lists, names)
    return Shape("/".join(names), row, read, names, shows=shows, mark="that are lists")


FORMAT = Format(
    name="turn-columns",
    title="Turns by column",
    shapes=(
        _under("conversations", ConversationColumns),
        _under("messages", MessageColumns),
        _in_row(SENDER, SenderColumns),
        _in_row(ROLE, RoleColumns),
    ),
    write=write,
    loses=sharegpt.loses,
    names=frozenset({"system", "tools"}),
    multi_turn=True,
    tool_turns=True,
    example='{"conversations": {"from": ["human", "gpt"], "value": ["Name a prime.", "2"]}}',
    source="Hugging Face datasets, which reads a sequence of structs as a struct of lists",
)
