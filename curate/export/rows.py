"""The rows of a table that an export hands over, and those that it leaves out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from curate.export.job import ExportRow, LeftOut
from curate.export.trainable import check_thoughts
from curate.table.counting import rows_that_count
from schemas.preference import followed
from schemas.problems import CODES
from schemas.reasoning import KEEP, chosen
from schemas.record import Conversation, loads
from schemas.templates import Template
from schemas.trainable import Untrainable, trainable

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

ToolRow = TypeVar("ToolRow")


def subset_rows(table: pa.Table, reasoning: str = KEEP) -> tuple[list[ExportRow], list[LeftOut]]:
    """(the rows to hand over, those that are not valid), see `selected_positions`.

    Invalid rows of a table with a selection are not listed: nobody selected them.

    Args:
        table: of rows.
        reasoning: what becomes of thoughts, see `schemas.reasoning.chosen`.
    """
    selected = table.select(["file", "row", "record"]).take(selected_positions(table)).to_pylist()
    rows = [ExportRow(row["file"], row["row"], chosen(followed(loads(row["record"])), reasoning)) for row in selected]
    return rows, [] if "rank" in table.column_names else _invalid(table)


def selected_positions(table: pa.Table) -> np.ndarray:
    """Positions of the rows that are selected, in the order of their rank.

    Where no selection was made: of all valid rows that no step has dropped, in the order of the table.
    """
    return rows_that_count(table, "selected")


def fit_rows(rows: Sequence[ExportRow], template: Template | None) -> tuple[list[ExportRow], list[LeftOut]]:
    """(the rows whose thoughts can be handed over for a model of this template, the others), both in order."""

    def same(record: Conversation) -> Conversation:
        check_thoughts(trainable(record).turns, template)
        return record

    if template is None or not template.thinking:
        return list(rows), []
    _, left_out = converted_rows(rows, same)
    unfit = {(row.file, row.row) for row in left_out}
    return [row for row in rows if (row.file, row.row) not in unfit], left_out


def _invalid(table: pa.Table) -> list[LeftOut]:
    columns = ["file", "row", "problem_path", "problem_message", "problem"]
    rows = table.select(columns).filter(table["record"].is_null()).to_pylist()
    return [
        LeftOut(
            row["file"],
            row["row"],
            row["problem_path"] or "$",
            row["problem_message"] or "",
            CODES[row["problem"]].remedy if row["problem"] in CODES else "",
            row["problem"] or "",
        )
        for row in rows
    ]


def converted_rows(
    rows: Sequence[ExportRow], convert: Callable[[Conversation], ToolRow]
) -> tuple[list[ToolRow], list[LeftOut]]:
    """(the rows as `convert` writes them, those for which it raised Untrainable), both in order."""
    converted, left_out = [], []
    for row in rows:
        try:
            converted.append(convert(row.record))
        except Untrainable as error:
            left_out.append(LeftOut(row.file, row.row, error.path, error.why, error.remedy))
    return converted, left_out
