"""What can be wrong with a row: stable codes, and a problem with its place."""

from __future__ import annotations

import msgspec

from schemas.row_codes import ROW_CODES
from schemas.turn_codes import TURN_CODES

CODES = {**ROW_CODES, **TURN_CODES}


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One problem of one row.

    Attributes:
        file: where; rows are counted from 1 (for JSONL this is the line number).
        row: where; rows are counted from 1 (for JSONL this is the line number).
        path: JSON path within the row.
        code: a key of CODES.
        message: what was found.
        remedy: what to do.
    """

    code: str
    path: str
    message: str
    remedy: str = ""
    file: str = ""
    row: int = 0

    def at(self, file: str, row: int) -> Problem:
        """The same problem with its place filled in."""
        return msgspec.structs.replace(self, file=file, row=row)

    def __str__(self) -> str:
        return f"{self.file}:{self.row}: {self.path}: {self.code} {self.message}; {self.remedy}"


class Invalid(Exception):
    """A row that cannot be read or written as asked.  problem: why."""

    def __init__(self, code: str, path: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(code, path, message, CODES[code].remedy)


def shown(text: str | bytes, limit: int = 60) -> str:
    """A value as an error message quotes it: one line, cut at `limit` characters."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "backslashreplace")
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
