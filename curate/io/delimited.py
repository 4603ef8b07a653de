"""Rows from and to CSV and TSV.

The header names the fields.  Cells are text and stay text: nothing is guessed to be a number.  An empty cell is a field
that the row does not have.  Only fields that are lists in some format (JSON_FIELDS and TURNS) are read as JSON, where
they hold a list or an object, so that conversations come back as they were written.
Other values than text are written as JSON text; what is null or absent is written as an empty cell.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import msgspec

from curate.errors import CurateError
from curate.io.container_faults import delimiter_of, other_delimiter
from curate.io.lines import Block, whole_lines
from curate.io.malformed import is_json, one_line
from curate.io.restorable import Restorable
from curate.io.spool import Spool
from curate.io.stream import Stream
from schemas.container import ragged

JSON_FIELDS = frozenset(
    {"messages", "conversations", "conversation", "history", "tools", "tool_calls", "functions", "instances"}
    | {"contents", "systemInstruction", "system_instruction"}
)
# Fields that are text in one format and turns, blocks or a tree in another: JSON only with the marks of those.
TURNS = {
    "prompt": re.compile(
        r'\s*(?:\[\s*\{[^{}]*"role"\s*:|\{.*"role"\s*:.*"replies"\s*:|\{.*"replies"\s*:.*"role"\s*:)', re.S
    ),
    "completion": re.compile(r'\s*\[\s*\{[^{}]*"role"\s*:', re.S),
    "system": re.compile(r'\s*\[\s*\{[^{}]*"type"\s*:', re.S),
}
_encode = msgspec.json.Encoder().encode
_raw = msgspec.json.Decoder(msgspec.Raw).decode
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def delimited_blocks(stream: Stream, size: int, delimiter: str, mend: bool = False) -> Iterator[Block]:
    """The rows of a text whose first record names the fields; numbers count records from 1, without the header.

    A record that has not as many cells as the header is passed on as `ragged` writes it, for the row's reader to
    report.

    Args:
        stream: the text.
        size: how many bytes to read at a time.
        delimiter: what separates cells.
        mend: whether cells that are seen to be separated by something else are read so.

    Raises:
        CurateError: for cells that are separated by something else, a header that names a field twice and for quotation
            marks that do not match.
    """
    found = delimiter_of(stream, delimiter)
    if found != delimiter and not mend:
        raise other_delimiter(stream.path, found)
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(_texts(stream, size), delimiter=found, strict=True)
    try:
        names = next(reader, None)
        if names is None:
            return
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise CurateError(f"{stream.path}: the header names {twice!r} twice; rename one")
        number, size_so_far = 1, 0
        rows: list[bytes] = []
        for cells in reader:
            if not cells:
                continue
            rows.append(_row(names, cells))
            size_so_far += len(rows[-1])
            if size_so_far >= size:
                yield Block(rows, range(number, number + len(rows)))
                number += len(rows)
                rows, size_so_far = [], 0
        if rows:
            yield Block(rows, range(number, number + len(rows)))
    except csv.Error as error:
        raise CurateError(
            f"{stream.path}: line {reader.line_num}: not CSV: {error}; "
            "put quotation marks around the whole cell and write those inside it twice"
        ) from None


def _texts(stream: Stream, size: int) -> Iterator[str]:
    """The lines with their ends; bytes that are not UTF-8 are kept as lone surrogates."""
    for text in whole_lines(stream, size):
        for line in text.split(b"\n"):
            yield line.decode("utf-8", "surrogateescape") + "\n"


def _row(names: Sequence[str], cells: Sequence[str]) -> bytes:
    if len(cells) < len(names) or any(cells[len(names) :]):
        return ragged(_encoded(list(cells)), len(cells), len(names))
    return _encoded({name: value_of(name, cell) for name, cell in zip(names, cells, strict=False) if cell})


def value_of(name: str, cell: str) -> object:
    """The value of a cell that is not empty: its text, or in one of JSON_FIELDS and TURNS the JSON that it holds."""
    is_list = name in JSON_FIELDS and cell.lstrip()[:1] in ("[", "{")
    if is_list or (name in TURNS and TURNS[name].match(cell)):
        data = cell.encode("utf-8", "surrogateescape")
        if is_json(data):
            return msgspec.Raw(one_line(data))
    return cell


def _encoded(row: dict[str, object] | list[str]) -> bytes:
    try:
        return _encode(row)
    except UnicodeEncodeError:  # the bytes that are not UTF-8 go where they stood, for the row's reader to report
        if isinstance(row, list):
            return b"[%b]" % b",".join(_bytes(cell) for cell in row)
        return b"{%b}" % b",".join(b"%b:%b" % (_bytes(name), _bytes(value)) for name, value in row.items())


def _bytes(value: object) -> bytes:
    if isinstance(value, msgspec.Raw):
        return bytes(value)
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogateescape")


def write_delimited(
    spool: Spool, names: Sequence[str], file: BinaryIO, delimiter: str, restorable: Restorable | None = None
) -> None:
    """Write the rows of a spool under a header of these names.

    Args:
        spool: the rows.
        names: of all fields.
        file: where to write.
        delimiter: what separates cells.
        restorable: see `write.writer`.
    """
    records = _Records()
    table = csv.writer(records, delimiter=delimiter)
    if names:
        table.writerow(names)
    for rows in spool.parts(1 << 20):
        for row in rows:
            fields = as_fields(row)
            cells = [cell_of(fields.get(name)) for name in names]
            if restorable and restorable.column in fields:
                text = restorable.text(row, _row(names, cells))
                if text is not None:
                    cells[names.index(restorable.column)] = text
            table.writerow(cells)
        file.write("".join(records.texts).encode())
        records.texts.clear()


class _Records:
    """Collects records, and ends them with a line feed alone.

    The module csv leaves carriage returns within cells unquoted unless they are part of what ends its records.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []

    def write(self, text: str) -> None:
        self.texts.append(text[:-2] + "\n")


def cell_of(value: msgspec.Raw | None) -> str:
    """The cell of a JSON value; an empty one for null, and for None, a field that the row does not have."""
    if value is None:
        return ""
    data = bytes(value)
    if data[:1] == b'"':
        return msgspec.json.decode(data)
    return "" if data == b"null" else data.decode()


def as_fields(row: bytes) -> dict[str, msgspec.Raw]:
    """The fields of a row, the turns of a bare list as `messages`.  Raises msgspec.DecodeError if it is neither."""
    if row.lstrip()[:1] == b"[":
        return {"messages": _raw(row)}
    return _fields(row)
