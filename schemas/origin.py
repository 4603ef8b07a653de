"""`curate_origin`: the one text column with which a converted row can be turned back into the row it was.

It holds the format that the row came from, a check of the row that carries it, and what exact restoring needs: nothing
where the original format's own writing gives the row back, else the row itself.  Whether it does is tried out when the
row is written, with the row as it is read back from its file, and once more by a digest when it is restored, since
other tools write the same values in another way.  A row that was edited since no longer fits its check and is then
written from what it says now.
"""

from __future__ import annotations

from hashlib import blake2b

import msgspec
from msgspec import UNSET, UnsetType

from schemas import thoughts
from schemas.decode import Read, RowDecoder
from schemas.encode import METADATA, NotPlain, RowEncoder
from schemas.problems import Invalid, Problem
from schemas.record import Conversation, Message, Preference
from schemas.registry import FORMATS, lookup
from schemas.row import Format, one_line

COLUMN = "curate_origin"


class Origin(msgspec.Struct, omit_defaults=True):
    """What a converted row carries to be turned back.

    Attributes:
        format: name of the original format, or `name/variant`.
        check: digest of the record that carries this, see `check`.
        columns: short digests of its parts by their names, to say which of them was changed.
        boundary: length of the instruction in the original's last prompt, in characters.
        digest: of the original row's JSON text, where its format's own writing gave it back when this was written.
        row: the original row's JSON text, where it does not.
    """

    format: str
    check: str
    columns: dict[str, str] = {}
    boundary: int | UnsetType = UNSET
    digest: str | UnsetType = UNSET
    row: str | UnsetType = UNSET


class TakenOrigin(msgspec.Struct):
    """What a row's origin says.

    Attributes:
        label: the original's format, or `name/variant`.
        row: the original's JSON text.
        edited: whether the row was changed since, so that the original no longer fits.
        changed: names of what was changed, as far as is known.
    """

    label: str = ""
    row: bytes = b""
    edited: bool = False
    changed: list[str] = []

    def restores(self, to: Format) -> bool:
        """Whether the original is a row of the format, or variant, to be written."""
        return to.label in (self.label, self.label.partition("/")[0])


_origin = msgspec.json.Decoder(Origin)
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_encoders: dict[str, RowEncoder] = {}
_decoders: dict[str, RowDecoder] = {}


def take(record: Conversation) -> TakenOrigin | None:
    """The original of a record that carries an origin, which is taken out of `record.extra`; None without one."""
    if record.extra is None or COLUMN not in record.extra:
        return None
    text = record.extra.pop(COLUMN)
    record.extra = record.extra or None
    try:
        origin = _origin.decode(msgspec.json.decode(text, type=str))
        if origin.check != check(record):
            return TakenOrigin(edited=True, changed=_changed(record, origin))
        row = one_line(origin.row.encode()) if origin.row is not UNSET else _written(record, origin)
        if origin.row is UNSET and origin.digest != _digest(row):
            return TakenOrigin(edited=True, changed=["how values are written"])
        # It is data from outside: what it holds must be a row of the format that it names.
        if isinstance(_decoder(lookup(origin.format)).one(row), Problem):
            return TakenOrigin(edited=True, changed=[COLUMN])
    except (msgspec.DecodeError, KeyError, Invalid):
        return TakenOrigin(edited=True)
    return TakenOrigin(origin.format, row)


def attach(data: bytes, to: Format, label: str, original: bytes) -> bytes:
    """The row `data` of format `to` with the origin that restores `original`, a row of format `label`.

    Raises:
        Invalid: E304 if `data` cannot be read back, since then nothing can be restored from it.
    """
    back = _decoder(to).one(data)
    if isinstance(back, Problem):
        raise Invalid("E304", "$", f"the row as {to.label} cannot be read back ({back.code} {back.message})")
    value = msgspec.json.encode(_text(back.conversation, label, original))
    return data[:-1] + (b"" if data == b"{}" else b",") + b'"%s":%s}' % (COLUMN.encode(), value)


def removed(data: bytes) -> bytes:
    """The text of a row without its origin."""
    return one_line(msgspec.json.encode({name: value for name, value in _fields(data).items() if name != COLUMN}))


def moved(to: Format, data: bytes, back: bytes) -> str | None:
    """The text of the origin of a row that its file changes; None where there is nothing that it would restore.

    Args:
        to: the format of the row.
        data: the row as it was written, with its origin.
        back: the row as it is read back.
    """
    written, changed = _decoder(to).one(data), _decoder(to).one(back)
    if isinstance(written, Problem) or isinstance(changed, Problem):
        return None
    taken = take(written.conversation)
    if taken is None or taken.edited:
        return None
    extra = changed.conversation.extra or {}
    extra.pop(COLUMN, None)
    changed.conversation.extra = extra or None
    return _text(changed.conversation, taken.label, taken.row)


def _text(record: Conversation, label: str, original: bytes) -> str:
    """The origin of a record that was read from what is written for `original`, a row of format `label`."""
    origin = Origin(label, check(record), _columns(record))
    boundary = _boundary(original, label)
    if boundary is not None:
        origin.boundary = boundary
    try:
        row = _written(record, origin)
    except (Invalid, NotPlain):
        row = b""
    if row == msgspec.json.format(original, indent=-1):
        origin.digest = _digest(row)
    else:
        origin = Origin(label, origin.check, origin.columns, row=one_line(original).decode())
    return msgspec.json.encode(origin).decode()


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=8).hexdigest()


def check(record: Conversation) -> str:
    """A digest of all that a record says.

    How its JSON values are written (blanks, escapes, order of fields) does not count, nor do null fields beside them:
    other tools write the same values in another way, and tables cannot tell null from nothing.
    """
    beside = (_plain(record.tools), record.category, record.source, record.id, _extra(record.extra))
    judged = () if record.preference is None else (_judged(record.preference),)
    return _digest(msgspec.json.encode((_messages(record.messages), beside, *judged)))


def _messages(messages: list[Message]) -> list[tuple[object, ...]]:
    return [_checked(message) for message in messages]


def _judged(preference: Preference) -> tuple[object, ...]:
    return preference.answer, _messages(preference.rejected or []), preference.label


def _columns(record: Conversation) -> dict[str, str]:
    """Short digests of the parts of a record that it has, by their names."""
    judged = None if record.preference is None else _judged(record.preference)
    parts = {"messages": _messages(record.messages), "preference": judged, "tools": _plain(record.tools)}
    parts |= {name: getattr(record, name) for name in METADATA} | dict(_extra(record.extra))
    return {name: _digest(msgspec.json.encode(part))[:4] for name, part in parts.items() if part is not None}


def _changed(record: Conversation, origin: Origin) -> list[str]:
    columns = _columns(record)
    return sorted(n for n in columns.keys() | origin.columns.keys() if columns.get(n) != origin.columns.get(n))


def _checked(message: Message) -> tuple[object, ...]:
    """What counts of a turn: its thought as it is written, inline or in its field."""
    calls, extra = _plain(message.tool_calls), _extra({**(message.extra or {}), **thoughts.fields(message)})
    beside = (message.tool_call_id, message.name, message.weight, extra)
    return (message.role, thoughts.beside_field(message), _plain(message.parts), calls, *beside)


def _extra(fields: dict[str, str] | None) -> list[tuple[str, str | None]]:
    return sorted((name, _plain(value)) for name, value in (fields or {}).items() if value != "null")


def _plain(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return msgspec.json.encode(msgspec.json.decode(text), order="sorted").decode()
    except (msgspec.DecodeError, RecursionError):
        return text


def label_of(read: Read) -> str:
    """The name by which the format's own writing comes closest to the row that was read."""
    variants = [variant.name for variant in read.format.variants if variant.shape == read.shape.name]
    return f"{read.format.name}/{variants[0]}" if variants and read.shape != read.format.shapes[0] else read.format.name


def _boundary(original: bytes, label: str) -> int | None:
    back = _decoder(FORMATS[label.partition("/")[0]]).one(original)
    return None if isinstance(back, Problem) else back.conversation.boundary


def _written(record: Conversation, origin: Origin) -> bytes:
    boundary = None if origin.boundary is UNSET else origin.boundary
    record = msgspec.structs.replace(record, boundary=boundary)
    if origin.format not in _encoders:
        _encoders[origin.format] = RowEncoder(lookup(origin.format), bare=origin.format == "chatml")
    return _encoders[origin.format].encode(record).data


def _decoder(row_format: Format) -> RowDecoder:
    if row_format.label not in _decoders:
        _decoders[row_format.label] = RowDecoder([row_format])
    return _decoders[row_format.label]
