"""The rows that a selection chooses from, always in the same order whatever that of the table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from curate.errors import CurateError
from curate.filter.none_left import none_left
from curate.table.bad_answers import bad_answers
from curate.table.counting import rows_that_count
from curate.table.table import TEXTS, records, take
from curate.text.normal import key
from schemas.record import Conversation

# Records that are read at a time.
BATCH = 10_000


class Records(Sequence[Conversation]):
    """The records of a table at these positions, each read when it is asked for.

    Args:
        table: whose column `record` has them.
        positions: (n,) int64.
    """

    def __init__(self, table: pa.Table, positions: np.ndarray) -> None:
        self.table, self.positions = table, positions

    def __len__(self) -> int:
        return len(self.positions)

    def __getitem__(self, i):  # type: ignore[no-untyped-def]
        if isinstance(i, slice):
            return records(self.table, self.positions[i])
        return records(self.table, self.positions[[i]])[0]

    def __iter__(self) -> Iterator[Conversation]:
        for start in range(0, len(self), BATCH):
            yield from self[start : start + BATCH]


class Candidates(NamedTuple):
    """Rows of a table in the order of the hashes of their texts.

    Attributes:
        table: the whole table.
        positions: (n,) int64 of the candidates in it.
        hashes: n hashes of their texts, ascending.
        columns: n rows, the table's columns without its texts.
        bad: rows that are none of them since their answer is labelled as bad.
    """

    table: pa.Table
    positions: np.ndarray
    hashes: list[bytes]
    columns: pa.Table
    bad: int = 0

    @property
    def records(self) -> Records:
        """Their records."""
        return Records(self.table, self.positions)

    def take(self, members: np.ndarray) -> Candidates:
        """Some of them.

        Args:
            members: (k,) places among the candidates, ascending.
        """
        hashes = [self.hashes[i] for i in members]
        return Candidates(self.table, self.positions[members], hashes, self.columns.take(pa.array(members)))

    def places(self) -> list[str]:
        """n texts `file:row`."""
        rows = self.table.select(["file", "row"]).take(pa.array(self.positions))
        return [f"{file}:{row}" for file, row in zip(rows["file"].to_pylist(), rows["row"].to_pylist(), strict=True)]


def candidates_of(table: pa.Table) -> Candidates:
    """The rows of a table that are valid, no duplicates and no bad answers, in the order of their hashes.

    Rows of the same text come in the order of their records, files and row numbers.

    Raises:
        CurateError: if there is none.
    """
    positions = rows_that_count(table, "unique")
    if not len(positions):
        raise none_left(table)
    good = ~bad_answers(table["record"].take(pa.array(positions)))
    if not good.any():
        raise CurateError("every row has an answer that is labelled as bad; none can be selected", 1)
    positions = positions[good]
    unordered = [key(record) for record in Records(table, positions)]
    by_hash = sorted(range(len(unordered)), key=unordered.__getitem__)
    hashes = [unordered[i] for i in by_hash]
    ordered = _ties_in_order(table, positions[by_hash], hashes)
    columns = table.drop_columns([name for name in TEXTS if name in table.column_names]).take(pa.array(ordered))
    return Candidates(table, ordered, hashes, columns, int((~good).sum()))


def _ties_in_order(table: pa.Table, positions: np.ndarray, hashes: Sequence[bytes]) -> np.ndarray:
    start = 0
    for _, same in groupby(hashes):
        end = start + len(list(same))
        if end > start + 1:
            tied = positions[start:end]
            keys = list(zip(*(take(table[name], tied) for name in ("record", "file", "row")), strict=True))
            positions[start:end] = tied[sorted(range(len(keys)), key=keys.__getitem__)]
        start = end
    return positions
