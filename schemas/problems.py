"""What can be wrong with a row: stable codes, and a problem with its place."""

from __future__ import annotations

from shlex import quote

import msgspec

from schemas.call_codes import CALL_CODES
from schemas.container_codes import CONTAINER_CODES
from schemas.preference_codes import PREFERENCE_CODES
from schemas.row_codes import ROW_CODES
from schemas.thought_codes import THOUGHT_CODES
from schemas.turn_codes import TURN_CODES
from schemas.weight_codes import WEIGHT_CODES

# Stands in a remedy for the file's name.
FILE = "{file}"
CODES = {
    **ROW_CODES,
    **CONTAINER_CODES,
    **WEIGHT_CODES,
    **CALL_CODES,
    **THOUGHT_CODES,
    **TURN_CODES,
    **PREFERENCE_CODES,
}


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One problem of one row.

    Attributes:
        code: a key of CODES.
        path: JSON path within the row.
        message: what is wrong.
        remedy: what to do.
        file: the file, as the user named it.
        row: the row, counted from 1; for JSONL the line number.
    """

    code: str
    path: str
    message: str
    remedy: str = ""
    file: str = ""
    row: int = 0

    def at(self, file: str, row: int) -> Problem:
        """The same problem with its place filled in."""
        remedy = self.remedy if FILE not in self.remedy else self.remedy.replace(FILE, quote(file))
        return msgspec.structs.replace(self, file=file, row=row, remedy=remedy)

    def __str__(self) -> str:
        return f"{self.file}:{self.row}: {self.path}: {self.code} {self.message}; {self.remedy}"


class Invalid(Exception):
    """Raised for a row that cannot be read or written as asked.

    Attributes:
        problem: what is wrong with it.
    """

    def __init__(self, code: str, path: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(code, path, message, CODES[code].remedy)


def shown(text: str | bytes, limit: int = 60) -> str:
    """A value as an error message quotes it, cut at `limit` characters.

    Args:
        text: JSON text, of which one line is made; or what a value says, which keeps its white space, so that `repr`
            shows it.
        limit: how many characters to show.
    """
    line = text if isinstance(text, str) else " ".join(text.decode("utf-8", "backslashreplace").split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
