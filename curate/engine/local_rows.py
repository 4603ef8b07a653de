"""Rows of a table in this process, and the engine that works on them here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from curate.engine.rows import Rows
from curate.progress import Progress, silent
from curate.table import table

# Rows of a batch.
BATCH = 10_000


def each(function: Callable[..., Iterable[Any]], tasks: Iterable[Any], *shared: Any) -> Iterator[Any]:
    """What `function(task, *shared)` yields for each task, one after the other."""
    for task in tasks:
        yield from function(task, *shared)


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
        return each(function, tasks, *shared)

    def whole(self) -> Iterator[pa.Table]:
        """The table."""
        yield self.thin

    def table(self) -> pa.Table:
        """The table."""
        return self.thin


class LocalEngine:
    """Work in this process."""

    name = "local"

    def read(
        self,
        paths: Sequence[str | Path],
        format_name: str | None = None,
        repair: bool = False,
        progress: Progress = silent,
    ) -> LocalRows:
        """The rows of files; see `curate.table.table.read`."""
        return LocalRows(table.read(paths, format_name, repair, progress))

    def each(self, function: Callable[..., Iterable[Any]], tasks: Iterable[Any], *shared: Any) -> Iterator[Any]:
        """What a function yields for each task, one after the other."""
        return each(function, tasks, *shared)

    def rows(self, rows: pa.Table) -> LocalRows:
        """The rows of a table."""
        return LocalRows(rows)


def as_rows(rows: pa.Table | Rows) -> Rows:
    """Rows as they are; those of a table as rows in this process."""
    return LocalRows(rows) if isinstance(rows, pa.Table) else rows
