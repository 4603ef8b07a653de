"""Rows from Parquet, Arrow files and streams, and folders that `save_to_disk` of the package datasets wrote.

What Arrow holds and JSON does not, becomes text: times and dates in ISO 8601, decimals in digits, bytes in base64,
everything else as Arrow itself prints it.  NaN and the infinities become null.

Arrow has one schema for all rows, so a field that one row lacks is null there.  Null fields are therefore left out, in
the row itself and in the objects within it, and a null that was written as such is lost; nulls in lists stay.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from curate.errors import CurateError
from curate.io.container import splits
from curate.io.lines import Block
from curate.io.malformed import is_json, one_line
from curate.io.remote import Remote, is_remote

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK_ROWS = 1000
SAMPLE_GROUPS = 8
SAMPLE_ROWS = 128
# Text in these is read as the JSON list that it holds: they are lists in every format.
TURN_COLUMNS = frozenset(("messages", "conversations", "history", "instances"))
# In the schema's metadata: the paths of the columns that hold JSON text, since no one type fits their values.
JSON_TEXT = b"curate.json_text"


def parquet_blocks(path: str) -> Iterator[Block]:
    """The rows of a Parquet file.

    Raises:
        CurateError: if it is none or is broken.
    """
    import pyarrow.parquet as pq

    with _reading(path, "Parquet"), seekable(path) as source, pq.ParquetFile(source) as file:
        yield from numbered(rows_of(path, batch) for batch in file.iter_batches(BLOCK_ROWS))


def parquet_sample(path: str) -> list[tuple[int, bytes]]:
    """The first rows of some row groups from all over a Parquet file, numbered as in the file.

    Raises:
        CurateError: if it is none or is broken.
    """
    import pyarrow.parquet as pq

    rows: list[tuple[int, bytes]] = []
    with _reading(path, "Parquet"), seekable(path) as source, pq.ParquetFile(source) as file:
        groups = file.metadata.num_row_groups
        starts = [0]
        for group in range(groups):
            starts.append(starts[-1] + file.metadata.row_group(group).num_rows)
        wanted = sorted({groups * i // SAMPLE_GROUPS for i in range(SAMPLE_GROUPS)} | {groups - 1}) if groups else []
        for group in wanted:
            for batch in file.iter_batches(SAMPLE_ROWS, row_groups=[group]):
                rows += enumerate(rows_of(path, batch), starts[group] + 1)
                break
    return rows


def arrow_blocks(path: str) -> Iterator[Block]:
    """The rows of an Arrow IPC file or stream (.arrow, .feather).

    Raises:
        CurateError: if it is none or is broken.
    """
    yield from numbered(_arrow_rows(path))


def dataset_blocks(path: str) -> Iterator[Block]:
    """The rows of a folder that `save_to_disk` wrote; of a DatasetDict all splits, in its order, numbered on.

    `expand` names each split as a file of its own, `folder/train`, so that rows can be told apart.
    """
    yield from numbered(rows for split in dataset_folders(path) for rows in _dataset_rows(split))


def dataset_folders(path: str) -> list[str]:
    """The folder itself, or the folders of its splits."""
    return splits(path) if (Path(path) / "dataset_dict.json").is_file() else [path]


def _dataset_rows(path: str) -> Iterator[list[bytes]]:
    try:
        state = json.loads((Path(path) / "state.json").read_bytes())
        names = [str(file["filename"]) for file in state["_data_files"]]
        indices = state.get("_indices_data_files") or state.get("_indices_files")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CurateError(f"{path}: state.json is broken ({error}); save the dataset again") from None
    if indices:
        raise CurateError(f"{path}: the dataset was saved with indices; call flatten_indices() and save it again")
    for name in names:
        yield from _arrow_rows(str(Path(path) / name))


def _arrow_rows(path: str) -> Iterator[list[bytes]]:
    import pyarrow as pa

    with _reading(path, "Arrow"), _mapped(path) as file:
        start = file.read(6)
        file.seek(0)
        if start == b"ARROW1":
            reader = pa.ipc.open_file(file)
            batches = (reader.get_batch(i) for i in range(reader.num_record_batches))
        else:
            batches = iter(pa.ipc.open_stream(file))
        for batch in batches:
            # Positions in a broken file may point anywhere; Arrow itself does not look.
            batch.validate(full=True)
            for at in range(0, batch.num_rows, BLOCK_ROWS):
                yield rows_of(path, batch.slice(at, BLOCK_ROWS))


@contextmanager
def seekable(path: str) -> Iterator[Any]:
    """What pyarrow reads a file from, in whatever order: its name, or for a URL the open file."""
    if not is_remote(path):
        yield path
        return
    with Remote(path) as file:
        yield file


@contextmanager
def _mapped(path: str) -> Iterator[pa.NativeFile]:
    import pyarrow as pa

    with seekable(path) as source:
        file = pa.memory_map(path) if source is path else pa.PythonFile(source, mode="r")
        with file:
            yield file


@contextmanager
def _reading(path: str, kind: str) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except OSError as error:
        if isinstance(error, (FileNotFoundError, PermissionError, IsADirectoryError)):
            raise CurateError(f"{path}: cannot read: {os.strerror(error.errno) if error.errno else error}") from None
        raise _broken(path, kind, error) from None
    except (pa.ArrowException, ValueError, MemoryError) as error:
        raise _broken(path, kind, error) from None


def _broken(path: str, kind: str, error: BaseException) -> CurateError:
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return CurateError(f"{path}: not {kind}, or broken: {reason}; fetch or write the file again")


def numbered(parts: Iterable[list[bytes]]) -> Iterator[Block]:
    """Blocks of rows that are numbered through, from 1."""
    number = 1
    for rows in parts:
        if rows:
            yield Block(rows, range(number, number + len(rows)))
            number += len(rows)


def rows_of(path: str, batch: pa.RecordBatch) -> list[bytes]:
    """The rows of a batch as JSON text.

    A value that cannot be read, as text that is not UTF-8, makes a row that is not JSON, for its reader to report.

    Raises:
        CurateError: for two columns of the same name.
    """
    names = batch.schema.names
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise CurateError(f"{path}: two columns are called {twice!r}; rename one")
    columns = [_values(column) for column in batch.columns]
    for column, *steps in _text_paths(batch.schema):
        if column in names:
            at = names.index(column)
            columns[at] = [over(value, steps, _raw) for value in columns[at]]
    for at, name in enumerate(names):
        if name in TURN_COLUMNS:
            columns[at] = list(map(_json_in_text, columns[at]))
    if not names:
        return [b"{}"] * batch.num_rows
    rows = []
    for values in zip(*columns, strict=True):
        row = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        try:
            rows.append(_encode(row))
        except (RecursionError, UnicodeEncodeError, TypeError, ValueError) as error:
            rows.append(f"a row that JSON does not hold: {error}".encode("utf-8", "replace").replace(b"\n", b" "))
    return rows


class Unreadable:
    """Stands where a value cannot be read.

    Args:
        reason: why.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason


def _values(column: pa.Array) -> list[Any]:
    """The values of a column as what JSON writes, `Unreadable` for those that cannot be read."""
    convert = _converter(column.type)
    try:
        values = column.to_pylist()
        return [None if value is None else convert(value) for value in values] if convert else values
    except (ValueError, OverflowError, TypeError):  # ValueError: UnicodeDecodeError among others
        return [_value(column, i, convert or _same) for i in range(len(column))]


def _value(column: pa.Array, at: int, convert: Callable[[Any], Any]) -> Any:
    import pyarrow as pa

    try:
        value = column[at].as_py()
        return None if value is None else convert(value)
    except (ValueError, OverflowError, TypeError) as error:
        try:  # times beyond what Python's datetime holds
            return column.slice(at, 1).cast(pa.string())[0].as_py()
        except (pa.ArrowException, ValueError):
            return Unreadable(str(error))


def _converter(kind: pa.DataType) -> Callable[[Any], Any] | None:
    """What turns a value of this type, not null, into what JSON writes; None if it is that already."""
    import pyarrow.types as t

    if t.is_struct(kind):
        fields = {field.name: _converter(field.type) for field in kind}
        return lambda value: _object(value, fields)
    if t.is_map(kind):
        item = _converter(kind.item_type) or _same
        if t.is_string(kind.key_type) or t.is_large_string(kind.key_type):
            return lambda pairs: {key: None if value is None else item(value) for key, value in pairs}
        return None
    if t.is_dictionary(kind) or t.is_run_end_encoded(kind):
        return _converter(kind.value_type)
    if hasattr(kind, "value_type"):  # lists of every kind
        inner = _converter(kind.value_type)
        return (lambda values: [None if v is None else inner(v) for v in values]) if inner else None
    return None


def _same(value: Any) -> Any:
    return value


def _object(value: dict[str, Any], fields: dict[str, Callable[[Any], Any] | None]) -> dict[str, Any]:
    if type(value) is not dict:
        return value
    out = {}
    for name, part in value.items():
        if part is not None:
            convert = fields.get(name)
            out[name] = convert(part) if convert else part
    return out


def _text(value: Any) -> Any:
    """What JSON writes for a value that msgspec does not know: pandas' times, tensors, Python objects."""
    if type(value) is Unreadable:
        raise ValueError(value.reason)
    if hasattr(value, "tolist"):
        return value.tolist()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


_encode = msgspec.json.Encoder(enc_hook=_text).encode


def _text_paths(schema: pa.Schema) -> list[list[str | None]]:
    """The paths of what was written as JSON text: names of fields, None for the items of a list."""
    paths = [[field.name] for field in schema if getattr(field.type, "extension_name", "") == "arrow.json"]
    try:
        return paths + json.loads((schema.metadata or {}).get(JSON_TEXT, b"[]"))
    except ValueError:
        return paths


def _json_in_text(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip()[:1] == "[":
        data = value.encode("utf-8", "surrogatepass")
        return msgspec.Raw(one_line(data)) if is_json(data) else value
    return value


def _raw(value: Any) -> Any:
    return msgspec.Raw(value.encode()) if isinstance(value, str) else value


def over(value: Any, steps: Sequence[str | None], change: Callable[[Any], Any]) -> Any:
    """The value with what lies at the end of the steps changed.

    Objects and lists on the way are changed in place.

    Args:
        value: a JSON value.
        steps: names of fields, None for all items of a list.
        change: what to do with the value there.
    """
    if value is None:
        return None
    if not steps:
        return change(value)
    step, *rest = steps
    if step is None and isinstance(value, list):
        for i, item in enumerate(value):
            value[i] = over(item, rest, change)
    elif step is not None and isinstance(value, dict) and step in value:
        value[step] = over(value[step], rest, change)
    return value
