"""The columns that mark contaminated rows, made of overlaps."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.dedup.mark_columns import ELSEWHERE
from curate.dedup.overlaps import HELD_BYTES, METHODS, Overlaps
from curate.table.ledger import CONTAMINATED
from curate.table.spill import Spill
from curate.table.table import ROW_GROUP, with_columns

SCHEMA = pa.schema(
    [
        ("contaminated_by", pa.string()),
        ("contamination_method", pa.string()),
        ("contamination_similarity", pa.float32()),
        ("contamination_text", pa.string()),
    ]
)


def with_contamination(table: pa.Table, items: pa.Table, overlaps: Overlaps, flag: bool) -> pa.Table:
    """The table with the columns that `decontaminate.decontaminate` names.

    Args:
        table: the rows.
        items: the evaluation rows; their `file` and `row` are read.
        overlaps: what they share.
        flag: whether contaminated rows are only flagged; else they count as dropped.
    """
    columns = _columns(table.num_rows, items, overlaps)
    marked = with_columns(table, **{name: columns[name] for name in SCHEMA.names})
    if flag:
        return marked
    contaminated = pc.is_valid(marked["contaminated_by"])
    is_marked = "duplicate_of" in table.column_names
    of = table["duplicate_of"] if is_marked else pa.nulls(table.num_rows, pa.int64())
    method = table["duplicate_method"] if is_marked else pa.nulls(table.num_rows, pa.string())
    dropped_now = pc.and_(contaminated, pc.is_null(of))
    return with_columns(
        marked,
        duplicate_of=pc.if_else(dropped_now, pa.scalar(ELSEWHERE, pa.int64()), of),
        duplicate_method=pc.if_else(dropped_now, CONTAMINATED, method),
    )


def _columns(rows: int, items: pa.Table, overlaps: Overlaps) -> pa.Table:
    """The columns of so many rows, by the first overlap of each."""
    place = pc.binary_join_element_wise(items["file"], items["row"].cast(pa.string()), ":").combine_chunks()
    method = pa.array(METHODS)
    overlap_rows = overlaps.rows[overlaps.first]
    with Spill(SCHEMA, HELD_BYTES) as spill:
        for start in range(0, rows, ROW_GROUP):
            low, high = np.searchsorted(overlap_rows, [start, start + ROW_GROUP])
            at = overlaps.first[low:high]
            begin, end = (at[0], at[-1] + 1) if len(at) else (0, 0)
            first = overlaps.table.slice(begin, end - begin).take(pa.array(at - begin))
            index = np.full(min(ROW_GROUP, rows - start), -1, np.int64)
            index[overlap_rows[low:high] - start] = np.arange(len(at))
            indices = pa.array(index, mask=index < 0)
            columns = (
                place.take(first["item"]),
                method.take(first["method"]),
                first["similarity"].cast(pa.float32()),
                first["text"],
            )
            arrays = [column.combine_chunks().take(indices) for column in columns]
            spill.add(pa.RecordBatch.from_arrays(arrays, schema=SCHEMA))
        return spill.table()
