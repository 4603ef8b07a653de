"""Rows of a table in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from curate.engine.rows import Rows

# Rows of a batch.
BATCH = 10_000


@dataclass(frozen=True)
class LocalRows:
    """A table of n rows in this process; see `rows.Rows` for what each method does.

    Attributes:
        thin: the whole table.
    """

    thin: pa.Table

    @property
    def num_rows(self) -> int:
        """The number of rows, n."""
        return self.thin.num_rows

    def with_thin(self, thin: pa.Table) -> LocalRows:
        """The rows of another table of n rows."""
        assert thin.num_rows == self.num_rows
        return LocalRows(thin)

    def gather(
        self,
        function: Callable[..., pa.Table],
        columns: Sequence[str],
        *shared: Any,
        ordered: bool = False,
    ) -> Iterator[tuple[np.ndarray, pa.Table]]:
        """What a function returns for each batch of BATCH rows, in row order."""
        del ordered  # they always are
        selected = self.thin.select(columns)
        for start in range(0, self.num_rows, BATCH):
            batch = selected.slice(start, BATCH)
            yield np.arange(start, start + batch.num_rows), function(batch, *shared)

    def columns(self, function: Callable[..., pa.Table], columns: Sequence[str], *shared: Any) -> pa.Table:
        """What a function returns that has one row for each of its batch."""
        if not self.num_rows:
            return function(self.thin.select(columns), *shared)
        return pa.concat_tables([result for _, result in self.gather(function, columns, *shared)])

    def each(self, function: Callable[..., Iterable[Any]], tasks: Iterable[Any], *shared: Any) -> Iterator[Any]:
        """What a function yields for each task, one after the other."""
        for task in tasks:
            yield from function(task, *shared)

    def whole(self) -> Iterator[pa.Table]:
        """The table."""
        yield self.thin

    def table(self) -> pa.Table:
        """The table."""
        return self.thin


def as_rows(rows: pa.Table | Rows) -> Rows:
    """Rows as they are; those of a table as rows in this process."""
    return LocalRows(rows) if isinstance(rows, pa.Table) else rows
