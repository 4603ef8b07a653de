"""What a tool would do to a row."""

from __future__ import annotations

from typing import Any

import msgspec


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row and what the tool would do with it.

    Attributes:
        verdict: `crash` ends the tool's run, `drop` leaves the row out, `change` trains on something else than it says,
            `unknown` depends on what is not known here (the model's own template, say) and is not judged.
        path: JSON path within the row.
        why: what was found and what the tool does about it.
        remedy: what to do.
        file: the file, as the user named it.
        row: the row, counted from 1; 0 for the file as a whole.
    """

    verdict: str
    path: str
    why: str
    remedy: str
    file: str = ""
    row: int = 0

    def at(self, file: str, row: int) -> Finding:
        """The same finding with its place filled in."""
        return msgspec.structs.replace(self, file=file, row=row)


class Fault(Exception):
    """Raised by a rule that a row breaks."""

    def __init__(self, verdict: str, path: str, why: str, remedy: str) -> None:
        super().__init__(why)
        self.finding = Finding(verdict, path, why, remedy)


def kind_of(value: Any) -> str:
    """What a JSON value is, in words."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
