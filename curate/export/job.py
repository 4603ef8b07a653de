"""What an export is asked for, and what became of the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from curate.export.folder import Folder
from schemas.record import Conversation
from schemas.templates import Template


class Given(msgspec.Struct, frozen=True, gc=False):
    """A row to hand over, and where it comes from."""

    file: str
    row: int
    record: Conversation


class LeftOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A row that is not in the export: where it is, why, and what to do.

    Attributes:
        path: JSON path, as the place in the row (or in its messages).
        code: of the problem, for rows that are not valid.
    """

    file: str
    row: int
    path: str
    why: str
    remedy: str
    code: str = ""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What to write.

    Attributes:
        name: of the data set, as the tool will know it.
        model: a hub id or folder.
        template: the prompt template, None for the model's own.
        max_length: of a row, in tokens.
    """

    name: str
    model: str
    template: Template | None = None
    max_length: int = 2048


class Outcome(msgspec.Struct):
    """What became of the rows.

    Attributes:
        command: what the user runs next, from within `at`.
        written: rows of the data file, which come from `rows` given rows.
        left_out: those that are not in it.
        lost: what is not handed over, with the number of rows that have it.
        notes: what the user is to know beside, a sentence each.
        template: what the tool calls the template.
    """

    command: str
    at: str
    rows: int
    written: int
    left_out: list[LeftOut]
    lost: Counter[str]
    notes: list[str]
    template: str = "the model's own"


class Unfit(Exception):
    """A row that the tool cannot express.

    Args:
        path: where.
        why: what it is.
        remedy: what to do.
    """

    def __init__(self, path: str, why: str, remedy: str) -> None:
        super().__init__(why)
        self.path, self.why, self.remedy = path, why, remedy


Export = Callable[[Sequence[Given], Job, Folder], Outcome]
