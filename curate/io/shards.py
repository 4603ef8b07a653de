"""Several files of a number of rows each, under a name with a `*`, all of them or none."""

from __future__ import annotations

import glob
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, BinaryIO

from curate.errors import CurateError
from curate.io.atomic import atomic, remove_output
from curate.io.compress import compressed
from curate.io.container import packing
from curate.io.remote import is_remote, listed, put

if TYPE_CHECKING:
    import pyarrow as pa

SHARD_ROWS = 100_000
DIGITS = 5


def is_sharded(path: str) -> bool:
    """Whether a name for an output stands for several files."""
    return "*" in os.path.basename(path)


def shard(path: str, number: int) -> str:
    """The name of one of the files, counted from 0: out-00000.parquet of out-*.parquet."""
    folder, name = os.path.split(path)
    return os.path.join(folder, name.replace("*", f"{number:0{DIGITS}}", 1))


def companion(path: str, ending: str) -> str:
    """The name of a file that accompanies an output, one file even where that is several: out-all.parquet.ending."""
    folder, name = os.path.split(path)
    return os.path.join(folder, name.replace("*", "all") + ending)


class Shards:
    """Files that are written one after the other and take their names together, when the block ends well.

    Files of an earlier run with more of them are removed then, so that the name with its `*` reads what was written.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.waiting: list[str] = []

    def __enter__(self) -> Shards:
        folder = None if is_remote(self.path) else os.path.dirname(os.path.abspath(self.path))
        try:
            self.folder = tempfile.TemporaryDirectory(prefix=".shards-", dir=folder)
        except OSError as error:
            raise CurateError(f"{self.path}: cannot write here: {error.strerror or error}") from None
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        with self.folder:
            if kind is None:
                self._take_names()

    @contextmanager
    def next(self) -> Iterator[BinaryIO]:
        """The next file to write."""
        name = os.path.join(self.folder.name, str(len(self.waiting)))
        with atomic(name) as file:
            yield file
        self.waiting.append(name)

    def _take_names(self) -> None:
        before = {os.path.basename(name) for name in (listed if is_remote(self.path) else glob.glob)(self.path)}
        for i, name in enumerate(self.waiting):
            target = shard(self.path, i)
            if is_remote(self.path):
                put(name, target)
            else:
                os.replace(name, target)
        for number in count(len(self.waiting)):
            if os.path.basename(shard(self.path, number)) not in before:
                break
            remove_output(shard(self.path, number))


def lines_in_shards(path: str, rows: int, start: Callable[[BinaryIO], Iterator]) -> Iterator:
    """A function that takes rows and writes them to files of text.

    Args:
        path: the name with its `*`.
        rows: how many each file has.
        start: makes of a file a generator that gives the function which writes to it, and then ends the file.
    """
    with Shards(path) as shards:
        waiting: list[bytes] = []

        def write() -> None:
            with shards.next() as file, compressed(file, packing(path)) as out, contextmanager(start)(out) as put:
                put(waiting[:rows])
            del waiting[:rows]

        def take(more: Sequence[bytes]) -> None:
            waiting.extend(more)
            while len(waiting) >= rows:
                write()

        yield take
        if waiting or not shards.waiting:
            write()


def batches_in_shards(
    path: str, rows: int, batches: Iterator[pa.RecordBatch], write: Callable[[Iterator[pa.RecordBatch], BinaryIO], None]
) -> None:
    """Write record batches to files of so many rows each; at least one file."""
    with Shards(path) as shards:
        remaining = _RemainingBatches(batches)
        while not shards.waiting or remaining.more():
            with shards.next() as file:
                write(remaining.first(rows), file)


class _RemainingBatches:
    """Record batches, of which the first rows are taken again and again."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self.batches = batches
        self.held: pa.RecordBatch | None = None

    def more(self) -> bool:
        while self.held is None or not self.held.num_rows:
            self.held = next(self.batches, None)
            if self.held is None:
                return False
        return True

    def first(self, rows: int) -> Iterator[pa.RecordBatch]:
        while rows and self.more():
            assert self.held is not None
            taken = self.held.slice(0, rows)
            self.held = self.held.slice(taken.num_rows)
            rows -= taken.num_rows
            yield taken
