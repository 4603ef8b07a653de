"""The scores of one row in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from curate.score.column import Column, of_table
from curate.score.combine import NAME
from curate.score.faults.registry import FAULTS, findings
from curate.score.texts import COLUMNS


def shown(value: Any) -> str:
    """A value in few digits: three that count, or none after the point above 1000."""
    if value is None:
        return "not measured"
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return f"{value:,}" if isinstance(value, int) else str(value)


def faults_of(row: dict[str, Any], columns: dict[str, Column]) -> list[str]:
    """What is wrong with a row by its scores: certain faults, then those that it is suspected of.

    Args:
        row: its values by column.
        columns: the scores.
    """
    certain = [
        name if column.kind == "flag" else f"{name} {shown(row[name])}"
        for name, column in columns.items()
        if column.faulty(row[name])
    ]
    return certain + [f"{name} (suspected)" for name in row.get("suspicions") or []]


def explain(table: pa.Table, position: int) -> list[str]:
    """Each score of one row: its value, where that stands among all rows, its meaning.

    The combined score comes first, then faults, then what ranks rows, then descriptions.

    Args:
        table: all rows.
        position: of the row.
    """

    def place(column: Column) -> tuple[bool, bool, bool]:
        value = table[column.name][position].as_py()
        return column.name not in (NAME, "quality"), not column.faulty(value), column.direction == "none"

    columns = of_table(table)
    lines = [_line(table, position, column) for column in sorted(columns.values(), key=place)]
    return _found(table, position, columns) + lines


def _found(table: pa.Table, position: int, columns: dict[str, Column]) -> list[str]:
    """What is wrong with the row, in words and with the place, for the faults that were looked for."""
    if not any(name in columns for name in ("faults", "suspicions", *FAULTS)) or not all(
        name in table.column_names for name in COLUMNS
    ):
        return []
    prompt, response, record = (table[name][position].as_py() for name in COLUMNS)
    if record is None:
        return []
    return [str(finding) for finding in findings(prompt, response, record)]


def _line(table: pa.Table, position: int, column: Column) -> str:
    value = table[column.name][position].as_py()
    unit = "" if column.kind in ("label", "flag", "names") or value is None else f" {column.unit}"
    text = f"{column.name}: {shown(value)}{unit}"
    if value is not None and column.direction != "none":
        values = table[column.name].cast(pa.float64()).drop_null().to_numpy(zero_copy_only=False)
        worse = np.mean(values < value if column.direction == "higher" else values > value)
        same = np.mean(values == value)
        text += f", as {same:.1%} of the rows" if same > 0.5 else f", better than {worse:.0%} of the rows"
        text += f" ({column.direction} is better)"
    if column.faulty(value):
        text += f"; A FAULT, above the limit of {shown(column.limit)}"
    made_by = f"; made by {column.made_by}" if column.made_by else ""
    return f"{text}\n      {column.meaning}.\n      Source: {column.source}{made_by}"
