"""Records to bytes: the format's own row, metadata and further fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, Raw

from schemas import alternatives, exchanges, preference
from schemas.flat import Flat, history
from schemas.problems import Invalid
from schemas.record import Conversation, Message
from schemas.row import CARRIED, Format, raw_of

_encode = msgspec.json.Encoder().encode
METADATA = ("category", "source", "id")


class EncodedRow(msgspec.Struct, gc=False):
    """One row as written.

    Attributes:
        data: a line of JSON.
        lost: names of the fields that were not written, each once.
    """

    data: bytes
    lost: list[str]


class NotPlain(Exception):
    """A row that was to be a plain list carries more than its turns."""


class RowEncoder:
    """Encodes records in one format.

    Args:
        to: the format, or variant, to write.
        on_loss: `keep` writes fields that the format does not name under their own names, `drop` leaves them out,
            `error` refuses the row.
        bare: whether a format that can be a plain list is written so. A row that carries more than its turns then loses
            it, or, if it is to be kept, raises NotPlain.
        turns: what a format of one exchange does with a longer conversation: `error` refuses it, `last` writes the last
            exchange, `split` writes a row for each, `history` puts earlier ones into the field `history`. None is
            `history` for a format that names such a field (Alpaca), else `error`.
    """

    def __init__(self, to: Format, on_loss: str = "keep", bare: bool = False, turns: str | None = None) -> None:
        self.format = to
        self.keep = on_loss == "keep"
        self.refuse = on_loss == "error"
        self.bare = bare and bool(to.bare)
        self.split = turns == "split"
        flat = issubclass(to.shapes[0].row, Flat)
        self.turns = turns if flat or not (to.multi_turn or turns == "history") else None
        self.fields = {f.encode_name: f.name for f in msgspec.structs.fields(to.shapes[0].row)}

    def rows(self, record: Conversation) -> list[EncodedRow]:
        """The rows of a record: one, or with `split` one for each of its examples or exchanges.

        Raises:
            Invalid: E301-E306.
        """
        holds = self.format.holds
        if not self.keep and not holds:  # what marks a bad answer would be lost
            preference.check_example(record)
        if record.preference is not None or holds:
            return [row for each in preference.fitted(record, holds) for row in self._examples(each)]
        return self._examples(record)

    def _examples(self, record: Conversation) -> list[EncodedRow]:
        """See `rows`, of a record that the format has a place for."""
        examples = alternatives.of(record) if self.split and record.extra else []
        if examples:
            return [row for each, lost in examples for row in self._rows(each, lost)]
        return self._rows(record, [])

    def _rows(self, record: Conversation, lost_before: list[str]) -> list[EncodedRow]:
        """See `rows`, of a record of one example."""
        if self.turns and exchanges.several(record):
            if self.turns == "split":
                return [self._row(part, lost_before + lost) for part, lost in exchanges.split(record)]
            if self.turns == "last":
                return [self._row(*exchanges.last(record))]
            if self.turns == "history":
                last, earlier = exchanges.with_history(record, self.format.label)
                return [self._row(last, exchanges.lost_in_history(record), earlier)]
            raise Invalid("E301", "$", f"the conversation has several exchanges; {self.format.label} was to hold one")
        return [self._row(record, lost_before)]

    def encode(self, record: Conversation) -> EncodedRow:
        """The row of a record that fits into one.  Raises Invalid E301-E306."""
        rows = self.rows(record)
        if len(rows) > 1 and not self.split:
            raise Invalid("E306", "$", f"{self.format.label} holds the two answers in two rows; use `curate convert`")
        return rows[0]

    def _row(self, record: Conversation, lost: list[str], earlier: list[Message] | None = None) -> EncodedRow:
        lost = lost + self.format.loses(record)
        if not self.keep and any(message.extra for message in record.messages):
            record, dropped = _without_turn_extras(record)
            lost += dropped
        row = self.format.write(record)
        if earlier and isinstance(row, Flat):
            row.history = history(earlier)
        lost += self._metadata(row, record)
        if self.bare:
            further = [name for name in ("tools", *METADATA) if getattr(record, name) is not None] + list(
                record.extra or ()
            )
            if further and self.keep:
                raise NotPlain
            lost += further
            data = _encode(getattr(row, self.format.bare))
        else:
            data = _encode(row)
            if record.extra:
                data = self._splice(data, row, record.extra, lost)
        if lost and self.refuse:
            raise Invalid("E304", "$", f"{self.format.label} would lose {', '.join(dict.fromkeys(lost))}")
        return EncodedRow(data, list(dict.fromkeys(lost)) if lost else lost)

    def _metadata(self, row: Any, record: Conversation) -> list[str]:
        """Sets category, source, id and tools of the row; returns the names of those that are not written."""
        lost: list[str] = []
        if self.bare:
            return lost
        keep, names = self.keep, self.format.names
        if record.category is not None or record.source is not None or record.id is not None:
            for name in METADATA:
                value = getattr(record, name)
                if value is None or getattr(row, name) is not UNSET:
                    continue
                if keep or name in names:
                    setattr(row, name, raw_of(value))
                else:
                    lost.append(name)
        if record.tools is not None:
            if keep:
                row.tools = raw_of(record.tools) if row.tools is UNSET else row.tools
            elif "tools" not in names or row.tools is UNSET:  # a variant of texts has no place for them
                row.tools = UNSET
                lost.append("tools")
        if row.system is not UNSET and "system" not in names and not keep:
            row.system = UNSET
            lost.append("system")
        return lost

    def _splice(self, data: bytes, row: Any, extra: Mapping[str, str], lost: list[str]) -> bytes:
        pieces = [data[:-1]]
        for name, value in extra.items():
            own = self.fields.get(name)
            if own is not None:
                written = getattr(row, own)
                if written is not UNSET and isinstance(written, Raw) and bytes(written) == value.encode():
                    continue
                # A metadata name may hold a value that is not text; any other name is the format's own, and taken.
                if name not in CARRIED or written is not UNSET:
                    lost.append(name)
                    continue
            if self.keep:
                pieces.append(b"%s:%s" % (_encode(name), value.encode()))
            else:
                lost.append(name)
        return b",".join(pieces) + b"}"


def _without_turn_extras(record: Conversation) -> tuple[Conversation, list[str]]:
    lost = [f"messages[].{name}" for message in record.messages for name in message.extra or ()]
    messages = [msgspec.structs.replace(message, extra=None) for message in record.messages]
    return msgspec.structs.replace(record, messages=messages), lost
