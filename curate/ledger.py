"""The table as ledger: what became of every input row, and why."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from curate.dedup.exact import with_columns
from curate.errors import CurateError

SHOWN = 400


def with_rank(table: pa.Table, order: np.ndarray) -> pa.Table:
    """The table with `rank`: the place of a row in a selection, from 1; null for rows not selected.

    order: (k,) positions of the selected rows, best first.
    """
    rank = np.zeros(table.num_rows, np.int64)
    rank[order] = np.arange(1, len(order) + 1)
    return with_columns(table, rank=pa.array(rank, mask=rank == 0))


def fate(table: pa.Table, position: int) -> str:
    """What became of the row at this position, in words, by the columns that steps have added."""
    row = table.slice(position, 1).to_pylist()[0]
    if row["record"] is None:
        return f"invalid: {row['problem']} at {row['problem_path']}: {row['problem_message']}"
    if row.get("duplicate_of") is not None:
        kept = table.slice(row["duplicate_of"], 1).to_pylist()[0]
        return f"{row['duplicate_method']} duplicate of {kept['file']} row {kept['row']}, which is kept"
    if "rank" not in row:
        return "kept"
    return f"selected, rank {row['rank']:,}" if row["rank"] is not None else "valid and unique, but not selected"


def explain(table: pa.Table, row: int, file: str | None = None) -> str:
    """All that the ledger says of one input row.

    row: its number in its file, from 1.  file: the file, or the end of its path.
    Raises CurateError if no row or more than one fits.
    """
    numbers = np.flatnonzero(table["row"].to_numpy() == row)
    files = table["file"].take(pa.array(numbers)).to_pylist()
    found = [
        (int(i), name)
        for i, name in zip(numbers, files, strict=True)
        if file is None or f"/{name}".endswith(f"/{file}")
    ]
    if not found:
        raise CurateError(f"the ledger has no row {row}{f' of {file}' if file else ''}", 1)
    if len(found) > 1:
        names = ", ".join(f"{name}:{row}" for _, name in found)
        raise CurateError(f"several files have a row {row}; say which: {names}", 1)
    position = found[0][0]
    lines = [f"{found[0][1]} row {row}: {fate(table, position)}"]
    for name, value in table.slice(position, 1).to_pylist()[0].items():
        if value is not None and name not in ("file", "row", "record", "duplicate_of"):
            text = str(value)
            lines.append(f"  {name}: {text if len(text) <= SHOWN else text[:SHOWN] + '…'}")
    return "\n".join(lines)


def funnel(table: pa.Table) -> list[tuple[str, int]]:
    """How many rows are left after each step that the table has seen."""
    steps = [("read", table.num_rows), ("valid", table.num_rows - table["record"].null_count)]
    if "duplicate_of" in table.column_names:
        steps.append(("unique", steps[-1][1] - (table.num_rows - table["duplicate_of"].null_count)))
    if "rank" in table.column_names:
        steps.append(("selected", table.num_rows - table["rank"].null_count))
    return steps
