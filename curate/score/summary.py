"""The scores of a table as a whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.score.column import Column, of_table
from curate.score.explain import shown


def summary(table: pa.Table) -> dict[str, Any]:
    """Counts of rows and valid rows, and each score's quantiles or commonest labels, faults, and unmeasured rows."""
    valid = table["record"].is_valid()
    count = table.num_rows - table["record"].null_count
    return {
        "rows": table.num_rows,
        "valid": count,
        "scores": [
            _column_summary(table[name].filter(valid), column, count) for name, column in of_table(table).items()
        ],
    }


def _column_summary(column: pa.ChunkedArray, described: Column, rows: int) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": described.name, "unit": described.unit, "direction": described.direction}
    values = column.drop_null()
    measured = len(values)
    entry["not_measured"] = rows - measured
    entry["faults"] = None
    if described.kind == "names":
        entry["faults"] = int(pc.sum(pc.greater(pc.list_value_length(values), 0)).as_py() or 0)
        values = pc.list_flatten(values)
    if not described.is_number:
        counts = sorted(values.value_counts().to_pylist(), key=lambda count: -count["counts"])
        commonest = (f"{count['values']} {count['counts'] / measured:.0%}" for count in counts[:3])
        entry["commonest"] = ", ".join(commonest)
        return entry
    numbers = values.to_numpy().astype(float)
    if described.limit is not None:
        entry["faults"] = int(np.count_nonzero(numbers > described.limit))
    if len(numbers):
        low, middle, high = np.quantile(numbers, [0.05, 0.5, 0.95]).tolist()
        entry |= {"median": shown(middle), "p5": shown(low), "p95": shown(high)}
    return entry
