"""Rows with field names or roles of their own, brought to those of a format before they are decoded."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Raw

from schemas.problems import Problem
from schemas.row import text_of

TURNS = ("messages", "conversations")
# Of rows of several such lists, all that may be.
LISTS = (*TURNS, "prompt", "completion", "chosen", "rejected")
SENDERS = ("role", "from")

_fields = msgspec.json.Decoder(dict[str, Raw])
_turns = msgspec.json.Decoder(list[dict[str, Raw]])
_encode = msgspec.json.Encoder().encode


class Adapter:
    """Renames fields and roles of rows.  A name that the row already has is left alone.

    Args:
        names: the format's field name for each name in the file, of rows and of turns alike.
        roles: the format's role for each role in the file.
    """

    def __init__(self, names: Mapping[str, str], roles: Mapping[str, str]) -> None:
        self.names = dict(names)
        self.roles = {file_role: Raw(_encode(role)) for file_role, role in roles.items()}
        self.file_names = {name: file_name for file_name, name in names.items()}

    def row(self, data: bytes) -> bytes:
        """The row with the format's names; one that is neither an object nor a list of turns stays as it is."""
        try:
            if data.lstrip()[:1] == b"[":
                return _encode(self._turns(Raw(data)))
            row = self._renamed(_fields.decode(data))
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return data
        for field in LISTS:
            if field in row:
                row[field] = self._turns(row[field])
        return _encode(row)

    def _turns(self, value: Raw) -> Raw:
        try:
            turns = _turns.decode(value)
        except (msgspec.DecodeError, RecursionError):
            return value
        out = []
        for turn in map(self._renamed, turns):
            for field in SENDERS:
                role = text_of(turn[field]) if field in turn else None
                if role in self.roles:
                    turn[field] = self.roles[role]
            out.append(turn)
        return Raw(_encode(out))

    def _renamed(self, fields: dict[str, Raw]) -> dict[str, Raw]:
        return {
            name if (new := self.names.get(name)) is None or new in fields else new: value
            for name, value in fields.items()
        }

    def in_file_names(self, problem: Problem) -> Problem:
        """The problem with the file's own names in its JSON path."""
        path = re.sub(r"(?<=\.)[^.\[\]]+", lambda m: self.file_names.get(m[0], m[0]), problem.path)
        return msgspec.structs.replace(problem, path=path)


def names_in(rows: Iterable[bytes]) -> set[str]:
    """The field names of rows and of their turns."""
    found: set[str] = set()
    for data in rows:
        try:
            row = {"": Raw(data)} if data.lstrip()[:1] == b"[" else _fields.decode(data)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            continue
        found.update(row.keys() - {""})
        for value in row.values():
            with contextlib.suppress(msgspec.DecodeError, RecursionError, UnicodeDecodeError):
                found.update(*_turns.decode(value))
    return found


def map_pairs(text: str) -> dict[str, str]:
    """The pairs of `a=b,c=d`.  Raises ValueError that quotes what is no pair."""
    pairs = {}
    for part in text.split(",") if text else []:
        name, equals, value = part.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise ValueError(f"{part!r} is not of the form name=value")
        pairs[name.strip()] = value.strip()
    return pairs


def mapped_format(text: str) -> tuple[str, Adapter | None]:
    """(name of the format, "" to tell it; what maps names first) of FORMAT or FORMAT:FIELD=NAME,FIELD=NAME.

    Raises:
        ValueError: that quotes what is no pair.
    """
    name, _, fields = text.partition(":")
    pairs = map_pairs(fields)
    return name, Adapter({file_name: field for field, file_name in pairs.items()}, {}) if pairs else None
