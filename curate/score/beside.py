"""Scores beside the rows that they are of, for files that people and other tools read."""

from __future__ import annotations

import math

import msgspec
import pyarrow as pa

from curate.dedup.exact import with_columns
from curate.score.column import of_table
from curate.table import valid
from schemas.record import dumps, loads

FIELD = "scores"


def beside(table: pa.Table) -> pa.Table:
    """The table whose records carry their scores in the field `scores`, in place of one that they had.

    One field holds them all, so that none takes the name of a field that the rows have already.
    """
    names = list(of_table(table))
    records = table["record"].to_pylist()
    columns = [table[name].to_pylist() for name in names]
    for position in valid(table).tolist():
        record = loads(records[position])
        scores = {name: _plain(column[position]) for name, column in zip(names, columns, strict=True)}
        others = {name: text for name, text in (record.extra or {}).items() if name != FIELD}
        record.extra = {**others, FIELD: msgspec.json.encode(scores).decode()}
        records[position] = dumps(record)
    return with_columns(table, record=pa.array(records, pa.string()))


def _plain(value: object) -> object:
    """A number at six significant digits: more would only be noise to a reader."""
    if not isinstance(value, float) or value == 0 or not math.isfinite(value):
        return value
    return round(value, 6 - math.floor(math.log10(abs(value))) - 1)
