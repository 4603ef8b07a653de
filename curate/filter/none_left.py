"""Why no row is left to choose from, step by step, and what to do."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from curate.errors import CurateError
from curate.filter.conjuncts import why_no_row
from curate.filter.where import left_out_faults
from curate.table.counting import FILTERED
from curate.table.invalid import invalid_rows

# What to do about rows that conditions left out.
REMEDY = (
    "look at them: curate score IN scored.parquet --with faults, then curate explain scored.parquet ROW; to keep them, "
    "change the condition (in a recipe `where`, as --set where=[])"
)


def none_left(table: pa.Table) -> CurateError:
    """The error for a table of which every row is invalid or was dropped.

    Args:
        table: all rows, with the columns of the steps that dropped them.
    """
    reasons = [
        f"invalid for {problem.code}: {problem.rows:,}, first {problem.first}" for problem in invalid_rows(table)
    ]
    if "duplicate_of" in table.column_names:
        methods = Counter(table["duplicate_method"].drop_null().to_pylist())
        reasons += [f"dropped as {method}: {count:,}" for method, count in methods.most_common()]
    remedy = "give other rows"
    if FILTERED in table.column_names and table[FILTERED].null_count < table.num_rows:
        left_out = pc.value_counts(table[FILTERED].drop_null()).to_pylist()
        reasons += [f"left out by the condition `{count['values']}`: {count['counts']:,}" for count in left_out]
        reasons += left_out_faults(table) + why_no_row(table)
        remedy = REMEDY
    what = "no valid row is left to choose from" + (f", of {table.num_rows:,}" if table.num_rows else "")
    return CurateError(f"{what}\n  " + "\n  ".join([*reasons, remedy]), 1)
