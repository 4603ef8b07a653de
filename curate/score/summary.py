"""What a table's scores look like as a whole."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa

from curate.score.column import Column, of_table
from curate.score.explain import shown


def summary(table: pa.Table) -> dict[str, Any]:
    """Rows, valid rows, and for each score its quantiles or commonest labels, faults and rows without a value."""
    valid = table.filter(table["record"].is_valid())
    return {
        "rows": table.num_rows,
        "valid": valid.num_rows,
        "scores": [_one(valid, column) for column in of_table(table).values()],
    }


def _one(valid: pa.Table, column: Column) -> dict[str, Any]:
    found: dict[str, Any] = {"name": column.name, "unit": column.unit, "direction": column.direction}
    values = valid[column.name].drop_null().to_pylist()
    found["not_measured"] = valid.num_rows - len(values)
    found["faults"] = None if column.limit is None else sum(map(column.faulty, values))
    if column.kind == "label":
        commonest = Counter(values).most_common(3)
        found["commonest"] = ", ".join(f"{label} {count / len(values):.0%}" for label, count in commonest)
    elif values:
        low, middle, high = np.quantile(np.asarray(values, float), [0.05, 0.5, 0.95]).tolist()
        found |= {"median": shown(middle), "p5": shown(low), "p95": shown(high)}
    return found
