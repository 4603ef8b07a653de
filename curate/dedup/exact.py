"""Exact duplicates: rows whose text is the same but for white space at line ends and how characters are composed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.dedup.digests import TextDigests, digest_rows
from curate.dedup.grouping import groups, pairs_within
from curate.dedup.ranking import rank_rows, row_worth
from curate.engine.local_rows import as_rows
from curate.table.counting import FILTERED
from curate.table.table import with_columns


def mark(table: pa.Table, folds: Sequence[str] = ()) -> pa.Table:
    """The table with `duplicate_of` and `duplicate_method`.

    duplicate_of: int64, the position of the row that is kept in place of this one; null for rows that are kept and for
    invalid ones.  Of the rows with the same text the best is kept as `ranking.rank_rows` has it, by quality if there is
    any, so that what is kept does not depend on the order of the rows.  Rows that are marked already remain so,
    whatever marked them, and rows that a condition has left out are not compared.

    Args:
        table: n rows.
        folds: what of the text does not count, some of `exact_form.FOLDS`.
    """
    before = np.full(table.num_rows, -1, np.int64)
    methods = pa.nulls(table.num_rows, pa.string())
    marked = np.zeros(table.num_rows, bool)
    if {"duplicate_of", "duplicate_method"} <= set(table.column_names):
        marked = table["duplicate_of"].is_valid().to_numpy()
        before, methods = table["duplicate_of"].fill_null(-1).to_numpy(), table["duplicate_method"]
    compared = ~marked
    if FILTERED in table.column_names:
        compared &= table[FILTERED].is_null().to_numpy()
    representative = _representatives(table, digest_rows(as_rows(table), "conversation", folds), compared)
    # A row that was kept for others may now be dropped for one with the same text, which then stands for those as well.
    moved = marked & (before >= 0)
    moved[moved] = representative[before[moved]] >= 0
    before = np.where(moved, representative[np.maximum(before, 0)], before)
    new = representative >= 0
    return with_columns(
        table,
        duplicate_of=pa.array(np.where(marked, before, representative), mask=~(marked | new)),
        duplicate_method=pc.if_else(pa.array(new), "exact", methods),
    )


def _representatives(table: pa.Table, rows: TextDigests, unmarked: np.ndarray) -> np.ndarray:
    """(n,) int64: the best of the unmarked rows with the same text, for each other one of them; -1 for all others."""
    compared = unmarked[rows.owners]
    positions = rows.owners[compared]
    members, sizes = groups(rows.digests[compared])
    repeated = np.zeros(len(positions), bool)
    repeated[members] = True
    # Only repeated rows need an order.
    worth = row_worth(as_rows(table)).values
    order = rank_rows(table, positions[repeated], rows.lengths, rows.record_hashes, [worth])
    place = np.empty(table.num_rows, np.int64)
    place[order] = np.arange(len(order))
    number = np.repeat(np.arange(len(sizes)), sizes)
    best_first = np.lexsort((place[positions[members]], number))
    best, others = pairs_within(positions[members][best_first], sizes, hubs=1)
    representative = np.full(table.num_rows, -1, np.int64)
    representative[others] = best
    return representative
