"""Files with bytes changed, lost, added or doubled at random: rows or one clear error, never anything else."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.io import blocks, writer

ROWS = [
    {"instruction": 'a "q" {[]}', "output": "b\\", "n": 1.5, "ok": True, "x": None},
    {"messages": [{"role": "user", "content": "写，一\n个"}, {"role": "assistant", "content": "[{"}], "tools": []},
    {"conversations": [{"from": "human", "value": "h"}], "n": 2},
] * 3
TEXTS = ("json", "jsonl", "csv", "tsv", "txt", "json.gz", "jsonl.zst", "jsonl.bz2", "jsonl.xz")
TABLES = ("parquet", "arrow", "arrows")
PIECES = (
    b'"',
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\n",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"NaN",
    b" ",
)
AT = st.floats(0, 1, exclude_max=True)
EDIT = st.one_of(
    st.tuples(AT, st.just(0), st.one_of(st.sampled_from(PIECES), st.binary(max_size=6))),
    st.tuples(AT, st.sampled_from([1, 4, 50]), st.one_of(st.just(b""), st.binary(min_size=1, max_size=1))),
    st.tuples(AT, st.just(1 << 30), st.just(b"")),
)


@cache
def file_bytes(ending: str, layout: str) -> bytes:
    """The bytes of a valid file."""
    if layout == "pretty":
        return json.dumps(ROWS, indent=1, ensure_ascii=False).encode()
    if layout == "values":
        return "\n".join(json.dumps(row, indent=1) for row in ROWS).encode()
    if layout == "wrapper":
        return json.dumps({"version": 1, "data": ROWS}).encode()
    if layout == "turns":
        return json.dumps([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"rows.{ending.replace('txt', 'jsonl')}"
        with writer(str(path)) as add:
            add([json.dumps(row, ensure_ascii=False).encode() for row in ROWS])
        return path.read_bytes()


def edited(data: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for at, lost, put in edits:
        i = int(at * (len(data) + 1))
        data = data[:i] + put + data[i + lost :]
    return data


def read(path: Path, size: int) -> list | str:
    """The rows as values, or the text of the error."""
    values = []
    try:
        for block in blocks(str(path), size=size):
            assert len(block.rows) == len(block.numbers) > 0
            assert not any(b"\n" in row or not row.strip() for row in block.rows)
            values += zip(block.numbers, map(value, block.rows), strict=True)
    except CurateError as error:
        assert "\n" not in str(error)
        return str(error)
    return values


def value(row: bytes) -> object:
    """A row as it compares: white space between tokens does not count, and NaN is equal to itself."""
    try:
        return json.dumps(json.loads(row.decode("utf-8", "replace")))
    except (ValueError, RecursionError):
        return row


@pytest.mark.parametrize("layout", ["pretty", "values", "wrapper", "turns", *TEXTS, *TABLES])
@given(edits=st.lists(EDIT, min_size=1, max_size=4), size=st.sampled_from([1, 3, 7, 64]))
@settings(deadline=None, max_examples=40)
@example(edits=[(0.0, 0, b"")], size=1)
def test_a_changed_file_gives_rows_or_one_clear_error(layout, edits, size):
    ending = layout if layout in TEXTS + TABLES else "json"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"rows.{ending}"
        path.write_bytes(edited(file_bytes(ending, layout), edits))
        found = read(path, size)
        if ending not in TABLES:
            assert found == read(path, 1 << 19)
