"""Rows to Parquet and Arrow files: read once for their schema, then written part by part."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from curate.errors import CurateError
from curate.io.arrow import JSON_TEXT, over, rows_of
from curate.io.columns import InferredColumn
from curate.io.restorable import Restorable
from curate.io.spool import Spool

if TYPE_CHECKING:
    import pyarrow as pa

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class TableSpool:
    """Rows on their way into a table, with the schema that they have so far.

    Args:
        path: the file, for errors.
        spool: keeps the rows.
        restorable: see `write.writer`.
    """

    def __init__(self, path: str, spool: Spool, restorable: Restorable | None = None) -> None:
        self.path = path
        self.restorable = restorable
        self.spool = spool
        self.columns = InferredColumn()

    def add(self, rows: Sequence[bytes]) -> None:
        """Take rows.

        Raises:
            CurateError: for one that is neither an object nor a list of turns.
        """
        try:
            for number, row in enumerate(rows, self.spool.rows + 1):
                self.columns.see(self._object(row), number)
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
        as_text = as_text or self._is_restorable()
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
            values = [self._object(row) for row in rows]
            for path in texts:
                values = [over(value, path, _text) for value in values]
            batch = pa.RecordBatch.from_struct_array(pa.array(values, struct))
            batch = batch.replace_schema_metadata(schema.metadata)
            yield self._restored(batch, rows) if self._is_restorable() else batch

    def _is_restorable(self) -> bool:
        return self.restorable is not None and self.restorable.column in self.columns.fields

    def _restored(self, batch: pa.RecordBatch, rows: Sequence[bytes]) -> pa.RecordBatch:
        """The batch with the texts that restore its rows from what is read back."""
        import pyarrow as pa

        assert self.restorable is not None
        columns = list(batch.columns)
        at = batch.schema.names.index(self.restorable.column)
        texts = columns[at].to_pylist()
        for i, (row, back) in enumerate(zip(rows, rows_of(self.path, batch), strict=True)):
            if texts[i] is not None and row != back:
                text = self.restorable.text(row, back)
                texts[i] = texts[i] if text is None else text
        columns[at] = pa.array(texts, columns[at].type)
        return pa.RecordBatch.from_arrays(columns, schema=batch.schema)

    def _object(self, row: bytes) -> dict[str, Any]:
        """The fields of a row; a number that no type holds is text where the row can be restored."""
        try:
            return _object(_decode(row))
        except msgspec.ValidationError:
            if self.restorable is None or b'"%s":' % self.restorable.column.encode() not in row:
                raise
            return _object(json.loads(row, parse_int=_number, parse_float=_number))


def _number(text: str) -> Any:
    try:
        return _decode(text)
    except msgspec.ValidationError:
        return text


def _object(value: Any) -> dict[str, Any]:
    if type(value) is list:
        return {"messages": value}
    if type(value) is not dict:
        raise TypeError(f"found {str(value)[:40]}, expected an object")
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
