"""Tables larger than memory: record batches go to a file on the way in, and the table is that file, mapped."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress

import pyarrow as pa

# Up to here a table is simply held; a table on disk is read as fast while memory lasts, but has to be written first.
HELD_BYTES = 256 << 20
# Batches are joined to about this size, since a table of few batches is taken from faster.
BATCH_BYTES = 64 << 20


class Spill:
    """Record batches of one schema, in memory while they are few, else in a temporary file that has no name.

    Args:
        room: how many bytes may be held.
    """

    def __init__(self, schema: pa.Schema, room: int | None = None) -> None:
        self.schema = schema
        self.room = HELD_BYTES if room is None else room
        self.held: list[pa.RecordBatch] = []
        self.bytes = 0
        self.writer: pa.RecordBatchFileWriter | None = None
        self.path = ""

    def __enter__(self) -> Spill:
        return self

    def __exit__(self, *_: object) -> None:
        if self.writer is not None:
            self.writer.close()
        if self.path:
            with suppress(FileNotFoundError, PermissionError):  # where a mapped file cannot be removed, it stays
                os.unlink(self.path)

    def add(self, batch: pa.RecordBatch) -> None:
        """Take a batch."""
        self.held.append(batch)
        self.bytes += batch.nbytes
        if self.bytes > (self.room if self.writer is None else BATCH_BYTES):
            self._to_disk()

    def table(self) -> pa.Table:
        """All batches, once they are there; what is on disk stays readable until nobody holds the table."""
        if self.writer is None:
            return pa.Table.from_batches(self.held, self.schema)
        self._to_disk()
        self.writer.close()
        self.writer = None
        return pa.ipc.open_file(pa.memory_map(self.path)).read_all()

    def _to_disk(self) -> None:
        if self.writer is None:
            handle, self.path = tempfile.mkstemp(prefix="curate-", suffix=".arrow")
            os.close(handle)
            self.writer = pa.ipc.new_file(self.path, self.schema)
        self.held.reverse()
        while self.held:  # let go bit by bit, so that memory is not held twice
            batches, size = [], 0
            while self.held and size < BATCH_BYTES:
                batches.append(self.held.pop())
                size += batches[-1].nbytes
            self.writer.write_table(pa.Table.from_batches(batches, self.schema).combine_chunks())
        self.bytes = 0
