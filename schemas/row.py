"""What a format is: its shapes, its variants, and the metadata that a row of any format may carry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from schemas.record import Conversation, Message

Optional = Raw | UnsetType
_fields = msgspec.json.Decoder(dict[str, Raw])


class Row(msgspec.Struct, omit_defaults=True, gc=False, kw_only=True, forbid_unknown_fields=True):
    """Fields that any format may carry under these names, whether or not its description has them."""

    system: Optional = UNSET
    tools: Optional = UNSET
    category: Optional = UNSET
    source: Optional = UNSET
    id: Optional = UNSET


CARRIED = Row.__struct_fields__


class Names(msgspec.Struct, frozen=True):
    """The field names of a shape that holds one exchange.

    Attributes:
        prompt: of the request.
        context: of its input; "" where the shape has none.
        response: of the reply.
        omits_empty: whether an empty input is left out when a row is written.
    """

    prompt: str
    context: str
    response: str
    omits_empty: bool = False


class Shape(msgspec.Struct, frozen=True):
    """One way in which a format writes its rows.

    Attributes:
        name: as in messages and in `Variant.shape`.
        row: the struct that a row decodes into.
        read: that struct to the record; raises Invalid.
        keys: the field names that tell this shape from others; all must be there.
        flat: for a shape of one exchange, the names of its fields.
        turns: the field that holds the list of turns; "" where there is none.
        turn: the struct of one turn; None where there is none.
        wrap: for rows that are a bare list, the field of `row` that holds it; else "".
        shows: whether the text of a row shows what this shape must have beside its keys; None where they are enough.
        borrowed: whether the keys are the format's own but the turns are written as another one does, so that a row of
            it is written anew and not copied.
        rank: of the shapes whose keys a row has, the one of the highest rank is taken: 1 for one that others with the
            same keys would take too, -1 for names that may stand beside those of another format.
        mark: what a row must show beside its keys, in words, as documentation says it.
        answers: for a row of two lists of turns, the field of the second; else "".
    """

    name: str
    row: type[Row]
    read: Callable[[Any], Conversation]
    keys: tuple[str, ...]
    flat: Names | None = None
    turns: str = ""
    turn: type[msgspec.Struct] | None = None
    wrap: str = ""
    shows: Callable[[bytes], bool] | None = None
    borrowed: bool = False
    rank: int = 0
    mark: str = ""
    answers: str = ""

    def takes(self, data: bytes) -> bool:
        """Whether the text of a row shows what this shape must have beside its keys."""
        return self.shows is None or self.shows(data)


class Variant(msgspec.Struct, frozen=True):
    """Another way to write a format, chosen as `--to format/name`.

    Attributes:
        name: what follows the slash.
        shape: the name of the shape that it writes.
        write: as in Format.
        loses: as in Format.
        about: what differs, in a few words.
    """

    name: str
    shape: str
    write: Callable[[Conversation], Row]
    loses: Callable[[Conversation], list[str]]
    about: str


class Format(msgspec.Struct, frozen=True):
    """One format: its shapes, how the record is written in it, and what it names.

    Attributes:
        name: as `--to` and `--from` take it.
        title: as people write it.
        shapes: the ways in which its rows are written; the first is the format's own.
        write: the record to a row struct of the first shape; raises Invalid where it does not fit.
        loses: the names of what a record's turns hold and `write` leaves out.
        names: which of CARRIED the format's own description has.
        multi_turn: whether several exchanges fit.
        tool_turns: whether tool calls and their results fit.
        example: one row, as the documentation shows it.
        source: who published it, or uses it so.
        exchange: for formats of turns, a conversation of one prompt and one response as JSON text, with %b for each.
        bare: rows are written as a plain list (the field named here) when nothing else is carried.
        variants: other ways to write it.
        variant: the one that this value writes, "" for the format's own way.
        holds: of preference data `pair` or `label`, see schemas.preference; "" for conversations.
    """

    name: str
    title: str
    shapes: tuple[Shape, ...]
    write: Callable[[Conversation], Row]
    loses: Callable[[Conversation], list[str]]
    names: frozenset[str]
    multi_turn: bool
    tool_turns: bool
    example: str
    source: str = ""
    exchange: bytes = b""
    bare: str = ""
    variants: tuple[Variant, ...] = ()
    variant: str = ""
    holds: str = ""

    @property
    def label(self) -> str:
        """The name as `--to` takes it."""
        return f"{self.name}/{self.variant}" if self.variant else self.name


def text_of(raw: Optional) -> str | None:
    """The string in a JSON value, None for null, for absence and for other types."""
    if raw is UNSET:
        return None
    data = bytes(raw)
    return msgspec.json.decode(data) if data[:1] == b'"' else None


def tools_of(row: Row) -> str | None:
    """JSON text of the tools on offer; None where the row does not say."""
    if row.tools is UNSET:
        return None
    text = text_of(row.tools)
    if text is not None:
        return text or None
    return None if bytes(row.tools) == b"null" else json_of(row.tools)


def lead_with_system(messages: list[Message], places: list[int], system: Optional) -> None:
    """Put the system prompt of the row's own field before the turns, at place -1; nothing where there is none."""
    prompt = text_of(system)
    if prompt:
        messages.insert(0, Message("system", prompt))
        places.insert(0, -1)


def fields_of(data: bytes) -> dict[str, Raw] | None:
    """The fields of a row as they are written; None where the text is no JSON object."""
    try:
        return _fields.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def raw_of(text: str) -> Raw:
    """The JSON value of a string."""
    return Raw(msgspec.json.encode(text))


def json_of(raw: Raw | bytes) -> str:
    """A JSON value as one line of text; what it holds stays as it is.

    Raises:
        UnicodeDecodeError: for bytes that are not UTF-8.
    """
    return one_line(bytes(raw)).decode()


def one_line(data: bytes) -> bytes:
    """JSON text without line breaks; its values stay as they are."""
    return msgspec.json.format(data, indent=-1) if b"\n" in data or b"\r" in data else data
