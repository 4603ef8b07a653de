"""Bytes to records, a block of rows at a time, with every row accounted for.

The struct of a shape forbids fields it does not know, so that a row either decodes in one pass or shows
that it has more.  The decoder is then extended by them: a struct derived from the shape's own, with these fields as
raw JSON, decodes the next rows in one pass again.  What a row is read as never depends on the rows before it.
"""

from __future__ import annotations

import types
from collections import Counter
from collections.abc import Sequence

import msgspec
from msgspec import UNSET, Raw, UnsetType

from schemas import duplicate_keys, thoughts
from schemas.adapt import Adapter
from schemas.container import listed_rows
from schemas.encodings import encoding_of, how_to_convert
from schemas.marks import CODE, bare_replies, may_end_in_marks
from schemas.misfit import misfit, not_json, problem
from schemas.preference import PAIR, is_pair
from schemas.problems import CODES, Invalid, Problem, shown
from schemas.record import Conversation, Message
from schemas.repair import Repair, repaired
from schemas.row import CARRIED, Format, Row, Shape, json_of, text_of, tools_of
from schemas.turns import UNCARRIABLE

MOST_EXTRA_FIELDS = 256
MOST_KINDS = 1000
MOST_DECODERS = 64
PAIR_FOUND = "a prompt with a chosen and a rejected answer, which is no conversation to learn"

_fields = msgspec.json.Decoder(dict[str, Raw])
_turns = msgspec.json.Decoder(list[dict[str, Raw]])


class Read(msgspec.Struct, gc=False):
    """What a row was read as.

    Attributes:
        conversation: the record.
        format: the format of the row.
        shape: the shape of that format.
        data: the row's text where it differs from the file's, because names or roles were mapped or it was repaired;
            else None.
        repairs: what was repaired.
    """

    conversation: Conversation
    format: Format
    shape: Shape
    data: bytes | None = None
    repairs: tuple[Repair, ...] = ()


class ShapeDecoder:
    """Decodes the rows of one shape, and whatever further fields they carry."""

    def __init__(self, row_format: Format, shape: Shape) -> None:
        self.format = row_format
        self.shape = shape
        self.row_fields = _named(shape.row)
        self.turn_fields = _named(shape.turn) if shape.turn else frozenset()
        self.extend([], [])

    def extend(self, row_names: Sequence[str], turn_names: Sequence[str]) -> None:
        """Rebuild the decoder for rows and turns that have these fields too."""
        self.row_names = tuple(row_names)
        self.turn_names = tuple(turn_names)
        row = self.shape.row
        if self.turn_names:
            assert self.shape.turn is not None
            turn = _with(self.shape.turn, self.turn_names)
            row = msgspec.defstruct(  # type: ignore[assignment]
                row.__name__,
                [(field, types.GenericAlias(list, (turn,))) for field in _turn_lists(self.shape)],
                bases=(row,),
                forbid_unknown_fields=True,
                gc=False,
            )
        if self.row_names:
            row = _with(row, self.row_names)  # type: ignore[assignment]
        # In the order of their names, so that rows come out alike whatever came before them.
        self.extras = sorted(((f"x{i}", name) for i, name in enumerate(self.row_names)), key=lambda pair: pair[1])
        self._row = row
        self._decoder: msgspec.json.Decoder[Row] | None = None

    @property
    def decoder(self) -> msgspec.json.Decoder[Row]:
        """Made when the first row is decoded: where formats are told, most shapes decode none."""
        if self._decoder is None:
            self._decoder = msgspec.json.Decoder(self._row)
        return self._decoder

    def record(self, row: Row) -> Conversation:
        """The record of a decoded row: what the format reads, and the metadata and further fields of the row."""
        record = self.shape.read(row)
        thoughts.take_inline(record.messages, lambda i: _turn_path(self.shape, row, record.messages, i))
        if row.id is not UNSET or row.category is not UNSET or row.source is not UNSET:
            for name in ("id", "category", "source"):
                _metadata(record, name, getattr(row, name))
        if row.system is not UNSET and bytes(row.system) != b"null" and text_of(row.system) is None:
            raise Invalid("E101", "$.system", f"found {shown(bytes(row.system))}, expected text")
        if row.tools is not UNSET:
            record.tools = tools_of(row)
        if self.extras:
            for attribute, name in self.extras:
                value = getattr(row, attribute)
                if value is not UNSET:
                    if record.extra is None:
                        record.extra = {}
                    record.extra[name] = json_of(value)
        return record


class RowDecoder:
    """Decodes rows that are in any of the given formats.

    Args:
        formats: one for a file that is all of a kind, several for a mixed one.
        adapter: maps names and roles first.
        repair: whether rows are repaired where that is safe.
    """

    def __init__(self, formats: Sequence[Format], adapter: Adapter | None = None, repair: bool = False) -> None:
        self.formats = formats
        self.adapter = adapter
        self.repair = repair
        self.no_pairs = not any(row_format.holds == PAIR for row_format in formats)
        self.decoders = [ShapeDecoder(row_format, shape) for row_format in formats for shape in row_format.shapes]
        # Names that tell another shape never extend a decoder: what a row is must not depend on those before it.
        self.choosy = [decoder.shape for decoder in self.decoders if decoder.shape.shows]
        self.telling = {key for decoder in self.decoders for key in decoder.shape.keys}
        # Shapes of one struct, which only what a row shows can tell apart.
        structs = Counter(shape.row for shape in self.choosy)
        self.alike = {shape.name for shape in self.choosy if structs[shape.row] > 1}
        # Rows of the same names, for which the shapes that look at more say the same, are of the same shape.
        self.asked: dict[tuple[str, ...], list[Shape]] = {}
        self.chosen: dict[tuple[object, ...], ShapeDecoder] = {}
        self.further: dict[tuple[object, ...], ShapeDecoder] = {}
        self.last = next((d for d in self.decoders if not d.shape.wrap), self.decoders[0])

    def block(self, rows: Sequence[bytes]) -> list[Read | Problem]:
        """One result for every row, in order: what it was read as, or the problem it has."""
        if self.adapter:
            return [self.one(row) for row in rows]
        decoder = self.last
        if len(self.formats) == 1 and not decoder.shape.wrap and decoder.shape.name not in self.alike:
            text = b"\n".join(rows)
            try:
                decoded = decoder.decoder.decode_lines(text)
                for row in rows:  # raw values, and a value that is given twice, are not looked at
                    if not row.isascii():
                        row.decode()
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                decoded = []
            if len(decoded) == len(rows):
                results = [_read(decoder, row) for row in decoded]
                for i in duplicate_keys.suspects(rows, text, decoder.shape.turns):
                    results[i] = self.one(rows[i])
                # A field that the struct lacks may be one of several that are missing, which only the names tell.
                return [self.one(row) if self._again(r, row) else r for r, row in zip(results, rows, strict=True)]
        return [self.one(row) for row in rows]

    def _again(self, result: Read | Problem, row: bytes) -> bool:
        """Whether a row is to be read by itself: for a better message, or to be repaired."""
        if type(result) is Problem:
            return self.repair or result.code == "E102" or b'"rejected"' in row
        return self.repair and (may_end_in_marks(row) or thoughts.may_have_empty(row))

    def one(self, data: bytes) -> Read | Problem:
        """What one row is read as, by the shape that fits it best."""
        return self._adapted(data, self.adapter) if self.adapter else self._mended(self._decode_row(data), data)

    def _adapted(self, data: bytes, adapter: Adapter) -> Read | Problem:
        """What a row is read as once its names and roles are mapped."""
        repairs: tuple[Repair, ...] = ()
        twice = _twice(data)  # of which nothing is left once they are mapped
        if twice is not None:
            mended = repaired(data, twice) if self.repair else None
            if mended is None:
                return twice
            data, repairs = mended[0], (mended[1],)
        adapted = adapter.row(data)
        result = self._mended(self._decode_row(adapted), adapted)
        if type(result) is Problem:
            return adapter.in_file_names(result)
        assert isinstance(result, Read)
        result.data = adapted if result.data is None else result.data
        result.repairs = repairs + result.repairs
        return result

    def _mended(self, result: Read | Problem, data: bytes) -> Read | Problem:
        """The result, or, where repairs are allowed and lead to a valid row, that row with what was done."""
        done: list[Repair] = []
        current = result
        while self.repair and type(current) is Problem:
            mended = repaired(data, current)
            if mended is None:
                return result
            data, repair = mended
            done.append(repair)
            current = self._decode_row(data)
        if self.repair and type(current) is Read and may_end_in_marks(data):
            bare = bare_replies(data, current.conversation.messages)
            if bare is not None:
                data = bare[0]
                done.append(Repair(CODE, "$", bare[1]))
                current = self._decode_row(data)
                if type(current) is Problem:  # nothing is left of the reply
                    return current
        if self.repair and type(current) is Read and thoughts.may_have_empty(data):
            bare = thoughts.without_empty(data, current.conversation.messages)
            again = self._decode_row(bare[0]) if bare else None
            if bare and type(again) is Read:
                data, current = bare[0], again
                done.append(Repair(thoughts.EMPTY, "$", bare[1]))
        if done:
            current.data, current.repairs = data, tuple(done)  # type: ignore[union-attr]
        return current

    def _decode_row(self, data: bytes) -> Read | Problem:
        try:
            data.decode()
        except UnicodeDecodeError as error:
            near = shown(data[max(0, error.start - 20) : error.start + 40])
            found = encoding_of(data)
            message = f"byte {error.start} is {data[error.start]:#04x}{f', as in {found}' if found else ''}: {near}"
            return Problem("E002", "$", message, how_to_convert(found) if found else CODES["E002"].remedy)
        try:
            kind, names = opening(data)
        except (msgspec.DecodeError, RecursionError) as error:
            return not_json(data, error)
        twice = _twice(data, len(names) if kind == "{" else -1)
        if twice is not None:
            return twice
        listed = listed_rows(data) if kind == "[" else 0
        if listed:
            return problem("E022", "$", f"a list of {listed} row{'s' * (listed > 1)}: {shown(data)}")
        result = self._fitting(data, kind, names)
        return (
            problem("E212", "$", PAIR_FOUND) if self.no_pairs and type(result) is Problem and is_pair(names) else result
        )

    def _fitting(self, data: bytes, kind: str, names: list[str]) -> Read | Problem:
        """The row by the shape that fits it best; see `opening`."""
        decoder = self.best(kind, names, data)
        if decoder is None:
            kinds = " or ".join(f.title for f in self.formats) if len(self.formats) < 3 else "any format"
            return problem("E003", "$", f"found {shown(data)}, which is no row of {kinds}")
        # Where one format is asked for and the row has any of its fields, the missing field is the better message.
        strange = len(self.formats) > 1 or (names and not decoder.row_fields.intersection(names))
        if kind == "{" and strange and not (self.telling.intersection(names) and decoder.shape.takes(data)):
            return problem("E004", "$", self._no_format(names))
        if decoder.shape.wrap:
            data = b'{"%s":%s}' % (decoder.shape.wrap.encode(), data)
            names = [decoder.shape.wrap]
        return self._decode(decoder, data, names)

    def _no_format(self, names: Sequence[str]) -> str:
        fields = f"found {', '.join(names[:8])}" if names else "found no field"
        if len(self.formats) > 1:
            return f"{fields}, none of which tells a format"
        keys = next(shape.keys for shape in self.formats[0].shapes if shape.keys)
        return f"{fields}; {self.formats[0].title} asks for {', '.join(keys)}"

    def best(self, kind: str, names: Sequence[str], data: bytes) -> ShapeDecoder | None:
        """The shape for a row that opens with `kind` and has these field names; None if no shape opens so."""
        if kind == "[":
            return next((d for d in self.decoders if d.shape.wrap), None)
        objects = [d for d in self.decoders if not d.shape.wrap]
        if kind != "{" or not objects:
            return None
        asked = self.asked.get(tuple(names))
        if asked is None:
            if len(self.asked) > MOST_KINDS:
                self.asked.clear()
                self.chosen.clear()
            asked = [shape for shape in self.choosy if set(shape.keys) <= set(names)]
            self.asked[tuple(names)] = asked
        kind_of_row = (*names, *(shape.takes(data) for shape in asked))
        if kind_of_row not in self.chosen:
            self.chosen[kind_of_row] = max(objects, key=lambda d: fit(d.shape, d.row_fields, names, data))
        return self.chosen[kind_of_row]

    def _decode(self, decoder: ShapeDecoder, data: bytes, names: Sequence[str]) -> Read | Problem:
        unknown = [n for n in names if n not in decoder.row_fields]
        turn_unknown = _turn_names(decoder, data)
        for name in (*unknown, *turn_unknown):
            if UNCARRIABLE.search(name):
                return problem("E005", "$", f"the field name {name!r} cannot be carried")
        if self.telling.intersection(unknown) or len(unknown) + len(turn_unknown) > MOST_EXTRA_FIELDS:
            decoder = self._with_names(decoder, unknown, turn_unknown)
        else:
            _extend(decoder, unknown, turn_unknown)
            if not decoder.shape.wrap:
                self.last = decoder
        try:
            row = decoder.decoder.decode(data)
        except (msgspec.DecodeError, RecursionError) as error:
            return misfit(decoder.shape, data, error)
        return _read(decoder, row)

    def _with_names(self, decoder: ShapeDecoder, names: Sequence[str], turn_names: Sequence[str]) -> ShapeDecoder:
        """A decoder of its own for rows of a shape that have these further names."""
        key = (decoder.format.name, decoder.shape.name, *sorted(names), "", *sorted(turn_names))
        if key not in self.further:
            if len(self.further) > MOST_DECODERS:
                self.further.clear()
            self.further[key] = ShapeDecoder(decoder.format, decoder.shape)
            self.further[key].extend(names, turn_names)
        return self.further[key]


def _twice(data: bytes, keys: int = -1) -> Problem | None:
    """The problem of a row that has a key twice; see `duplicate_keys.first_twin`."""
    twin = duplicate_keys.first_twin(data, keys)
    if twin is None:
        return None
    name = twin.path.rpartition(".")[2]
    return problem("E008", twin.path, f"{name} stands twice, as {shown(twin.first)} and as {shown(twin.second)}")


def _extend(decoder: ShapeDecoder, unknown: Sequence[str], turn_unknown: Sequence[str]) -> None:
    new = [n for n in unknown if n not in decoder.row_names]
    turn_new = [n for n in turn_unknown if n not in decoder.turn_names]
    if not (new or turn_new):
        return
    kept, turn_kept = decoder.row_names, decoder.turn_names
    if len(kept) + len(new) > MOST_EXTRA_FIELDS:
        kept, new = (), list(unknown)
    if len(turn_kept) + len(turn_new) > MOST_EXTRA_FIELDS:
        turn_kept, turn_new = (), list(turn_unknown)
    decoder.extend([*kept, *new], [*turn_kept, *turn_new])


def _read(decoder: ShapeDecoder, row: Row) -> Read | Problem:
    try:
        return Read(decoder.record(row), decoder.format, decoder.shape)
    except Invalid as invalid:
        return invalid.problem
    except UnicodeDecodeError:
        return problem("E002", "$", "a field's bytes are not UTF-8")
    except msgspec.ValidationError as error:  # a number in a field that is looked into
        return problem("E101", "$", f"a field cannot be read: {error}")


def fit(shape: Shape, fields: frozenset[str], names: Sequence[str], data: bytes) -> tuple[int, int, int, int]:
    """How well a row with these field names fits a shape; the larger the better.

    Compares, in this order: whether all telling names are there and the row shows what the shape must have, the rank
    of the shape, how many of the names are there, how many names are known.
    """
    have = sum(key in names for key in shape.keys)
    own = sum(name in fields and name not in CARRIED for name in names)
    whole = have == len(shape.keys) and shape.takes(data)
    return (int(whole), shape.rank if whole else 0, have + own, -sum(name not in fields for name in names))


def opening(data: bytes) -> tuple[str, list[str]]:
    """The first character of a JSON value, and the field names if it is an object.

    Raises:
        msgspec.DecodeError for text that is not JSON.
    """
    start = data.lstrip()[:1].decode("latin-1")
    if start == "{":
        return start, list(_fields.decode(data))
    msgspec.json.decode(data, type=Raw)
    return start, []


def _turn_path(shape: Shape, row: Row, messages: Sequence[Message], index: int) -> str:
    """The JSON path of a turn whose text begins with a thought, for an error."""
    if shape.flat is not None:
        return f"$.{shape.flat.response if index == len(messages) - 1 else 'history'}"
    if not shape.turns:
        return f"$.{shape.keys[0]}"
    text = messages[index].content
    at = "$" if shape.wrap else f"$.{shape.turns}"
    for i, turn in enumerate(getattr(row, shape.turns)):
        for name in ("content", "value", "text"):
            value = getattr(turn, name, UNSET)
            if value == text or (isinstance(value, Raw) and text_of(value) == text):
                return f"{at}[{i}].{name}"
    return at


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
        record.extra[name] = json_of(raw)


def _turn_names(decoder: ShapeDecoder, data: bytes) -> list[str]:
    """Names that turns of this row have beyond the turn's struct."""
    if decoder.shape.turn is None:
        return []
    row = _fields.decode(data)
    try:
        turns = [turn for field in _turn_lists(decoder.shape) if field in row for turn in _turns.decode(row[field])]
    except msgspec.DecodeError:
        return []
    return list(dict.fromkeys(name for turn in turns for name in turn if name not in decoder.turn_fields))


def count_turns(shape: Shape, data: bytes, otherwise: int) -> int:
    """How many turns a row's list has; `otherwise` for a row without such a list."""
    if shape.wrap:
        return len(_turns.decode(data))
    try:
        return len(_turns.decode(_fields.decode(data)[shape.turns]))
    except (msgspec.DecodeError, KeyError):
        return otherwise


def _turn_lists(shape: Shape) -> list[str]:
    """The fields of a row that hold turns."""
    return [field for field in (shape.turns, shape.answers) if field]


def _named(struct: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(struct.__struct_encode_fields__)


def _with(struct: type[msgspec.Struct], names: Sequence[str]) -> type[msgspec.Struct]:
    """The struct with further optional fields of these JSON names."""
    fields = [(f"x{i}", Raw | UnsetType, msgspec.field(default=UNSET, name=name)) for i, name in enumerate(names)]
    return msgspec.defstruct(
        struct.__name__,
        fields,
        bases=(struct,),
        kw_only=True,
        forbid_unknown_fields=True,
        gc=False,
    )
