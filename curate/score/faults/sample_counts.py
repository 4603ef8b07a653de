"""Certain faults among the first rows of files, for a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress

import pyarrow as pa

from curate.errors import UnknownData
from curate.score.faults.registry import names
from curate.score.texts import RowTexts
from curate.table import table

# Rows that are looked at: some seconds' work.
FIRST_ROWS = 1000


def first_rows_faults(sources: Sequence[str], format_name: str | None) -> tuple[int, Counter[str]]:
    """How many valid rows were looked at, the first ones, and how many of them have which certain fault.

    Args:
        sources: files that can be read twice.
        format_name: of the rows; detected if None.
    """
    found: Counter[str] = Counter()
    looked_at = 0
    for batch in _batches(sources, format_name):
        rows = pa.Table.from_batches([batch])
        rows = rows.take(pa.array(table.valid(rows)[: FIRST_ROWS - looked_at]))
        for faults in names(RowTexts.of_table(rows), True):
            found.update(faults)
        looked_at += rows.num_rows
        if looked_at >= FIRST_ROWS:
            break
    return looked_at, found


def _batches(sources: Sequence[str], format_name: str | None) -> Iterator[pa.RecordBatch]:
    """The rows of the files of known formats."""
    for source in sources:
        with suppress(UnknownData):
            yield from table.batches([source], format_name)
