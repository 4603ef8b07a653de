"""What of a row the file that it is written to cannot hold, by kind of file.

A cell of CSV is text, and an empty one is no field.  Parquet and Arrow have one schema for all rows, so that a null
cannot be told from a field that the row does not have, and their decimals have 64 bits.  Text files lose nothing.
Objects whose fields come in another order, and 1 that comes back as 1.0, are the same JSON values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec

from curate.io.arrow import TURN_COLUMNS
from curate.io.delimited import as_fields, cell_of, value_of

# Fields that mean the same when they are empty or null as when they are not there, if the format names them.
NO_VALUE = frozenset({"system", "tools", "input", "context", "history"})
NO_TURN_VALUE = frozenset({"content", "value", "text", "tool_calls", "tool_call_id", "name"})
TURNS = frozenset({"messages", "conversations"})
LONG = re.compile(rb"\d[\d.]{15}|\d[eE]")

Losses = Callable[[bytes, frozenset[str]], list[str]]


def losses(kind: str) -> Losses | None:
    """What names the losses of a row of JSON text, None for a kind of file that has none.

    A name says where the value stood and, in brackets, what it was: `meta.k (null in parquet)`.

    Args:
        kind: of the file, as `container.output_kind` says.
    """
    found = {"csv": _of_cells, "tsv": _of_cells, "parquet": _of_columns, "arrow": _of_columns}.get(kind)
    if found is None:
        return None

    def named(row: bytes, own: frozenset[str]) -> list[str]:
        try:
            return [f"{what} in {kind})" for what in found(row, own)]
        except RecursionError:  # no table holds a row that nests so deeply, and its writer says so
            return []

    return named


def _of_cells(row: bytes, own: frozenset[str]) -> Iterator[str]:
    for name, raw in as_fields(row).items():
        cell = cell_of(raw)
        is_text = raw_kind(raw) == "text"
        if not cell:
            if name not in NO_VALUE or name not in own:
                yield f"{name} ({'empty text' if is_text else 'null'}"
        elif isinstance(value_of(name, cell), str) != is_text:
            yield f"{name} ({'text of JSON' if is_text else raw_kind(raw)}"


def raw_kind(raw: msgspec.Raw) -> str:
    """What a JSON value is, in a word or two."""
    first = bytes(raw)[:1]
    kinds = {
        b'"': "text",
        b"{": "an object",
        b"[": "a list",
        b"n": "null",
        b"t": "true or false",
        b"f": "true or false",
    }
    return kinds.get(first, "a number")


def _of_columns(row: bytes, own: frozenset[str]) -> Iterator[str]:
    if b"null" in row or LONG.search(row):
        fields = json.loads(row, parse_int=float, parse_float=_decimal)
        for name, value in fields.items() if isinstance(fields, dict) else (("messages", fields),):
            if value is not None:
                yield from _in_value(name, value, name in TURNS)
            elif name not in NO_VALUE or name not in own:
                yield f"{name} (null"
    for name in TURN_COLUMNS if b'":"[' in row or b'": "[' in row else ():
        raw = as_fields(row).get(name)
        if raw is not None and raw_kind(raw) == "text" and not isinstance(value_of(name, cell_of(raw)), str):
            yield f"{name} (text of JSON"


def _decimal(text: str) -> Any:
    """The number, or `...` for digits that a decimal of 64 bits does not hold."""
    value = float(text)
    return value if Decimal(repr(value)) == Decimal(text) else ...


def _in_value(path: str, value: Any, is_turns: bool) -> Iterator[str]:
    if value is ...:
        yield f"{path} (digits"
    elif isinstance(value, list):
        for part in value:
            yield from _in_value(f"{path}[]", part, is_turns)
    elif isinstance(value, dict):
        for name, part in value.items():
            if part is not None:
                yield from _in_value(f"{path}.{name}", part, False)
            elif not (is_turns and name in NO_TURN_VALUE):
                yield f"{path}.{name} (null"
