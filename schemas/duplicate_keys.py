"""Keys that an object has twice, of which every reader of JSON keeps one and drops the others unsaid.

Decoders give no sign of them, so they are looked for in three steps, each for what the one before could not clear: the
text is compared with what was decoded from it, by their lengths or their keys; the row is decoded as a whole and its
keys are counted, or it is encoded again, which gives the same text unless something was dropped; its tokens are read
one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Raw

TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
OPENING = (b"{", b"[")
# Lengths say nothing of rows that do not write their blanks alike, as one does by hand; such files are short.
SHORT = 1 << 14
_rows = msgspec.json.Decoder(dict[str, Raw]).decode_lines
_turns = msgspec.json.Decoder(list[dict[str, Raw]]).decode_lines
_list = msgspec.json.Decoder(list[dict[str, Raw]]).decode
_value = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_encode_lines = msgspec.json.Encoder().encode_lines


class Twin(NamedTuple):
    """A key that its object has already.

    Attributes:
        path: JSON path of the key.
        first: the value under the key's first place, as it is written.
        second: the value under its second.
        start: where the second begins in the row, with the comma before it.
        end: where it ends.
    """

    path: str
    first: bytes
    second: bytes
    start: int
    end: int

    @property
    def same(self) -> bool:
        """Whether both values are the same but for blanks and escapes."""
        return self.first == self.second or _encode(_value(self.first)) == _encode(_value(self.second))


class _Open:
    """An object or list whose end has not been met."""

    __slots__ = ("at", "before", "fields", "index", "key")

    def __init__(self, is_object: bool) -> None:
        self.fields: dict[str, bytes] | None = {} if is_object else None
        self.key: str | None = None
        self.index = 0
        self.at = 0  # where the value begins
        self.before = 0  # where its key begins, or the comma before that

    def step(self) -> str:
        return f"[{self.index}]" if self.fields is None else f".{self.key}"


def suspects(rows: Sequence[bytes], text: bytes, turns: str) -> list[int]:
    """Positions of rows that may have a key twice.

    Args:
        rows: JSON objects.
        text: the rows, one a line.
        turns: the field that holds a list of turns; "" where there is none.
    """
    if len(text) < SHORT:
        return [i for i, row in enumerate(rows) if not _is_clear(row)]
    fields = _rows(text)
    lists = b"\n".join([row[turns] for row in fields]) if turns else b""
    of_rows = _turns(lists) if turns else []
    keys = sum(map(len, fields)) + sum([len(turn) for own in of_rows for turn in own])
    if not may_repeat(text, keys):
        return []
    whole = _is_whole(text, fields, fields)
    objects = [1] * len(rows)
    if turns and whole:
        whole = _is_whole(lists, of_rows, [turn for own in of_rows for turn in own])
        objects = [1 + len(own) for own in of_rows]
    if whole and text.count(b"{") == sum(objects):
        return []
    # A brace more begins an object within these, or stands in a text.
    closer = [
        i for i, row in enumerate(rows) if not whole or (row.count(b"{") != objects[i] and _nests(fields[i], turns))
    ]
    return [i for i in closer if not _is_clear(rows[i])]


def _nests(row: dict[str, Raw], turns: str) -> bool:
    """Whether a row has an object or a list other than its turns, or one of its turns has."""
    values = [raw for name, raw in row.items() if name != turns]
    values += [raw for turn in _list(row[turns]) for raw in turn.values()] if turns else []
    return any(bytes(raw)[:1] in OPENING for raw in values)


def _is_whole(text: bytes, values: Sequence[object], objects: Sequence[dict[str, Raw]]) -> bool:
    """Whether values that were decoded from lines are all that these hold, so that none of their objects lost a key.

    Args:
        text: the lines.
        values: (n,) objects, or lists of objects, of raw values; one for each line.
        objects: all these objects.
    """
    blanks = 2 * sum(map(len, objects)) - len(values) if is_spaced(text) else 0
    return len(text) + 1 - len(_encode_lines(values)) == blanks


def is_spaced(text: bytes) -> bool:
    """Whether a blank follows the first colon, as most programs write them, and then each colon and comma."""
    colon = text.find(b'":') + 2
    return text[colon : colon + 1] == b" "


def may_repeat(text: bytes, keys: int) -> bool:
    """Whether JSON text may have more keys than these.  False is sure; True only says that it takes a closer look.

    Args:
        text: one value or several.
        keys: how many keys were decoded from it.
    """
    found = text.count(b'":')
    if found != keys:
        if b"\\\\" in text:  # so that what is left of backslashes escapes what follows them
            text = text.replace(b"\\\\", b"")
        if found - text.count(b'\\":') != keys:
            return True
    return b'" :' in text or b"\t" in text


def _is_clear(row: bytes) -> bool:
    """Whether a row has surely no key twice: decoded, it has as many keys as its text, or gives the same text."""
    try:
        value = _value(row)
        return not may_repeat(row, _count(value)) or _encode(value) == msgspec.json.format(row, indent=-1)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, OverflowError):
        return False


def _count(value: object) -> int:
    """How many keys the objects of a JSON value have."""
    keys = 0
    rest = [value]
    while rest:
        part = rest.pop()
        if type(part) is dict:
            keys += len(part)
            rest += part.values()
        elif type(part) is list:
            rest += part
    return keys


def first_twin(row: bytes, keys: int = -1) -> Twin | None:
    """The first key that an object of the row has twice, None if there is none.

    Args:
        row: JSON text.
        keys: how many keys its own object has, where that is known.
    """
    if (keys >= 0 and not may_repeat(row, keys)) or _is_clear(row):
        return None
    return next(twins(row), None)


def without_copies(row: bytes) -> tuple[bytes, list[str]] | None:
    """(the row without second places of a key and its value, their paths); None if two values of a key differ."""
    cuts = list(twins(row))
    if not all(twin.same for twin in cuts):
        return None
    pieces, kept_to = [], 0
    for twin in sorted(cuts, key=lambda twin: twin.start):
        if twin.start >= kept_to:  # an inner one may lie within an outer one
            pieces.append(row[kept_to : twin.start])
            kept_to = twin.end
    return b"".join((*pieces, row[kept_to:])), [twin.path for twin in cuts]


def twins(row: bytes) -> Iterator[Twin]:
    """All keys of JSON text that stand in their object for a second time or more, inner ones before outer ones."""
    stack: list[_Open] = []
    comma = end = 0
    for match in TOKEN.finditer(row):
        token, top = match[0], stack[-1] if stack else None
        if token in (b"{", b"["):
            if top is not None and not (top.fields is not None and top.key is None):
                top.at = top.at or match.start()
            stack.append(_Open(token == b"{"))
        elif token in (b",", b"}", b"]") and top is not None:
            twin = _closed(stack, row, end)
            if twin:
                yield twin
            top.index += 1
            comma = match.start()
            if token != b",":
                stack.pop()
        elif token != b":" and top is not None and top.fields is not None:
            if top.key is None:
                top.key, top.before = _name(token), comma if top.fields else match.start()
            elif not top.at:
                top.at = match.start()
        end = match.end()


def _closed(stack: Sequence[_Open], row: bytes, end: int) -> Twin | None:
    """The twin that ends here, if it is one; takes note of the key otherwise."""
    top = stack[-1]
    if top.key is None or top.fields is None:
        top.at = 0
        return None
    key, value = top.key, row[top.at : end]
    twin = None
    if key in top.fields:
        # A path is put together only where it is wanted, or deep rows would take quadratic time.
        path = "".join(part.step() for part in stack)
        twin = Twin(f"${path}", top.fields[key], value, top.before, end)
    else:
        top.fields[key] = value
    top.key, top.at = None, 0
    return twin


def _name(token: bytes) -> str:
    return msgspec.json.decode(token, type=str) if b"\\" in token else token[1:-1].decode("utf-8", "replace")
