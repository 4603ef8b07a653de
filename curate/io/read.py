"""Rows of JSON text from JSON arrays, JSONL and Parquet, plain or gzipped, block by block."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from curate.errors import CurateError

BLOCK_BYTES = 1 << 20
BLOCK_ROWS = 1000
BOM = b"\xef\xbb\xbf"


class Block(NamedTuple):
    """Some rows that follow one another.

    rows: JSON text, one value each.  numbers: their row numbers, from 1; for JSONL the line numbers.
    """

    rows: list[bytes]
    numbers: Sequence[int]


def container(path: str) -> str:
    """What a file is by its ending: json, jsonl or parquet; - is jsonl.

    Raises CurateError for an ending that is none of these.
    """
    if path == "-":
        return "jsonl"
    suffixes = [s.lower() for s in Path(path).suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    ending = suffixes[-1] if suffixes else ""
    kinds = {".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
    if ending not in kinds:
        raise CurateError(
            f"{path}: the ending says nothing of what is inside; use {', '.join(kinds)} or one of them with .gz"
        )
    return kinds[ending]


def blocks(path: str) -> Iterator[Block]:
    """The rows of a file, some thousand at a time.

    Raises CurateError, with file and place, if the file cannot be opened or is not what its ending says.
    A JSONL row that is not JSON is a row all the same: whoever decodes it reports it.
    """
    kind = container(path)
    try:
        if kind == "parquet":
            yield from _parquet(path)
            return
        with _open(path) as file:
            yield from _array_or_lines(path, file) if kind == "json" else _lines(file)
    except OSError as error:
        raise CurateError(f"{path}: cannot read: {error.strerror or error}") from None
    except EOFError as error:
        raise CurateError(f"{path}: cannot read: {error}") from None


def _open(path: str) -> BinaryIO:
    if path == "-":
        return sys.stdin.buffer
    if path.endswith(".gz"):
        return gzip.open(path, "rb")  # type: ignore[return-value]
    return open(path, "rb")


def _lines(file: BinaryIO, head: bytes = b"") -> Iterator[Block]:
    number = 1
    rest = head
    start = True
    while True:
        data = file.read(BLOCK_BYTES)
        if start:
            rest = (rest + data).removeprefix(BOM)
            start = False
        elif data:
            rest += data
        if data:
            cut = rest.rfind(b"\n") + 1
            if not cut:
                continue
            lines, rest = rest[:cut].split(b"\n")[:-1], rest[cut:]
        else:
            lines = rest.split(b"\n") if rest else []
        yield from _block(lines, number)
        number += len(lines)
        if not data:
            return


def _block(lines: list[bytes], number: int) -> Iterator[Block]:
    """The block of these lines; blank ones are counted but are no rows."""
    if all(lines) and not any(line.isspace() for line in lines):
        if lines:
            yield Block(lines, range(number, number + len(lines)))
        return
    kept = [(line, number + i) for i, line in enumerate(lines) if line and not line.isspace()]
    if kept:
        yield Block([line for line, _ in kept], [n for _, n in kept])


def _array_or_lines(path: str, file: BinaryIO) -> Iterator[Block]:
    """A .json file: an array of rows, or, as some write it, JSON lines or a single object."""
    data = file.read().removeprefix(BOM)
    if not data.strip():
        return
    if data.lstrip()[:1] != b"[":
        yield from _values(path, data)
        return
    try:
        rows = [bytes(raw) for raw in msgspec.json.decode(data, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, RecursionError) as error:
        raise malformed(path, data, error) from None
    if rows and _is_one_chatml_row(rows):
        rows = [data]
    for i in range(0, len(rows), BLOCK_ROWS):
        part = [row if b"\n" not in row else msgspec.json.format(row, indent=-1) for row in rows[i : i + BLOCK_ROWS]]
        yield Block(part, range(i + 1, i + 1 + len(part)))


def _is_one_chatml_row(rows: list[bytes]) -> bool:
    """Whether the array is itself one bare ChatML row: a list of turns, not a list of rows."""
    try:
        first = msgspec.json.decode(rows[0])
    except msgspec.DecodeError:
        return False
    return isinstance(first, dict) and "role" in first and "content" in first and "messages" not in first


def _values(path: str, data: bytes) -> Iterator[Block]:
    lines = data.splitlines()
    if len(lines) > 1 and all(not line.strip() or line.lstrip()[:1] in (b"{", b"[") for line in lines):
        yield from _block(data.split(b"\n"), 1)
        return
    try:
        yield Block([msgspec.json.format(data, indent=-1)], [1])
    except (msgspec.DecodeError, RecursionError) as error:
        raise malformed(path, data, error) from None


def malformed(path: str, data: bytes, error: Exception) -> CurateError:
    """The error for a JSON file that does not parse, naming the row and the place."""
    text = data.decode("utf-8", "replace")
    decoder = json.JSONDecoder()
    row, at = 1, text.find("[") + 1
    try:
        while True:
            at = _skip(text, at, " \t\r\n")
            _, at = decoder.raw_decode(text, at)
            at = _skip(text, at, " \t\r\n")
            if text[at : at + 1] != ",":
                break
            at += 1
            row += 1
        reason = "the array ends here without ]" if at >= len(text) else "expected , or ] after the row"
    except (json.JSONDecodeError, RecursionError) as found:
        at = getattr(found, "pos", at)
        reason = getattr(found, "msg", "it nests too deeply")
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return CurateError(
        f"{path}: row {row}: $[{row - 1}]: E001 the file is not JSON: {reason} (line {line}, column {column}); "
        "mend the file there. Nothing was written."
    )


def _skip(text: str, at: int, characters: str) -> int:
    while at < len(text) and text[at] in characters:
        at += 1
    return at


def _parquet(path: str) -> Iterator[Block]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    encode = msgspec.json.Encoder().encode
    try:
        file = pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise CurateError(f"{path}: not a Parquet file: {error}") from None
    number = 1
    for batch in file.iter_batches(BLOCK_ROWS):
        rows = [encode(_without_nulls(row)) for row in batch.to_pylist()]
        yield Block(rows, range(number, number + len(rows)))
        number += len(rows)


def _without_nulls(value: object) -> object:
    """A value without the null fields that Parquet's one schema for all rows adds to its objects."""
    if isinstance(value, dict):
        return {k: _without_nulls(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [_without_nulls(v) for v in value]
    return value
