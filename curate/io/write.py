"""Rows of JSON text to files of any kind, whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from curate.errors import CurateError
from curate.io.atomic import FULL, atomic, cannot_write
from curate.io.compress import compressed
from curate.io.container import output_kind, packing
from curate.io.restorable import Restorable
from curate.io.shards import SHARD_ROWS, batches_in_shards, is_sharded, lines_in_shards
from curate.io.spool import Spool

if TYPE_CHECKING:
    import pyarrow as pa

Write = Callable[[Sequence[bytes]], object]


@contextmanager
def writer(
    path: str, mixed: str = "error", shard_rows: int = SHARD_ROWS, restorable: Restorable | None = None
) -> Iterator[Write]:
    """A function that takes rows of JSON text, without line breaks, and writes them as the ending of `path` says.

    The file appears when the block ends well.  `-` writes JSON lines to standard output as they come.
    A `*` in the name makes several files, of `shard_rows` rows each, with a number from 00000 on in its place; see
    `shards.Shards`.
    The same rows give the same bytes, however they are divided among the calls.

    Args:
        path: the output, or - for standard output.
        mixed: what to do in Parquet and Arrow files with a column whose values differ in kind, text in one row and a
            list in another: `error`, or `text` to write each of its values as JSON text.
        shard_rows: how many rows each file has where the name has a `*`.
        restorable: the column with which rows of a table are restored if it has one; mixed columns are then `text`.

    Raises:
        CurateError: for an ending that is not known, if the file cannot be written, and with code 1 for rows that the
            kind of file cannot hold.
    """
    kind = output_kind(path)
    if path == "-":
        yield from _standard_output()
    elif is_sharded(path):
        yield from _shards(path, kind, mixed, shard_rows, restorable)
    else:
        with atomic(path) as file:
            if kind in ("parquet", "arrow"):
                yield from _table(path, kind, file, mixed == "text", shard_rows, restorable)
                return
            with compressed(file, packing(path)) as out:
                if kind in ("csv", "tsv"):
                    yield from _delimited(path, out, "\t" if kind == "tsv" else ",", restorable)
                else:
                    yield from _array(out) if kind == "json" else _jsonl(out)


def takes_text(path: str) -> bool:
    """Whether rows are written one after the other, each on a line, so that several may be given as one text."""
    return output_kind(path) == "jsonl" and not is_sharded(path)


def _shards(path: str, kind: str, mixed: str, shard_rows: int, restorable: Restorable | None) -> Iterator[Write]:
    if kind in ("csv", "tsv"):
        raise CurateError(f"{path}: several files, as the * asks for, can be .jsonl, .json, .parquet or .arrow")
    if kind in ("parquet", "arrow"):
        yield from _table(path, kind, None, mixed == "text", shard_rows, restorable)
    else:
        yield from lines_in_shards(path, shard_rows, _array if kind == "json" else _jsonl)


def _standard_output() -> Iterator[Write]:
    file = sys.stdout.buffer
    try:
        yield lambda rows: _lines(file, rows)
        file.flush()
    except OSError as error:
        if error.errno not in FULL:
            raise
        # What is left in the buffer cannot be written either; the interpreter must not try at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())
        raise cannot_write("standard output", error) from None


def _lines(file: BinaryIO, rows: Sequence[bytes]) -> None:
    if rows:
        file.write(rows[0] if len(rows) == 1 else b"\n".join(rows))
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


def _delimited(path: str, file: BinaryIO, delimiter: str, restorable: Restorable | None) -> Iterator[Write]:
    from curate.io.delimited import as_fields, write_delimited

    names: dict[str, None] = {}
    with Spool(path) as spool:

        def write(rows: Sequence[bytes]) -> None:
            number = spool.rows
            try:
                for row in rows:
                    number += 1
                    names.update(dict.fromkeys(as_fields(row)))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise CurateError(
                    f"{path}: row {number} does not fit into a table: {error}; write .jsonl instead", 1
                ) from None
            spool.add(rows)

        yield write
        if spool.rows and not names:
            raise CurateError(f"{path}: no row has a field, so there is no header to write; write .jsonl instead", 1)
        write_delimited(spool, list(names), file, delimiter, restorable)


def _table(
    path: str, kind: str, file: BinaryIO | None, as_text: bool, shard_rows: int, restorable: Restorable | None
) -> Iterator[Write]:
    from curate.io.tables import TableSpool, write_arrow, write_parquet

    def put(batches: Iterator[pa.RecordBatch], out: BinaryIO) -> None:
        if kind == "parquet":
            write_parquet(batches, schema, out)
        else:
            write_arrow(batches, schema, out, stream=path.lower().endswith(".arrows"))

    with Spool(path) as spool:
        rows = TableSpool(path, spool, restorable)
        yield rows.add
        schema = rows.schema(as_text)
        if file is None:
            batches_in_shards(path, shard_rows, rows.batches(schema), put)
        else:
            put(rows.batches(schema), file)
