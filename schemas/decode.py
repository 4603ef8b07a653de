"""Bytes to records, a block of rows at a time, with every row accounted for.

The struct of a shape forbids fields it does not know, so that a row either decodes in one pass or shows
that it has more.  Such fields are then learnt: a struct derived from the shape's own, with them as raw
JSON, decodes the next rows in one pass again.
"""

from __future__ import annotations

import re
import types
from collections.abc import Sequence

import msgspec
from msgspec import UNSET, Raw, UnsetType

from schemas.problems import CODES, Invalid, Problem, shown
from schemas.record import Conversation
from schemas.row import CARRIED, Format, Row, Shape, text_of

PATH = re.compile(r" - at `(\$.*)`$")
UNCARRIABLE = re.compile(r'[\x00-\x1f"\\]')
MOST_LEARNT = 256

_fields = msgspec.json.Decoder(dict[str, Raw])


class Read(msgspec.Struct, gc=False):
    """What a row was read as.  row: the struct, for writers that pass it on; format, shape: which."""

    conversation: Conversation
    format: Format
    shape: Shape


class ShapeDecoder:
    """Decodes the rows of one shape, learning the fields that they carry beyond it."""

    def __init__(self, format: Format, shape: Shape) -> None:
        self.format = format
        self.shape = shape
        self.row_fields = _named(shape.row)
        self.turn_fields = _named(shape.turn) if shape.turn else frozenset()
        self.learn([], [])

    def learn(self, row_names: Sequence[str], turn_names: Sequence[str]) -> None:
        """Rebuild the decoder so that it takes these fields too."""
        self.row_names = tuple(row_names)
        self.turn_names = tuple(turn_names)
        row = self.shape.row
        if self.turn_names:
            assert self.shape.turn is not None
            turn = _with(self.shape.turn, self.turn_names)
            row = msgspec.defstruct(  # type: ignore[assignment]
                row.__name__,
                [(self.shape.turns, types.GenericAlias(list, (turn,)))],
                bases=(row,),
                forbid_unknown_fields=True,
                gc=False,
            )
        if self.row_names:
            row = _with(row, self.row_names)  # type: ignore[assignment]
        self.extras = [(f"x{i}", name) for i, name in enumerate(self.row_names)]
        self.decoder = msgspec.json.Decoder(row)

    def record(self, row: Row) -> Conversation:
        """The record of a decoded row: the format's reading, and what the row carries beside it."""
        record = self.shape.read(row)
        if row.id is not UNSET or row.category is not UNSET or row.source is not UNSET:
            for name in ("id", "category", "source"):
                _metadata(record, name, getattr(row, name))
        if row.system is not UNSET and bytes(row.system) != b"null" and text_of(row.system) is None:
            raise Invalid("E101", "$.system", f"found {shown(bytes(row.system))}, expected text")
        if row.tools is not UNSET and record.tools is None:
            record.tools = _tools(row.tools)
        if self.extras:
            for attribute, name in self.extras:
                value = getattr(row, attribute)
                if value is not UNSET:
                    if record.extra is None:
                        record.extra = {}
                    record.extra[name] = bytes(value).decode()
        return record


class RowDecoder:
    """Decodes rows that are in any of the given formats.

    formats: one for a file that is all of a kind, several for a mixed one.
    """

    def __init__(self, formats: Sequence[Format]) -> None:
        self.formats = formats
        self.decoders = [ShapeDecoder(format, shape) for format in formats for shape in format.shapes]
        self.last = next((d for d in self.decoders if not d.shape.wrap), self.decoders[0])

    def block(self, rows: Sequence[bytes]) -> list[Read | Problem]:
        """One result for every row, in order: what it was read as, or the problem it has."""
        decoder = self.last
        if not decoder.shape.wrap:
            try:
                decoded = decoder.decoder.decode_lines(b"\n".join(rows))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                decoded = []
            if len(decoded) == len(rows) and not (len(self.decoders) > 1 and decoder.shape.keys == ()):
                return [self._read(decoder, row) for row in decoded]
        return [self.one(row) for row in rows]

    def _read(self, decoder: ShapeDecoder, row: Row) -> Read | Problem:
        try:
            return Read(decoder.record(row), decoder.format, decoder.shape)
        except Invalid as invalid:
            return invalid.problem
        except UnicodeDecodeError:
            return _problem("E002", "$", "a field's bytes are not UTF-8")

    def one(self, data: bytes) -> Read | Problem:
        """What one row is read as, by the shape that fits it best."""
        try:
            data.decode()
        except UnicodeDecodeError as error:
            return _problem(
                "E002",
                "$",
                f"byte {error.start} is {data[error.start]:#04x}: {shown(data[max(0, error.start - 20) :])}",
            )
        try:
            kind, names = opening(data)
        except (msgspec.DecodeError, RecursionError) as error:
            return not_json(data, error)
        decoder = self.best(kind, names)
        if decoder is None:
            kinds = " or ".join(f.title for f in self.formats) if len(self.formats) < 3 else "any format"
            return _problem("E003", "$", f"found {shown(data)}, which is no row of {kinds}")
        if decoder.shape.wrap:
            data = b'{"%s":%s}' % (decoder.shape.wrap.encode(), data)
            names = [decoder.shape.wrap]
        return self._decode(decoder, data, names)

    def best(self, kind: str, names: Sequence[str]) -> ShapeDecoder | None:
        """The shape for a row that opens with `kind` and has these field names; None if no shape opens so."""
        if kind == "[":
            return next((d for d in self.decoders if d.shape.wrap), None)
        objects = [d for d in self.decoders if not d.shape.wrap]
        if kind != "{" or not objects:
            return None
        return max(objects, key=lambda d: fit(d.shape, d.row_fields, names))

    def _decode(self, decoder: ShapeDecoder, data: bytes, names: Sequence[str]) -> Read | Problem:
        unknown = [n for n in names if n not in decoder.row_fields]
        turn_unknown = _turn_names(decoder, data)
        for name in (*unknown, *turn_unknown):
            if UNCARRIABLE.search(name):
                return _problem("E005", "$", f"the field name {name!r} cannot be carried")
        new = [n for n in unknown if n not in decoder.row_names]
        turn_new = [n for n in turn_unknown if n not in decoder.turn_names]
        if new or turn_new:
            kept, turn_kept = decoder.row_names, decoder.turn_names
            if len(kept) + len(new) > MOST_LEARNT:
                kept = ()
                new = unknown
            if len(turn_kept) + len(turn_new) > MOST_LEARNT:
                turn_kept = ()
                turn_new = turn_unknown
            decoder.learn([*kept, *new], [*turn_kept, *turn_new])
        try:
            row = decoder.decoder.decode(data)
        except (msgspec.DecodeError, RecursionError) as error:
            return misfit(decoder.shape, data, error)
        if not decoder.shape.wrap:
            self.last = decoder
        return self._read(decoder, row)


def fit(shape: Shape, fields: frozenset[str], names: Sequence[str]) -> tuple[int, int, int]:
    """How well a row with these field names fits a shape; the larger the better.

    Compares, in this order: whether all telling names are there, how many of them are, how many names are known.
    """
    have = sum(key in names for key in shape.keys)
    own = sum(name in fields and name not in CARRIED for name in names)
    return (int(have == len(shape.keys)), have + own, -sum(name not in fields for name in names))


def opening(data: bytes) -> tuple[str, list[str]]:
    """The first character of a JSON value, and the field names if it is an object.

    Raises msgspec.DecodeError for text that is not JSON.
    """
    start = data.lstrip()[:1].decode()
    if start == "{":
        return start, list(_fields.decode(data))
    msgspec.json.decode(data, type=Raw)
    return start, []


def not_json(data: bytes, error: Exception) -> Problem:
    """The problem of a row that is not JSON, with its place in the row."""
    found = "nests too deeply" if isinstance(error, RecursionError) else str(error).removeprefix("JSON is malformed: ")
    at = re.search(r"\(byte (\d+)\)", found)
    near = f", near {shown(data[max(0, int(at[1]) - 20) : int(at[1]) + 20])}" if at else f": {shown(data)}"
    return _problem("E001", "$", f"{found}{near}")


def misfit(shape: Shape, data: bytes, error: Exception) -> Problem:
    """The problem of a row that is JSON but does not decode into its shape."""
    text = str(error)
    place = PATH.search(text)
    path = place[1] if place else "$"
    message = text[: place.start()] if place else text
    if shape.wrap:
        path = path.replace(f"$.{shape.wrap}", "$", 1)
        data = data[data.index(b":") + 1 : -1]
    if "missing required field" in message:
        field = message.rsplit("`", 2)[1]
        return _problem("E102", f"{path}.{field}", f"the row has no {field}")
    if isinstance(error, msgspec.ValidationError):
        return _problem("E101" if path != "$" else "E003", path, f"found {_found(data, path, message)}")
    return not_json(data, error)


def _found(data: bytes, path: str, message: str) -> str:
    expected = message.replace("Expected", "expected").replace("`", "")
    expected = expected.replace("array", "list").replace("str", "text", 1)
    top = re.match(r"\$\.([^.\[]+)", path)
    if top and data.lstrip()[:1] == b"{":
        value = _fields.decode(data).get(top[1])
        if value is not None:
            return f"{shown(bytes(value))}, {expected}"
    return f"{shown(data)}, {expected}"


def _problem(code: str, path: str, message: str) -> Problem:
    return Problem(code, path, message, CODES[code].remedy)


def _metadata(record: Conversation, name: str, raw: Raw | UnsetType) -> None:
    """Text becomes the record's metadata; other JSON values stay as they are, in extra."""
    if raw is UNSET:
        return
    text = text_of(raw)
    if text is not None:
        setattr(record, name, text)
    else:
        if record.extra is None:
            record.extra = {}
        record.extra[name] = bytes(raw).decode()  # type: ignore[arg-type]


def _tools(raw: Raw | UnsetType) -> str | None:
    text = text_of(raw)
    if text is not None:
        return text or None
    data = bytes(raw)  # type: ignore[arg-type]
    return None if data == b"null" else data.decode()


def _turn_names(decoder: ShapeDecoder, data: bytes) -> list[str]:
    """Names that turns of this row have beyond the turn's struct."""
    if decoder.shape.turn is None:
        return []
    value = _fields.decode(data).get(decoder.shape.turns)
    try:
        turns = msgspec.json.decode(value, type=list[dict[str, Raw]]) if value is not None else []
    except msgspec.DecodeError:
        return []
    return list(dict.fromkeys(name for turn in turns for name in turn if name not in decoder.turn_fields))


def _named(struct: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(field.encode_name for field in msgspec.structs.fields(struct))


def _with(struct: type[msgspec.Struct], names: Sequence[str]) -> type[msgspec.Struct]:
    """The struct with further optional fields of these JSON names."""
    fields = [(f"x{i}", Raw | UnsetType, msgspec.field(default=UNSET, name=name)) for i, name in enumerate(names)]
    return msgspec.defstruct(
        struct.__name__,
        fields,
        bases=(struct,),
        kw_only=True,
        forbid_unknown_fields=True,
        gc=False,  # type: ignore[arg-type]
    )
