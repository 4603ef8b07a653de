"""`curate.table.table.read` on a Ray cluster: workers read and check parts of the files, this process says which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curate.engine import ray as cluster
from curate.engine.parts import bytes_for, check_readable_by_workers, cut_files
from curate.engine.ray_rows import RayRows, gathered, materialised, placed
from curate.io import count_lines, expand
from curate.io.arrow import seekable
from curate.progress import Progress, silent
from curate.table.reading import read as read_rows
from curate.table.table import SCHEMA, batch, is_table, misfit, moved

# Rows of a table that are handed on at a time.
BATCH = 1 << 13


class _Task(msgspec.Struct, frozen=True):
    """What a worker reads: rows of a file, or of a table some row groups.

    Attributes:
        number: of the part.
        start: bytes, or row groups; all where end is None.
        end: bytes, or row groups; all where end is None.
        lines: how many the parts of the file before have.
        name: the format, None to find it out.
    """

    number: int
    source: str
    start: int
    end: int | None
    table: bool
    lines: int = 0
    name: str | None = None


def read(
    paths: Sequence[str | Path], format_name: str | None = None, repair: bool = False, progress: Progress = silent
) -> RayRows:
    """The rows of files as `curate.table.table.read` has them.  To be called within `curate.engine.ray.connect`.

    Raises:
        CurateError: for a file that cannot be read, and for standard input, which workers cannot.
    """
    files = expand(map(str, paths))
    check_readable_by_workers(files)
    progress("reading on the cluster", 0, 1)
    tables = {path: _footer(path) for path in files if is_table(path)}
    try:
        schema = pa.unify_schemas(
            [tables[path].schema.to_arrow_schema() if path in tables else SCHEMA for path in files],
            promote_options="default",
        )
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise misfit(error) from None
    tasks = _numbered(list(_tasks(files, tables, format_name, repair)))
    dataset = materialised(cluster.dataset(tasks, _read, schema, repair))
    progress("reading on the cluster", 0.8, 1)
    rows = gathered(dataset, len(tasks), schema)
    progress("reading on the cluster", 1, 1)
    return rows.with_thin(_pointing(rows, tasks))


def _footer(path: str) -> pq.FileMetaData:
    with seekable(path) as source:
        return pq.read_metadata(source)


def _tasks(files: Sequence[str], tables: dict[str, Any], format_name: str | None, repair: bool) -> Iterator[_Task]:
    """The parts of all files, in order, their lines not counted yet."""
    plain = [path for path in files if path not in tables]
    bytes_each = bytes_for(plain, cluster.workers())
    number = 0
    for path in files:
        if path in tables:
            for group in range(max(1, tables[path].num_row_groups)):
                yield _Task(number, path, group, group + 1, True)
                number += 1
            continue
        for part in cut_files([path], bytes_each, format_name, repair=repair):
            yield _Task(number, path, part.start, part.end, False, 0, part.format_name)
            number += 1


def _numbered(tasks: Sequence[_Task]) -> list[_Task]:
    """The tasks with the lines before each: workers count them first, so that all rows have their numbers at once."""
    cut = {task.source for task in tasks if task.start and not task.table}
    counted = [task for task in tasks if task.source in cut]
    counts = {task.number: n for task, n in zip(counted, cluster.in_order(_lines, counted), strict=True)}
    lines = 0
    found = []
    for task in tasks:
        lines = lines if task.start and task.source in cut else 0
        found.append(msgspec.structs.replace(task, lines=lines))
        lines += counts.get(task.number, 0)
    return found


def _lines(task: _Task) -> Iterator[int]:
    assert task.end is not None
    yield count_lines(task.source, task.start, task.end)


def _read(task: _Task, schema: pa.Schema, repair: bool) -> Iterator[pa.Table]:
    """The rows of a part, with their places."""
    at = 0
    for table in _from_table(task) if task.table else _from_file(task, repair):
        # A column that this file lacks is null, and one without any value gets its type.
        fitted = pa.concat_tables([schema.empty_table(), table], promote_options="default")
        yield placed(fitted.select(schema.names), task.number, at)
        at += table.num_rows


def _from_file(task: _Task, repair: bool) -> Iterator[pa.Table]:
    for block, results in read_rows(task.source, task.name, None, repair, task.start, task.end):
        numbers = [number + task.lines for number in block.numbers]
        yield pa.Table.from_batches([batch(task.source, numbers, results)])


def _from_table(task: _Task) -> Iterator[pa.Table]:
    with seekable(task.source) as source, pq.ParquetFile(source) as file:
        groups = range(task.start, min(task.end or 0, file.num_row_groups))
        for batch in file.iter_batches(BATCH, row_groups=list(groups)):
            yield pa.Table.from_batches([batch])


def _pointing(rows: RayRows, tasks: Sequence[_Task]) -> pa.Table:
    """The thin table, in which rows point at others of their file by their positions among all."""
    if "duplicate_of" not in rows.thin.column_names:
        return rows.thin
    firsts = [task.number for task in tasks if not task.start]
    bounds = np.append(rows.starts[firsts], rows.num_rows).tolist()
    return pa.concat_tables([moved(rows.thin.slice(a, b - a), a) for a, b in pairwise(bounds)])
