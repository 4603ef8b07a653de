"""Rows to Parquet and Arrow files: read once for their schema, then written part by part."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from curate.errors import CurateError
from curate.io.arrow import JSON_TEXT, over
from curate.io.columns import InferredColumn
from curate.io.spool import Spool

if TYPE_CHECKING:
    import pyarrow as pa

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class TableSpool:
    """Rows on their way into a table, with the schema that they have so far.

    Args:
        path: the file, for errors.
    """

    def __init__(self, path: str, spool: Spool) -> None:
        self.path = path
        self.spool = spool
        self.columns = InferredColumn()

    def add(self, rows: Sequence[bytes]) -> None:
        """Take rows.

        Raises:
            CurateError: for one that is neither an object nor a list of turns.
        """
        try:
            for number, row in enumerate(rows, self.spool.rows + 1):
                self.columns.see(_object(row), number)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TypeError) as error:
            reason = "it nests too deeply" if isinstance(error, RecursionError) else error
            raise CurateError(
                f"{self.path}: row {number} does not fit into a table: {reason}; write .jsonl instead", 1
            ) from None
        self.spool.add(rows)

    def schema(self, as_text: bool) -> pa.Schema:
        """The schema of all rows.

        Raises:
            CurateError: naming the column and two rows if values differ in kind.
        """
        import pyarrow as pa

        if self.spool.rows and not self.columns.fields:
            raise CurateError(f"{self.path}: no row has a field, so a table has no column; write .jsonl instead", 1)
        try:
            types = {name: column.type(name, as_text, 1) for name, column in self.columns.fields.items()}
        except CurateError as error:
            raise CurateError(f"{self.path}: {error}; a table has one type a column: write .jsonl instead", 1) from None
        texts = [path for name, column in self.columns.fields.items() for path in column.texts((name,))]
        return pa.schema(list(types.items()), {JSON_TEXT: json.dumps(texts)} if texts else None)

    def batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """The rows as record batches, of some megabytes each."""
        import pyarrow as pa

        texts = json.loads((schema.metadata or {}).get(JSON_TEXT, b"[]"))
        struct = pa.struct(list(schema))
        for rows in self.spool.parts():
            values = [_object(row) for row in rows]
            for path in texts:
                values = [over(value, path, _text) for value in values]
            batch = pa.RecordBatch.from_struct_array(pa.array(values, struct))
            yield batch.replace_schema_metadata(schema.metadata)


def _object(row: bytes) -> dict[str, Any]:
    value = _decode(row)
    if type(value) is list:
        return {"messages": value}
    if type(value) is not dict:
        raise TypeError(f"found {row[:40].decode(errors='replace')}, expected an object")
    return value


def _text(value: Any) -> str:
    return _encode(value).decode()


def write_parquet(batches: Iterator[pa.RecordBatch], schema: pa.Schema, file: BinaryIO) -> None:
    """Write batches as Parquet, a row group for each; the same batches give the same bytes."""
    import pyarrow.parquet as pq

    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch, row_group_size=max(1, batch.num_rows))


def write_arrow(batches: Iterator[pa.RecordBatch], schema: pa.Schema, file: BinaryIO, stream: bool) -> None:
    """Write batches in Arrow's IPC format, of files or of streams."""
    import pyarrow as pa

    with (pa.ipc.new_stream if stream else pa.ipc.new_file)(file, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
