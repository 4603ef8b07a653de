"""What rows share with evaluation items: millions of overlaps as columns, their texts in a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from curate.table.spill import Spill
from curate.table.table import take

# In the order in which they decide.
METHODS = ("ngram", "prompt", "near", "semantic")
SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("item", pa.int64()),
        ("method", pa.int8()),
        ("similarity", pa.float64()),
        ("text", pa.string()),
    ]
)
HELD_BYTES = 64 << 20
BATCH = 10_000


class Overlap(NamedTuple):
    """A row and what it shares with an evaluation item.

    Attributes:
        row: its position in the table.
        item: position of the item in the evaluation table.
        method: one of METHODS.
        similarity: share of the item's n-grams that the row has, 1 for the same prompt, Jaccard, or cosine.
        text: the longest overlapping span as the row writes it; for the other methods, the item.
    """

    row: int
    item: int
    method: str
    similarity: float
    text: str


class Overlaps:
    """Overlaps, row by row, and for one row in the order of METHODS; at most one a method.

    Attributes:
        table: the overlaps, in SCHEMA; `method` is a place in METHODS.
    """

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __len__(self) -> int:
        return self.table.num_rows

    def __iter__(self) -> Iterator[Overlap]:
        for start in range(0, len(self), BATCH):
            yield from self.at(np.arange(start, min(start + BATCH, len(self))))

    def __getitem__(self, place: int) -> Overlap:
        return self.at(np.array([range(len(self))[place]]))[0]

    def at(self, places: np.ndarray) -> list[Overlap]:
        """The overlaps at (k,) places."""
        columns = [take(self.table[name], places) for name in SCHEMA.names]
        columns[2] = [METHODS[number] for number in columns[2]]
        return [Overlap(*values) for values in zip(*columns, strict=True)]

    @cached_property
    def rows(self) -> np.ndarray:
        """(h,) int64 row of each overlap, ascending."""
        return self.table["row"].to_numpy()

    @cached_property
    def first(self) -> np.ndarray:
        """(r,) int64 place of the first overlap of each row that has any."""
        return np.flatnonzero(np.diff(self.rows, prepend=-1))

    def most_similar(self, count: int) -> list[Overlap]:
        """So many overlaps of the highest similarity, at four digits; of equal ones the first."""
        distinct, which = np.unique(self.table["similarity"].to_numpy(), return_inverse=True)
        rounded = np.array([round(value, 4) for value in distinct.tolist()])[which]
        return self.at(np.argsort(-rounded, kind="stable")[:count])

    def commonest_item(self) -> tuple[int, int]:
        """The item that most rows share text with (the first one of several), and how many rows; (-1, 0) if none."""
        if not len(self):
            return -1, 0
        items = self.table["item"].to_numpy()
        base = int(items.max()) + 1
        pairs = np.unique(self.rows * base + items) % base
        counts = np.bincount(pairs)
        at = int(np.argmax(counts[items]))
        return int(items[at]), int(counts[items[at]])


def concatenate_overlaps(parts: Sequence[pa.Table]) -> Overlaps:
    """Overlaps by different methods.

    Args:
        parts: tables of SCHEMA, each in the order of its rows.
    """
    joined = pa.concat_tables([SCHEMA.empty_table(), *parts])
    if sum(part.num_rows > 0 for part in parts) < 2:
        return Overlaps(joined)
    order = np.lexsort((joined["method"].to_numpy(), joined["row"].to_numpy()))
    with Spill(SCHEMA, HELD_BYTES) as spill:
        for start in range(0, len(order), BATCH):
            columns = [pa.array(take(joined[f.name], order[start : start + BATCH]), f.type) for f in SCHEMA]
            spill.add(pa.RecordBatch.from_arrays(columns, schema=SCHEMA))
        return Overlaps(spill.table())
