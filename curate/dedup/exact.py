"""Exact duplicates: rows whose text is the same once case, width and white space are set aside."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.table.table import with_columns


def mark(table: pa.Table) -> pa.Table:
    """The table with `duplicate_of` and `duplicate_method`.

    duplicate_of: int64, the position of the row that is kept in place of this one; null for rows that are kept and for
    invalid ones.  Of the rows that say the same the best is kept as `keys.ranked` has it, so that what is kept does not
    depend on the order of the rows.  Rows that are marked already stay so, whatever marked them.
    """
    from curate.dedup import keys
    from curate.dedup.minhash import groups, pairs_within

    before = np.full(table.num_rows, -1, np.int64)
    methods = pa.nulls(table.num_rows, pa.string())
    out = np.zeros(table.num_rows, bool)
    if {"duplicate_of", "duplicate_method"} <= set(table.column_names):
        out = table["duplicate_of"].is_valid().to_numpy()
        before, methods = table["duplicate_of"].fill_null(-1).to_numpy(), table["duplicate_method"]
    said = keys.say_all(table, "conversation")
    some = ~out[said.owners]
    positions = said.owners[some]
    members, sizes = groups(said.digests[some])
    repeated = np.zeros(len(positions), bool)
    repeated[members] = True
    # Only repeated rows need an order.
    order = keys.ranked(table, positions[repeated], said.longer, said.marks)
    place = np.empty(table.num_rows, np.int64)
    place[order] = np.arange(len(order))
    number = np.repeat(np.arange(len(sizes)), sizes)
    best_first = np.lexsort((place[positions[members]], number))
    best, rest = pairs_within(positions[members][best_first], sizes, hubs=1)
    kept = np.full(table.num_rows, -1, np.int64)
    kept[rest] = best
    # A row that stayed for others may now go for one that says the same, which then stays for those as well.
    moved = out & (before >= 0)
    moved[moved] = kept[before[moved]] >= 0
    before = np.where(moved, kept[np.maximum(before, 0)], before)
    new = kept >= 0
    return with_columns(
        table,
        duplicate_of=pa.array(np.where(out, before, kept), mask=~(out | new)),
        duplicate_method=pc.if_else(pa.array(new), "exact", methods),
    )
