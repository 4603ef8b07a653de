"""What a tool would do to a row."""

from __future__ import annotations

import msgspec

# From worst to least: the whole run ends; the row is not trained on; it is trained on as something else.
VERDICTS = ("crash", "drop", "change")


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row and what becomes of it.

    Attributes:
        verdict: `crash` ends the tool's run, `drop` leaves the row out, `change` trains on it as other than it says.
        path: JSON path within the row.
        why: what was found and what the tool does about it.
        remedy: what to do.
        file: where, counted from 1; row 0 is the file as a whole.
        row: where, counted from 1; row 0 is the file as a whole.
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
    """Raised by a rule that finds one."""

    def __init__(self, verdict: str, path: str, why: str, remedy: str) -> None:
        super().__init__(why)
        self.finding = Finding(verdict, path, why, remedy)
