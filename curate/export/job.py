"""What an export is asked for, and what became of the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from curate.export.folder import Folder
from schemas.record import Conversation
from schemas.templates import Template
from schemas.trainable import Untrainable


class ExportRow(msgspec.Struct, frozen=True, gc=False):
    """A row to hand over.

    Attributes:
        file: where it comes from.
        row: its number in that file, from 1.
        record: the conversation.
    """

    file: str
    row: int
    record: Conversation


class LeftOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A row that is not in the export: where it is, why, and what to do.

    Attributes:
        file: where the row is.
        row: its number in that file, from 1.
        path: JSON path in the row or in its messages.
        why: what the tool cannot express.
        remedy: what to do.
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
        reasoning: what becomes of thoughts, see `schemas.reasoning.chosen`.
    """

    name: str
    model: str
    template: Template | None = None
    max_length: int = 2048
    reasoning: str = "keep"


class Outcome(msgspec.Struct):
    """What became of the rows.

    Attributes:
        command: what the user runs next, in the folder `at`.
        at: that folder.
        rows: rows of the input that are in the data file.
        written: rows of the data file, made of `rows` rows of the input.
        left_out: those that are not in it.
        lost: fields that are not handed over, with the number of rows that have it.
        notes: what else the user should know, a sentence each.
        template: what the tool calls the template.
        max_length: of a row in tokens, where the tool has a limit of its own; 0 is the job's.
    """

    command: str
    at: str
    rows: int
    written: int
    left_out: list[LeftOut]
    lost: Counter[str]
    notes: list[str]
    template: str = "the model's own"
    max_length: int = 0


class Unfit(Untrainable):
    """A row that can be trained on, but not by this tool."""


Export = Callable[[Sequence[ExportRow], Job, Folder], Outcome]
