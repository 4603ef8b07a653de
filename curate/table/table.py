"""The canonical table: one Arrow row for every input row, valid or not.  Steps only ever add columns to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curate.errors import CurateError, reason
from curate.io import atomic, expand
from curate.io.arrow import seekable
from curate.progress import Progress, part, silent
from curate.table.spill import HELD_BYTES, Spill
from schemas.decode import Read
from schemas.dolly import spelled
from schemas.problems import Problem
from schemas.reasoning import KEEP, chosen
from schemas.record import Conversation, dumps, loads

# Rows that a writer of Parquet holds at a time.
ROW_GROUP = 1 << 15
# The columns that hold nearly all of a table's bytes.
TEXTS = ("record", "prompt", "response")
SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("row", pa.int64()),
        ("format", pa.string()),
        ("record", pa.string()),
        ("prompt", pa.string()),
        ("response", pa.string()),
        ("category", pa.string()),
        ("source", pa.string()),
        ("id", pa.string()),
        ("turns", pa.int32()),
        ("problem", pa.string()),
        ("problem_path", pa.string()),
        ("problem_message", pa.string()),
        ("repaired", pa.string()),
    ]
)


def read(
    paths: Sequence[str | Path],
    format_name: str | None = None,
    repair: bool = False,
    progress: Progress = silent,
) -> pa.Table:
    """The rows of files, in any of the formats, as one table; a table or ledger written before keeps its columns.

    Args:
        paths: files, folders, patterns or hub ids; see `curate.io.expand`.
        format_name: of the rows; found out file by file if None, `mixed` for rows of any format.
        repair: whether rows that can safely be mended are; the column `repaired` says what was done.
        progress: called with what is being done, how much of it is done, and how much there is.

    Raises:
        CurateError: for a file that cannot be read.
    """
    tables: list[pa.Table] = []
    before, bytes_held = 0, 0
    files = expand(map(str, paths))
    for i, path in enumerate(files):
        table = _read(
            path,
            format_name,
            repair,
            max(0, HELD_BYTES - bytes_held),
            part(progress, i / len(files), (i + 1) / len(files)),
        )
        bytes_held += table.nbytes
        tables.append(moved(table, before))
        before += table.num_rows
    try:
        return pa.concat_tables(tables, promote_options="default")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise misfit(error) from None


def moved(table: pa.Table, by: int) -> pa.Table:
    """The table as it is after so many rows of others: `duplicate_of`, where it points at positions, points there."""
    at = table.schema.get_field_index("duplicate_of")
    if not by or at < 0:
        return table
    of = table["duplicate_of"]
    return table.set_column(at, table.schema.field(at), pc.if_else(pc.less(of, 0), of, pc.add(of, by)))


def misfit(error: pa.ArrowException) -> CurateError:
    """The error for ledgers whose columns have not the same types."""
    return CurateError(f"these ledgers do not fit into one table: {error}")


def batches(
    paths: Sequence[str | Path], format_name: str | None = None, repair: bool = False, progress: Progress = silent
) -> Iterator[pa.RecordBatch]:
    """The same rows batch by batch, for steps that need not see them all at once; see `read`.

    `duplicate_of` of a ledger counts from the beginning of its own file.
    """
    files = expand(map(str, paths))
    for i, path in enumerate(files):
        yield from _batches(path, format_name, repair, part(progress, i / len(files), (i + 1) / len(files)))[1]


def part_batches(
    path: str, format_name: str | None = None, start: int = 0, end: int | None = None
) -> Iterator[pa.RecordBatch]:
    """The rows of a file, or of a byte range of one of plain JSON lines, batch by batch.

    Args:
        path: the file.
        format_name: see `read`.
        start: see `curate.io.blocks`; row numbers count from there.
        end: see `curate.io.blocks`.
    """
    from curate.table.reading import read as read_rows

    if start or end is not None:
        for block, results in read_rows(path, format_name, start=start, end=end):
            yield batch(path, block.numbers, results)
    else:
        yield from _batches(path, format_name, repair=False, progress=silent)[1]


def _read(path: str, format_name: str | None, repair: bool, room: int, progress: Progress) -> pa.Table:
    schema, batches = _batches(path, format_name, repair, progress)
    with Spill(schema, room) as spill:
        for batch in batches:
            spill.add(batch)
        return spill.table()


def _batches(
    path: str, format_name: str | None, repair: bool, progress: Progress
) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """The schema of a file's rows as a table, and the rows."""
    schema = table_schema(path)
    return (SCHEMA, _of_data(path, format_name, repair, progress)) if schema is None else (schema, _of_table(path))


def _of_table(path: str) -> Iterator[pa.RecordBatch]:
    with seekable(path) as source, pq.ParquetFile(source) as file:
        yield from file.iter_batches()


def _of_data(path: str, format_name: str | None, repair: bool, progress: Progress) -> Iterator[pa.RecordBatch]:
    from curate.table.reading import plain_size
    from curate.table.reading import read as read_rows

    done, size = 0, plain_size(path)
    for block, results in read_rows(path, format_name, repair=repair):
        yield batch(path, block.numbers, results)
        done += sum(map(len, block.rows))
        progress(f"reading {path}", min(done, size), size)


def is_table(path: str) -> bool:
    """Whether a file is a table or ledger that was written before.

    Raises:
        CurateError: if it cannot be read.
    """
    return table_schema(path) is not None


def table_schema(path: str) -> pa.Schema | None:
    """The schema of a file that a table was written to; None of any other.

    Raises:
        CurateError: if it cannot be read.
    """
    if not path.endswith(".parquet"):
        return None
    try:
        with seekable(path) as source:
            schema = pq.read_schema(source)
    except (OSError, pa.ArrowInvalid) as error:
        raise CurateError(f"{path}: cannot read: {reason(error)}") from None
    return schema if {"file", "row", "record"} <= set(schema.names) else None


def batch(file: str, numbers: Sequence[int], results: Iterable[Read | Problem]) -> pa.RecordBatch:
    """The table rows of some rows of a file, as they were read.

    Args:
        file: its name.
        numbers: (n,) row numbers.
        results: (n,) what each row was read as.
    """
    columns: list[list] = [[] for _ in SCHEMA]
    for number, result in zip(numbers, results, strict=True):
        for column, value in zip(columns, _values(file, number, result), strict=True):
            column.append(value)
    return pa.RecordBatch.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )


def _values(file: str, number: int, result: Read | Problem) -> tuple:
    if isinstance(result, Problem):
        return (file, number, *[None] * 8, result.code, result.path, result.message, None)
    record = result.conversation
    return (
        file,
        number,
        result.format.name,
        dumps(record),
        record.prompt(),
        record.response(),
        record.category if record.category is None else spelled(record.category),
        record.source,
        record.id,
        len(record.messages),
        None,
        None,
        None,
        "; ".join(map(str, result.repairs)) or None,
    )


def valid(table: pa.Table) -> np.ndarray:
    """(n,) int64 positions of the rows that have a record."""
    return np.flatnonzero(table["record"].is_valid().to_numpy())


def take(column: pa.ChunkedArray, positions: Sequence[int] | np.ndarray) -> list:
    """The values of a column at these positions, in that order.

    Arrow's own `take` joins all chunks first, which for a column on disk reads all of it into memory.
    """
    wanted = np.asarray(positions, np.int64)
    if column.num_chunks < 2:
        return column.take(pa.array(wanted)).to_pylist()
    upto = np.cumsum([len(chunk) for chunk in column.chunks])
    order = None if (wanted[1:] >= wanted[:-1]).all() else np.argsort(wanted, kind="stable")
    ascending = wanted if order is None else wanted[order]
    cuts = np.searchsorted(ascending, np.concatenate([[0], upto]))
    values: list = []
    for i in np.flatnonzero(np.diff(cuts)).tolist():
        begin = upto[i] - len(column.chunk(i))
        values += column.chunk(i).take(pa.array(ascending[cuts[i] : cuts[i + 1]] - begin)).to_pylist()
    if order is None:
        return values
    found: list = [None] * len(values)
    for at, value in zip(order.tolist(), values, strict=True):
        found[at] = value
    return found


def with_columns(table: pa.Table, **columns: pa.Array) -> pa.Table:
    """The table with these columns, in place of any of the same name."""
    for name, values in columns.items():
        at = table.schema.get_field_index(name)
        table = table.append_column(name, values) if at < 0 else table.set_column(at, name, values)
    return table


def with_texts(table: pa.Table, source: pa.Table) -> pa.Table:
    """The table with the texts of another one of the same rows in place of its own.

    Args:
        table: n rows; it has any of the columns TEXTS.
        source: n rows, with the same of these columns.
    """
    for name in TEXTS:
        at = table.schema.get_field_index(name)
        if at >= 0:
            table = table.set_column(at, table.schema.field(at), source[name])
    return table


def placed(rows: int, positions: np.ndarray, values: Sequence, kind: pa.DataType) -> pa.Array:
    """Values at these positions of a column of so many rows, null elsewhere."""
    index = np.full(rows, -1, np.int64)
    index[positions] = np.arange(len(positions))
    return pa.array(values, kind).take(pa.array(index, mask=index < 0))


def named(numbers: np.ndarray, names: Sequence[str], missing: np.ndarray | None = None) -> pa.Array:
    """The name of each number as a column of text.

    Args:
        numbers: (n,) places in `names`.
        names: (k,) texts.
        missing: (n,) bool, for null.
    """
    return pa.array(names, pa.string()).take(pa.array(numbers, mask=missing))


def records(table: pa.Table, positions: Sequence[int] | np.ndarray, reasoning: str = KEEP) -> list[Conversation]:
    """The records at these positions, in that order.

    Args:
        table: of rows.
        positions: of valid ones.
        reasoning: what becomes of their thoughts, see `schemas.reasoning.chosen`.
    """
    return [chosen(loads(text), reasoning) for text in take(table["record"], positions)]


def write(table: pa.Table, path: str | Path) -> None:
    """Write the table as Parquet, whole or not at all."""
    write_batches([table], table.schema, path)


def write_batches(tables: Iterable[pa.Table], schema: pa.Schema, path: str | Path) -> None:
    """Write tables that follow one another as one, whole or not at all.

    The same rows give the same bytes, however they are divided among the tables.
    """
    with atomic(path) as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for group in _groups(tables):
            # Where a chunk ends, a page may end.
            writer.write_table(group.combine_chunks(), row_group_size=ROW_GROUP)


def _groups(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The rows of the tables, ROW_GROUP at a time."""
    waiting: list[pa.Table] = []
    rows = 0
    for table in tables:
        at = 0
        while at < table.num_rows:
            waiting.append(table.slice(at, ROW_GROUP - rows))
            at += waiting[-1].num_rows
            rows += waiting[-1].num_rows
            if rows == ROW_GROUP:
                yield pa.concat_tables(waiting)
                waiting, rows = [], 0
    if waiting:
        yield pa.concat_tables(waiting)
