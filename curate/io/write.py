"""Rows of JSON text to JSON arrays, JSONL and Parquet, whole or not at all."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

import msgspec

from curate.errors import CurateError
from curate.io.atomic import atomic
from curate.io.read import container

Write = Callable[[Sequence[bytes]], object]


@contextmanager
def writer(path: str) -> Iterator[Write]:
    """A function that takes rows of JSON text and writes them as the ending of `path` says.

    The file appears when the block ends well.  `-` writes JSON lines to standard output as they come.
    Raises CurateError for an ending that is not known or rows that no one Parquet schema holds.
    """
    kind = container(path)
    if path == "-":
        yield lambda rows: _lines(sys.stdout.buffer, rows)
        sys.stdout.buffer.flush()
        return
    with atomic(path) as file:
        if kind == "parquet":
            yield from _parquet(path, file)
            return
        out: BinaryIO = file
        if path.endswith(".gz"):
            # No name and time in the header: the same rows give the same bytes.
            out = gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0)  # type: ignore[assignment]
        yield from _array(out) if kind == "json" else _jsonl(out)
        if out is not file:
            out.close()


def _lines(file: BinaryIO, rows: Sequence[bytes]) -> None:
    if rows:
        file.write(b"\n".join(rows))
        file.write(b"\n")


def _jsonl(file: BinaryIO) -> Iterator[Write]:
    yield lambda rows: _lines(file, rows)


def _array(file: BinaryIO) -> Iterator[Write]:
    before = b"[\n"

    def write(rows: Sequence[bytes]) -> None:
        nonlocal before
        if rows:
            file.write(before)
            file.write(b",\n".join(rows))
            before = b",\n"

    yield write
    file.write(b"[]\n" if before == b"[\n" else b"\n]\n")


def _parquet(path: str, file: BinaryIO) -> Iterator[Write]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    held: list[object] = []
    yield lambda rows: held.extend(msgspec.json.decode(row) for row in rows)
    if held and isinstance(held[0], list):
        held = [{"messages": row} for row in held]
    try:
        table = pa.Table.from_struct_array(pa.array(held, type=None if held else pa.struct([])))
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise CurateError(f"{path}: no one Parquet schema holds these rows: {error}; write .jsonl instead", 1) from None
    pq.write_table(table, file, compression="zstd")
