"""A row's scores in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from curate.errors import CurateError
from curate.score.column import Column, of_table


def shown(value: Any) -> str:
    """A value as short as it can be told: three digits after the point at most."""
    if value is None:
        return "not measured"
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def position(table: pa.Table, row: str) -> int:
    """Where in the table an input row is, given as its number, or with its file as `file.jsonl:12`.

    Raises CurateError if no row or more than one fits.
    """
    file, _, number = row.rpartition(":")
    if not number.isdigit():
        raise CurateError(f"{row!r} is no row; write a number, or file.jsonl:12")
    numbers = np.flatnonzero(table["row"].to_numpy() == int(number)).tolist()
    files = table["file"].take(pa.array(numbers, pa.int64())).to_pylist()
    found = [i for i, name in zip(numbers, files, strict=True) if not file or f"/{name}".endswith(f"/{file}")]
    if len(found) != 1:
        places = ", ".join(f"{table['file'][i]}:{number}" for i in found[:5])
        said = f"several files have a row {number}; say which: {places}" if found else f"there is no row {row}"
        raise CurateError(said, 1)
    return found[0]


def explain(table: pa.Table, position: int) -> list[str]:
    """One line for each score of the row at this position: its value, where that stands among all rows, its meaning."""
    return [_line(table, position, column) for column in of_table(table).values()]


def _line(table: pa.Table, position: int, column: Column) -> str:
    value = table[column.name][position].as_py()
    unit = "" if column.kind in ("label", "flag") or value is None else f" {column.unit}"
    text = f"{column.name}: {shown(value)}{unit}"
    if value is not None and column.direction != "none":
        values = table[column.name].cast(pa.float64()).drop_null().to_numpy(zero_copy_only=False)
        worse = np.mean(values < value if column.direction == "higher" else values > value)
        same = np.mean(values == value)
        text += f", as {same:.1%} of the rows" if same > 0.5 else f", better than {worse:.0%} of the rows"
        text += f" ({column.direction} is better)"
    if column.faulty(value):
        text += f"; A FAULT, above the limit of {shown(column.limit)}"
    made = f"; made by {column.made}" if column.made else ""
    return f"{text}\n      {column.says}.\n      Source: {column.source}{made}"
