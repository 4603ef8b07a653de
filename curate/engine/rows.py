"""Rows wherever they lie, and the engine that does work on them: what steps know of where they run.

    engine = LocalEngine()                 RayEngine()
    rows   = LocalRows(table)              RayRows(dataset, starts, thin)

             thin                                   thin (in this process)     texts (on the cluster)
      +-----+-------+-----------+            +-----+-------+-------+      +--------+----------+
      | row | score | prompt .. |            | row | score | ""    |      | prompt | response |
      +-----+-------+-----------+            +-----+-------+-------+      +--------+----------+

A step asks for batches of rows (`gather`, `columns`) or for tasks to be done (`each`), settles the rest by numbers, and
adds columns to `thin`.  Its result is the same on either engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from curate.progress import Progress, silent

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from curate.engine.parts import FilePart
    from schemas.adapt import Adapter


class Workers(Protocol):
    """What does tasks that are about no rows of a table."""

    def each(self, function: Callable[..., Iterable[Any]], tasks: Iterable[Any], *shared: Any) -> Iterator[Any]:
        """What `function(task, *shared)` yields for each task, in the order of the tasks.

        Args:
            function: a pure function of a module, which workers import.
            tasks: anything that can be pickled.
            shared: further arguments, the same for all tasks; they may be large arrays.
        """


class Rows(Workers, Protocol):
    """A table of n rows, in this process or on a cluster."""

    @property
    def thin(self) -> pa.Table:
        """The table in row order, in this process; its texts (`table.TEXTS`) may be empty where others are."""

    @property
    def num_rows(self) -> int:
        """The number of rows, n."""

    def with_thin(self, thin: pa.Table) -> Rows:
        """These rows with other columns beside their texts; n and the order are as before."""

    def gather(
        self, function: Callable[..., pa.Table], columns: Sequence[str], *shared: Any, ordered: bool = False
    ) -> Iterator[tuple[np.ndarray, pa.Table]]:
        """What `function(batch, *shared)` returns for each batch of all rows, with the positions of the batch's rows.

        Args:
            function: a pure function of a module, which workers import. It gets tables of k rows with these columns, of
                some ten thousand rows each, and returns a table of any number of rows and any columns. No result may
                depend on where batches end.
            columns: names of columns of the table.
            shared: further arguments, the same for all batches; they may be large arrays.
            ordered: whether batches come in row order.

        Yields:
            (positions, table): positions (k,) int64, ascending.

        Raises:
            CurateError: what the function raises.
        """

    def columns(self, function: Callable[..., pa.Table], columns: Sequence[str], *shared: Any) -> pa.Table:
        """n rows in row order: what a function returns that has one row for each of its batch; see `gather`."""

    def whole(self) -> Iterator[pa.Table]:
        """The whole table, batch by batch in row order."""

    def table(self) -> pa.Table:
        """The whole table in this process."""


class Engine(Workers, Protocol):
    """Where work runs: `LocalEngine`, or `RayEngine` while it is connected; see `connect.connected`."""

    @property
    def name(self) -> str:
        """`local` or `ray`."""

    @property
    def item_bytes(self) -> int:
        """How many bytes an item that `each` yields should have at least; 0 where handing one on costs nothing."""

    def parts(
        self,
        sources: Sequence[str],
        format_name: str | None = None,
        adapter: Adapter | None = None,
        repair: bool = False,
    ) -> list[FilePart]:
        """The files in the parts in which this engine reads them; see `curate.engine.parts.cut_files`."""

    def read(
        self,
        paths: Sequence[str | Path],
        format_name: str | None = None,
        repair: bool = False,
        progress: Progress = silent,
    ) -> Rows:
        """The rows of files; see `curate.table.table.read`."""

    def rows(self, table: pa.Table) -> Rows:
        """The rows of a table that this process has."""
