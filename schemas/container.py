"""Rows that do not lie one a line: several in a line, a list of them, a comma after each, ragged records."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec
from msgspec import Raw

# What the fields of a turn are called; a list of objects that have some of them is a conversation.
TURN_FIELDS = frozenset({"role", "content", "from", "value", "parts"})
RAGGED = re.compile(rb"a record of (\d+) cells? under (\d+) names?: ")
BLANK = re.compile(r"[ \t\r\n]*")
BETWEEN = re.compile(r"[ \t\r\n]*,?[ \t\r\n]*")
_items = msgspec.json.Decoder(list[Raw])
_objects = msgspec.json.Decoder(list[dict[str, Raw]])
_value = json.JSONDecoder(parse_int=float, strict=False).raw_decode


def ragged(cells: bytes, count: int, names: int) -> bytes:
    """What stands for a record of a table that has not a cell for each name of the header, for the reader to report.

    Args:
        cells: the cells as a JSON list.
        count: how many they are.
        names: how many names the header has.
    """
    return b"a record of %d cell%b under %d name%b: %b" % (
        count,
        b"s" * (count != 1),
        names,
        b"s" * (names != 1),
        cells,
    )


def listed_rows(data: bytes) -> int:
    """How many rows a JSON list holds; 0 if it is no list of rows: a conversation, or a list of other values."""
    try:
        objects = _objects.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return 0
    return 0 if any(not TURN_FIELDS.isdisjoint(fields) or not fields for fields in objects) else len(objects)


def values_of(data: bytes) -> list[bytes]:
    """The objects and lists that follow one another in a line, with or without commas; none if it has anything else."""
    try:
        text = data.decode()
        return [text[start:end].encode() for start, end in _values(text)]
    except (ValueError, RecursionError):
        return []


def _values(text: str) -> Iterator[tuple[int, int]]:
    """Where the values begin and end.  Raises ValueError for a text that has anything else."""
    at = _after(BLANK, text, 0)
    while at < len(text):
        if text[at] not in "{[":
            raise ValueError("neither an object nor a list")
        _, end = _value(text, at)
        yield at, end
        at = _after(BETWEEN, text, end)


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def rows_of_line(data: bytes) -> list[bytes]:
    """The rows of a line: itself, or those that it holds if they are several or a list of rows."""
    if data.lstrip()[:1] == b"[" and listed_rows(data):
        return [bytes(item) for item in _items.decode(data)]
    try:
        msgspec.json.decode(data, type=Raw)
    except (msgspec.DecodeError, RecursionError):
        values = values_of(data)
        if len(values) > 1:
            return [row for value in values for row in rows_of_line(value)]
    return [data]
