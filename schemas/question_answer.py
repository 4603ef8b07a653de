"""Pairs of a prompt and a response under common names of no published format, as question and answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from schemas.field_names import COMMON, NOT_PAIRS
from schemas.flat import Flat, divided, loses, read_flat, single
from schemas.record import Conversation
from schemas.row import Format, Names, Shape, fields_of


def has_texts(names: Names, data: bytes) -> bool:
    """Whether a row has text under the names, and no field that says that it is no plain pair."""
    fields = fields_of(data)
    if fields is None:
        return False
    sides = (fields.get(names.prompt), fields.get(names.response))
    return all(side is not None and bytes(side)[:1] == b'"' for side in sides) and NOT_PAIRS.isdisjoint(fields)


def read(names: Names, row: Any) -> Conversation:
    """The record.  Raises Invalid E102, E101, E201-E206; see `read_flat`."""
    return read_flat(row, names, row.prompt, row.context if names.context else None, row.response)


def write(conversation: Conversation) -> Any:
    """The row, of question, context and answer.  Raises Invalid E301, E302, E303 where that does not hold it."""
    system, prompt, response = single(conversation, "question-answer")
    question, context = divided(conversation, prompt)
    row: Any = SHAPES[0].row
    return row(prompt=question, context=context or UNSET, response=response, system=system)


def _shape(number: int, names: Names) -> Shape:
    label = f"{names.prompt}/{names.response}"
    fields: list[Any] = [
        ("prompt", str | UnsetType, msgspec.field(name=names.prompt, default=UNSET)),
        ("response", str | UnsetType, msgspec.field(name=names.response, default=UNSET)),
    ]
    if names.context:  # in the order in which the fast path writes them
        fields.insert(1, ("context", str | UnsetType | None, msgspec.field(name=names.context, default=UNSET)))
    row = msgspec.defstruct(
        f"Pair{number}", fields, bases=(Flat,), omit_defaults=True, gc=False, forbid_unknown_fields=True
    )
    row.__doc__ = f"A row of {names.prompt} and {names.response}, both required."
    reader: Callable[[Any], Conversation] = partial(read, names)
    keys = (names.prompt, names.response)
    return Shape(label, row, reader, keys, names, shows=partial(has_texts, names), rank=-1)  # type: ignore[arg-type]


SHAPES = tuple(_shape(number, names) for number, names in enumerate(COMMON))
FORMAT = Format(
    name="question-answer",
    title="Question and answer",
    shapes=SHAPES,
    write=write,
    loses=loses,
    names=frozenset(),
    multi_turn=False,
    tool_turns=False,
    example='{"question": "Name a prime.", "answer": "2"}',
    source="common names of the two fields, as in GSM8K, NuminaMath, FLAN and Chinese question sets",
)
