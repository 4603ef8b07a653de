"""Evaluation files as a table of items: in any format, of prompts only, of fields of any names, CSV, or plain text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import pyarrow as pa

from curate.dedup.evaluation_fields import parse_map, record_by_fields
from curate.errors import CurateError
from curate.io import blocks, expand
from curate.io.container import packing
from curate.io.encoding import not_utf8
from curate.io.sample import HEAD_ROWS
from curate.io.stream import opened
from curate.progress import Progress, part, silent
from curate.table import table
from schemas.decode import Read, RowDecoder
from schemas.detection import detect
from schemas.problems import Problem
from schemas.registry import FORMATS

# The format of rows whose fields were told by their names.
EVALUATION = msgspec.structs.replace(FORMATS["sft"], name="evaluation")
BYTES = 1 << 20
PLAIN_TEXT = (".txt", ".text", ".md")


def read_items(paths: Sequence[str], entries: Sequence[str] = (), progress: Progress = silent) -> pa.Table:
    """The items of evaluation files, as rows of a table.

    A file in one of the formats is read as such.  Of rows that are in none, the fields are told by their names, see
    `evaluation_fields`.  Of plain text every paragraph is an item, or every line if there are no blank lines.

    Args:
        paths: files, folders, patterns or hub ids.
        entries: which field holds what, as `prompt=stem`; the formats are then not looked at.
        progress: called with what is being done, how much of it is done, and how much there is.

    Raises:
        CurateError: for a file that cannot be read, or a row of one without a prompt.
    """
    fields = parse_map(entries)
    files = expand(map(str, paths))
    tables = []
    for i, path in enumerate(files):
        progress("reading evaluation files", i, len(files))
        if table.is_table(path):
            items = table.read([path], progress=part(progress, i / len(files), (i + 1) / len(files)))
            items = items.select(table.SCHEMA.names).filter(items["record"].is_valid())
        else:
            items = pa.Table.from_batches(_batches(path, fields), table.SCHEMA)
        if not items.num_rows:
            raise CurateError(f"{path}: no evaluation row in it", 1)
        tables.append(items)
    return pa.concat_tables(tables)


def _batches(path: str, fields: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
    decoder = None
    for numbers, rows in _rows(path):
        if decoder is None and not fields:
            found = detect(enumerate(rows[:HEAD_ROWS], 1)).format
            decoder = RowDecoder([FORMATS[found]] if found else list(FORMATS.values()))
        results = decoder.block(rows) if decoder else [None] * len(rows)
        items = [
            _item(path, number, row, result, fields) for number, row, result in zip(numbers, rows, results, strict=True)
        ]
        yield table.batch(path, numbers, items)


def _item(path: str, number: int, row: bytes, result: Read | Problem | None, fields: Mapping[str, str]) -> Read:
    """A row as it was read, or by its fields if it was not, or has no prompt.

    Raises:
        CurateError: if its fields tell no prompt either, or it is not UTF-8.
    """
    if isinstance(result, Read) and result.conversation.prompt().strip():
        return result
    wrong = not_utf8(path, row, number)
    if wrong:
        raise wrong
    record = record_by_fields(row, fields)
    if record is None:
        raise CurateError(f"{path} row {number}: {_reason(row, fields)}", 1)
    return Read(record, EVALUATION, EVALUATION.shapes[0])


def _reason(row: bytes, fields: Mapping[str, str]) -> str:
    try:
        value = msgspec.json.decode(row)
    except (msgspec.DecodeError, RecursionError) as error:
        return f"no JSON: {error}"
    if not isinstance(value, dict):
        return "neither an object nor a text"
    names = ", ".join(map(repr, value)) or "none"
    if "prompt" in fields:
        return f"no text in {fields['prompt']!r}; its fields are {names}"
    return f"no prompt in it; its fields are {names}: say which holds it with --map prompt=FIELD"


def _rows(path: str) -> Iterator[tuple[Sequence[int], list[bytes]]]:
    """Row numbers and rows as JSON text; of plain text the lines at which items begin, and the items."""
    inner = Path(path).with_suffix("") if packing(path) else Path(path)
    if inner.suffix.lower() not in PLAIN_TEXT:
        for block in blocks(path):
            yield block.numbers, block.rows
        return
    with opened(path) as stream:
        data = b"".join(iter(lambda: stream.read(BYTES), b""))
    wrong = not_utf8(path, data)
    if wrong:
        raise wrong
    text = data.decode("utf-8-sig")
    numbers, items = plain_items(text)
    yield numbers, [msgspec.json.encode(item) for item in items]


def plain_items(text: str) -> tuple[list[int], list[str]]:
    """The items of plain text: paragraphs, or lines if no blank line stands between any; with their first lines."""
    lines = text.split("\n")
    filled = [i for i, line in enumerate(lines) if line.strip()]
    by_lines = not filled or filled[-1] - filled[0] + 1 == len(filled)
    numbers: list[int] = []
    items: list[str] = []
    for before, i in zip([-2, *filled], filled, strict=False):
        if by_lines or i > before + 1:
            numbers.append(i + 1)
            items.append(lines[i].strip())
        else:
            items[-1] += f"\n{lines[i].strip()}"
    return numbers, items
