"""The canonical table on a Ray cluster: texts on its nodes, all that is small here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from curate.engine.ray import batches, errors, in_order, mapped, one_cell
from curate.table.spill import Spill
from curate.table.table import TEXTS, with_texts

if TYPE_CHECKING:
    from ray.data import Dataset
    from ray.data.dataset import MaterializedDataset

# Where a row belongs, whatever blocks Ray makes and in whatever order they come: the number of its part, and its place
# within the part.
PART, AT = "_part", "_at"
# Rows of a part of a table that this process has.
PART_ROWS = 1 << 14


@dataclass(frozen=True)
class RayRows:
    """A table of n rows on a cluster, in parts whose rows follow one another; see `ray_read.read` and `of`.

    Attributes:
        dataset: on the cluster; of its columns PART, AT and the texts (`curate.table.table.TEXTS`) count.
        starts: (parts + 1,) int64, the position of each part's first row; the last is n.
        thin: the table in row order, in this process, with empty texts in place of those that there are. So whatever
            only asks which rows are valid, as `curate.table.counting.rows_that_count`, takes it as it is.
    """

    dataset: MaterializedDataset
    starts: np.ndarray
    thin: pa.Table

    @property
    def num_rows(self) -> int:
        """The number of rows, n."""
        return int(self.starts[-1])

    def with_thin(self, thin: pa.Table) -> RayRows:
        """These rows with other columns beside their texts; n and the order are as before."""
        assert thin.num_rows == self.num_rows
        return replace(self, thin=thin)

    def gather(
        self, function: Callable[..., pa.Table], columns: Sequence[str], *shared: Any, ordered: bool = False
    ) -> Iterator[tuple[np.ndarray, pa.Table]]:
        """What `function(batch, *shared)` gives for each batch of all rows, with the positions of the batch's rows.

        Args:
            function: a pure function of a module, which workers import. It gets tables of k rows with these columns, of
                some ten thousand rows each, and gives a table of any number of rows and any columns: what its rows are
                of is between it and the caller. Batches are what Ray makes of the parts, so no result may depend on
                where they end.
            columns: texts, which workers have, or any of `thin`, which are sent to the workers that need them.
            shared: further arguments, the same for all batches; each node gets them once, so they may be large arrays.
            ordered: whether batches come in row order. If not, whoever is ready first comes first.

        Yields:
            (positions, table): positions (k,) int64, ascending.

        Raises:
            CurateError: that the function raises.
        """
        for part, at, table in _results(self.dataset, function, self._batch_columns(columns), shared, ordered):
            yield self.starts[part] + at, table

    def each(self, function: Callable[..., Iterable[Any]], tasks: Iterable[Any], *shared: Any) -> Iterator[Any]:
        """What `function(task, *shared)` yields for each task, in the order of the tasks; see `ray.in_order`."""
        return in_order(function, tasks, *shared)

    def mapped(self, function: Callable[..., pa.Table], columns: Sequence[str], *shared: Any) -> Dataset:
        """What `function(batch, *shared)` gives for each batch of all rows, left on the cluster; see `gather`."""
        return mapped(self.dataset, _apply, function, self._batch_columns(columns), *shared)

    def columns(self, function: Callable[..., pa.Table], columns: Sequence[str], *shared: Any) -> pa.Table:
        """n rows in row order: what a function gives that has one row for each of its batch.  See `gather`."""
        results: list[tuple[int, pa.Table]] = []
        for positions, table in self.gather(function, columns, *shared):
            assert table.num_rows == len(positions)
            results.append((int(positions[0]), table))
        return pa.concat_tables([table for _, table in sorted(results, key=lambda item: item[0])])

    def whole(self) -> Iterator[pa.Table]:
        """The whole table, batch by batch in row order: `thin`, with the texts in their places."""
        texts = [name for name in TEXTS if name in self.thin.column_names]
        for positions, table in self.gather(_same, texts, ordered=True):
            yield with_texts(self.thin.slice(int(positions[0]), len(positions)), table)

    def table(self) -> pa.Table:
        """The whole table in this process; on its disk where it is large, see `curate.table.spill.Spill`."""
        with Spill(self.thin.schema) as spill:
            for table in self.whole():
                for record_batch in table.combine_chunks().to_batches():
                    spill.add(record_batch)
            return spill.table()

    def _batch_columns(self, columns: Sequence[str]) -> _BatchColumns:
        import ray

        own = [name for name in columns if name in TEXTS]
        others = self.thin.select([name for name in columns if name not in TEXTS])
        if not others.num_columns:
            return _BatchColumns(list(columns), own, [])
        cuts = zip(self.starts.tolist(), np.diff(self.starts).tolist(), strict=False)
        return _BatchColumns(list(columns), own, [ray.put(_copied(others.slice(start, size))) for start, size in cuts])


class _BatchColumns(NamedTuple):
    """The columns that a function gets.

    Attributes:
        own: those that workers have.
        parts: references to the others, as tables for the rows of each part.
    """

    columns: list[str]
    own: list[str]
    parts: list[Any]

    def of(self, batch: pa.Table) -> pa.Table:
        """These columns of a batch's rows."""
        selected = batch.select(self.own)
        if self.parts:
            others = _process_columns(batch[PART].to_numpy(), batch[AT].to_numpy(), self.parts)
            for name in others.column_names:
                selected = selected.append_column(others.schema.field(name), others[name])
        return selected.select(self.columns)


def of(table: pa.Table) -> RayRows:
    """A table that this process has, put on the cluster."""
    import ray.data

    starts = np.arange(0, max(1, table.num_rows), PART_ROWS)
    texts = table.select([name for name in TEXTS if name in table.column_names])
    slices = (_copied(texts.slice(start, PART_ROWS)) for start in starts.tolist())
    dataset = ray.data.from_arrow([placed(rows, number, 0) for number, rows in enumerate(slices)])
    return RayRows(materialised(dataset), np.append(starts, table.num_rows).astype(np.int64), thin(table))


def gathered(dataset: MaterializedDataset, parts: int, schema: pa.Schema) -> RayRows:
    """Rows of a dataset of whole tables with PART and AT.

    Args:
        dataset: on the cluster.
        parts: how many parts there are, with those that have no row.
        schema: of the tables, without PART and AT.
    """
    sizes = np.zeros(parts, np.int64)
    blocks = []
    for part, at, table in _results(dataset, thin, _BatchColumns(schema.names, schema.names, []), (), ordered=False):
        sizes += np.bincount(part, minlength=parts)
        blocks.append((int(part[0]), int(at[0]), table))
    tables = [table for _, _, table in sorted(blocks, key=lambda item: item[:2])]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return RayRows(dataset, starts, pa.concat_tables([schema.empty_table(), *tables]))


def materialised(dataset: Dataset) -> MaterializedDataset:
    """The dataset made, in the memory of the cluster's nodes or, where that is full, on their disks."""
    dataset.context.execution_options.preserve_order = True  # for those who read it in order later
    with errors():
        return dataset.materialize()


def placed(table: pa.Table, part: int, at: int) -> pa.Table:
    """The table with PART and AT.

    Args:
        table: rows of a part that follow one another.
        part: the number of the part.
        at: place of the table's first row within the part.
    """
    n = table.num_rows
    table = table.append_column(PART, pa.array(np.full(n, part, np.int32)))
    return table.append_column(AT, pa.array(np.arange(at, at + n, dtype=np.int32)))


def thin(table: pa.Table) -> pa.Table:
    """The table with empty texts in place of those that there are."""
    for name in TEXTS:
        at = table.schema.get_field_index(name)
        if at >= 0:
            is_present = table.column(at).is_valid().to_numpy()
            table = table.set_column(at, table.schema.field(at), _empty(is_present))
    # In one piece, since each small one would be sent with all offsets of the empty texts.
    return table.combine_chunks()


def _empty(is_present: np.ndarray) -> pa.Array:
    """(n,) empty texts; null where nothing is there."""
    ends = pa.py_buffer(np.zeros(len(is_present) + 1, np.int32))
    bits = pa.py_buffer(np.packbits(is_present, bitorder="little"))
    return pa.StringArray.from_buffers(len(is_present), ends, pa.py_buffer(b""), bits)


def _results(
    dataset: MaterializedDataset,
    function: Callable[..., pa.Table],
    columns: _BatchColumns,
    shared: Sequence[Any],
    ordered: bool,
) -> Iterator[tuple[np.ndarray, np.ndarray, pa.Table]]:
    """PART and AT of the rows of each batch, and what the function made of it; see `_result`."""
    results = mapped(dataset, _result, function, columns, *shared)
    for block in batches(results, ordered):
        for cells in zip(*block.columns, strict=True):
            # Copies, since what lies in the cluster's memory goes with the connection.
            part, at, table = (cell.as_py() for cell in cells)
            yield np.frombuffer(part, np.int32), np.frombuffer(at, np.int32), pa.ipc.open_stream(table).read_all()


def _result(
    batch: pa.Table, function: Callable[..., pa.Table], columns: _BatchColumns, *shared: Any
) -> Iterator[pa.Table]:
    """What the function gives, as one row, so that no block can part it from the places of the rows it is of."""
    for table in _apply(batch, function, columns, *shared):
        places = {name: one_cell(pa.py_buffer(batch[name].to_numpy())) for name in (PART, AT)}
        yield pa.table({**places, "made": one_cell(_sent(table))})


def _apply(
    batch: pa.Table, function: Callable[..., pa.Table], columns: _BatchColumns, *shared: Any
) -> Iterator[pa.Table]:
    if batch.num_rows:
        yield function(columns.of(batch), *shared)


def _process_columns(part: np.ndarray, at: np.ndarray, parts: Sequence[Any]) -> pa.Table:
    """What this process's columns are for some rows, in their order."""
    import ray

    cuts = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), len(part)]
    runs = pairwise(cuts)
    return pa.concat_tables([ray.get(parts[part[a]]).slice(int(at[a]), b - a) for a, b in runs])


def _same(batch: pa.Table) -> pa.Table:
    return batch


def _sent(table: pa.Table) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _copied(table: pa.Table) -> pa.Table:
    """The table without the rest of what it is a slice of, which would be sent along."""
    return pa.ipc.open_stream(_sent(table)).read_all()
