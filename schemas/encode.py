"""Records to bytes: the format's own row, and what travels beside it."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, Raw

from schemas.problems import Invalid
from schemas.record import Conversation, Message
from schemas.row import CARRIED, Format, raw_of

_encode = msgspec.json.Encoder().encode


class RowEncoder:
    """Encodes records in one format.

    on_loss: `keep` writes fields that the format does not name under their own names, `drop` leaves
    them out, `error` refuses the row.  After each row `lost` names the fields that did not travel.
    bare: whether a format that can be a plain list is written so; such rows carry nothing else.
    """

    def __init__(self, format: Format, on_loss: str = "keep", bare: bool = False) -> None:
        self.format = format
        self.keep = on_loss == "keep"
        self.refuse = on_loss == "error"
        self.bare = bare and bool(format.bare)
        self.fields = frozenset(f.encode_name for f in msgspec.structs.fields(format.shapes[0].row))
        self.flat = format.shapes[0].turn is None
        self.turn_extras = not self.flat

    def encode(self, record: Conversation) -> tuple[bytes, list[str]]:
        """(the row as one line of JSON, names of the fields lost).  Raises Invalid E301-E304."""
        row = self.format.write(record)
        lost: list[str] = []
        names = self.format.names
        keep = self.keep and not self.bare
        if record.category is not None or record.source is not None or record.id is not None:
            for name in ("category", "source", "id"):
                value = getattr(record, name)
                if value is None:
                    continue
                if keep or name in names:
                    setattr(row, name, raw_of(value))
                else:
                    lost.append(name)
        if record.tools is not None and row.tools is UNSET:
            if keep:
                row.tools = raw_of(record.tools)
            else:
                lost.append("tools")
        elif row.tools is not UNSET and self.bare:
            lost.append("tools")
        if row.system is not UNSET and "system" not in names and not keep:
            row.system = UNSET
            lost.append("system")
        extra = record.extra
        if self.flat:
            for message in record.messages:
                if message.weight is not None or message.parts is not None or message.name is not None or message.extra:
                    lost.extend(_turn_fields(message))
        if self.bare:
            data = self._encode_row(getattr(row, self.format.bare), record)
            lost.extend(extra or ())
        else:
            data = self._encode_row(row, record)
            if extra:
                data = self._splice(data, row, extra, keep, lost)
        if lost and self.refuse:
            raise Invalid("E304", "$", f"{self.format.name} would lose {', '.join(dict.fromkeys(lost))}")
        return data, lost

    def _encode_row(self, row: Any, record: Conversation) -> bytes:
        if self.flat or not any(message.extra for message in record.messages):
            return _encode(row)
        return _encode(_with_turn_extras(row, self.format, record, self.bare))

    def _splice(self, data: bytes, row: Any, extra: dict[str, str], keep: bool, lost: list[str]) -> bytes:
        pieces = [data[:-1]]
        for name, value in extra.items():
            if name in self.fields:
                # A metadata name may hold a value that is not text; any other name is the format's own, and taken.
                if name == "task" and getattr(row, "task", UNSET) is not UNSET:
                    continue
                if name not in CARRIED or getattr(row, name) is not UNSET:
                    lost.append(name)
                    continue
            if keep:
                pieces.append(b"%s:%s" % (_encode(name), one_line(value.encode())))
            else:
                lost.append(name)
        return b",".join(pieces) + b"}"


def one_line(data: bytes) -> bytes:
    """JSON text without line breaks; its values stay as they are."""
    return msgspec.json.format(data, indent=-1) if b"\n" in data or b"\r" in data else data


def _turn_fields(message: Message) -> list[str]:
    fields = ("weight", "name", "tool_call_id", "parts")
    lost = [f"messages[].{name}" for name in fields if getattr(message, name) is not None]
    return lost + [f"messages[].{name}" for name in (message.extra or ())]  # type: ignore[attr-defined]


def _with_turn_extras(row: Any, format: Format, record: Conversation, bare: bool) -> object:
    """The row as builtins, with the extra fields of its turns put back."""
    field = format.shapes[0].turns
    turns = row if bare else getattr(row, field)
    messages = record.messages[-len(turns) :] if len(turns) <= len(record.messages) else None
    out = []
    for i, turn in enumerate(turns):  # type: ignore[arg-type]
        fields = {f.encode_name: v for f in msgspec.structs.fields(turn) if (v := getattr(turn, f.name)) is not UNSET}
        extra = messages[i].extra if messages is not None else None
        for name, value in (extra or {}).items():
            fields.setdefault(name, Raw(one_line(value.encode())))
        out.append(fields)
    if bare:
        return out
    return {
        f.encode_name: out if f.name == field else v
        for f in msgspec.structs.fields(row)
        if (v := getattr(row, f.name)) is not UNSET
    }  # type: ignore[arg-type]
