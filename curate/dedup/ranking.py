"""Which of two rows is the better one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.engine.rows import Rows
from curate.errors import CurateError
from curate.table.bad_answers import bad_answers
from curate.table.fields import no_column
from curate.table.quality_column import FIELD, default_name, mentions, numbers
from schemas.record import loads

LONGER = "then the longer response"
BY_FAULTS = f"fewer certain faults, then fewer suspicions, {LONGER}"


class RowWorth(NamedTuple):
    """What the best of rows that are alike is told by.

    Attributes:
        values: (n,) float64 of all rows, more being better; None if no column says.
        rule: in words.
    """

    values: np.ndarray | None
    rule: str


def row_worth(rows: Rows, best: str | None = None) -> RowWorth:
    """The worth of rows by a column or field, rows with bad answers (see `bad_answers`) the worst.

    Args and Raises: as `_measured_worth`.
    """
    worth = _measured_worth(rows, best)
    bad = rows.columns(_bad_of_batch, ["record"])["bad"].to_numpy()
    if not bad.any():
        return worth
    values = np.zeros(len(bad)) if worth.values is None else np.nan_to_num(worth.values, nan=-np.inf)
    return RowWorth(np.where(bad, np.nan, values), f"good answers before bad ones, then {worth.rule}")


def _bad_of_batch(batch: pa.Table) -> pa.Table:
    """(n,) `bad`: whether a row has a bad answer."""
    return pa.table({"bad": bad_answers(batch["record"])})


def _measured_worth(rows: Rows, best: str | None) -> RowWorth:
    """The worth of rows by a column or field.

    Args:
        rows: n rows, wherever they are.
        best: a column of the table or a field of the rows, of which more is better; with a minus before it, less. None:
            as `quality_column.default_quality` has it.

    Raises:
        CurateError: for an unknown name, and for values that are no numbers.
    """
    name = best or default_name(rows.thin)
    if best is None and FIELD not in rows.thin.column_names:
        fields = rows.columns(_default_of_batch, ["record"])
        if pc.any(fields["known"]).as_py() and not pc.any(fields["wrong"]).as_py():
            return RowWorth(fields["number"].to_numpy(), f"most {FIELD}, {LONGER}")
    if name is None:
        return RowWorth(None, LONGER.removeprefix("then "))
    column = name.removeprefix("-")
    rule = f"{'most' if name == column else 'least'} {column}, {LONGER}"
    if column in rows.thin.column_names:
        return RowWorth(numbers(rows.thin, [], name), rule)
    fields = rows.columns(_numbers_of_batch, ["file", "row", "record"], name)
    if not pc.any(fields["known"]).as_py():
        raise no_column(column, rows.thin.column_names)
    return RowWorth(fields["number"].to_numpy(), rule)


def _numbers_of_batch(batch: pa.Table, name: str) -> pa.Table:
    """(n,) number of a field of each row, NaN where it has none, and whether it is there at all."""
    texts = batch["record"].to_pylist()
    records = [None if text is None else loads(text) for text in texts]
    column = name.removeprefix("-")
    known = np.array([record is not None and column in (record.extra or {}) for record in records], bool)
    values = np.full(len(records), np.nan)
    if known.any():
        there = [record for record, is_known in zip(records, known, strict=True) if is_known and record is not None]
        values[known] = numbers(batch.filter(pa.array(known)), there, name)
    return pa.table({"number": values, "known": known})


def _default_of_batch(batch: pa.Table) -> pa.Table:
    """The field `quality` of each row; see `_numbers_of_batch`; `wrong` where one of the batch holds something else."""
    rows = batch.num_rows
    wrong = False
    if mentions(batch["record"]):
        try:
            return _numbers_of_batch(batch, FIELD).append_column("wrong", pa.array([False] * rows))
        except CurateError:
            wrong = True
    values = {"number": np.full(rows, np.nan), "known": np.zeros(rows, bool), "wrong": np.full(rows, wrong)}
    return pa.table(values)


def rank_rows(
    table: pa.Table,
    positions: np.ndarray,
    lengths: np.ndarray,
    record_hashes: np.ndarray,
    worth: Sequence[np.ndarray | None] = (),
) -> np.ndarray:
    """These positions from the best row to the worst, whatever the order of the table's rows.

    Args:
        table: its columns `row` and `file` are read.
        positions: (k,) rows to rank.
        lengths: (rows,) of the table, as in `digests.TextDigests`; looked at where the positions are only.
        record_hashes: (rows,) of the table, likewise.
        worth: (rows,) numbers of the table, more being better and NaN the worst, the first counting most; None counts
            not at all. Rows of the same worth are ranked by the longer response, then by what they carry in all (of
            rows with the same text, so, the one that has a category), then the smaller hash of the record, then file
            and row.
    """
    order_keys = [table["row"].to_numpy(), _name_order(table["file"]), record_hashes, -lengths]
    order_keys += [-values for values in reversed(worth) if values is not None]
    return positions[np.lexsort([values[positions] for values in order_keys])]


def _name_order(names: pa.ChunkedArray) -> np.ndarray:
    """(n,) int32: the place of each name among the distinct ones in order."""
    distinct = pc.unique(names).sort()
    return pc.index_in(names, distinct).to_numpy()
