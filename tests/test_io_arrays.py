"""JSON arrays, wrappers and objects one after the other, read in pieces of any size."""

from __future__ import annotations

import json
import random
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.io import blocks
from curate.io.scan import Scanner

# Text that looks like structure, escapes and quotation marks included.
TRICKY = st.text(st.sampled_from('{}[],:"\\\n 写a'), max_size=8)
VALUE = st.recursive(
    st.one_of(TRICKY, st.integers(-9, 9), st.none(), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TRICKY, inner, max_size=3)),
    max_leaves=6,
)
OBJECTS = st.lists(st.dictionaries(TRICKY, VALUE, max_size=3), min_size=1, max_size=6)
SPACE = st.sampled_from([None, 0, 1, 4])
SIZE = st.integers(1, 50)


def read(text: bytes, size: int | None = None, name: str = "rows.json") -> list:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(text)
        found = list(blocks(str(path), **({"size": size} if size else {})))
    numbers = [n for block in found for n in block.numbers]
    rows = [row for block in found for row in block.rows]
    assert not any(b"\n" in row or b"\r" in row for row in rows)
    assert numbers == sorted(set(numbers))
    return [json.loads(row) for row in rows]


def failure(text: bytes, size: int | None = None, name: str = "rows.json") -> str:
    with pytest.raises(CurateError) as caught:
        read(text, size, name)
    return str(caught.value)


@given(st.lists(VALUE, max_size=6), SPACE, st.booleans(), st.booleans(), SIZE)
@settings(deadline=None, max_examples=100)
def test_an_array_gives_its_elements_at_any_size_of_pieces(values, indent, ensure_ascii, crlf, size):
    text = json.dumps(values, indent=indent, ensure_ascii=ensure_ascii).encode()
    text = text.replace(b"\n", b"\r\n") if crlf else text
    assert read(text, size) == values
    assert read(text) == values


@given(OBJECTS, SPACE, st.sampled_from(["", "\n", "\n\n", " "]), SIZE)
@settings(deadline=None, max_examples=100)
def test_objects_one_after_the_other_are_rows(values, indent, between, size):
    text = between.join(json.dumps(value, indent=indent) for value in values).encode()
    assert read(text, size) == values
    assert read(text) == values


@given(OBJECTS, SPACE, st.sampled_from(["data", "rows", "train", "examples"]), SIZE)
@settings(deadline=None, max_examples=60)
def test_rows_in_a_wrapper_are_found(values, indent, name, size):
    text = json.dumps({"version": "1", "info": {"n": 2}, name: values}, indent=indent).encode()
    assert read(text, size) == values


@pytest.mark.parametrize(
    "row",
    [
        {"instruction": "a", "output": "b", "examples": [{"c": 1}]},
        {"messages": [{"role": "user", "content": "a"}]},
        {"data": [{"a": 1}], "rows": [{"a": 1}]},
        {"data": [{"a": 1}], "others": [{"a": 1}]},
        {"items": [{"a": 1}]},
        {"data": [1, 2]},
        {"data": []},
    ],
)
def test_an_object_that_may_be_a_row_stays_one(row):
    assert read(json.dumps(row).encode()) == [row]


TURNS = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_of_turns_is_one_row(indent):
    assert read(json.dumps(TURNS, indent=indent).encode(), 7) == [TURNS]
    assert read(json.dumps([TURNS, TURNS], indent=indent).encode(), 7) == [TURNS, TURNS]
    lines = "\n".join(json.dumps(TURNS, indent=indent) for _ in range(3))
    assert read(lines.encode(), 7) == [TURNS] * 3


def test_lines_under_the_name_json():
    text = b'{"a": 1}\n\n{"a": 2}\r\n{"a": 3}'
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.json"
        path.write_bytes(text)
        found = [(n, row) for block in blocks(str(path)) for n, row in zip(block.numbers, block.rows, strict=True)]
    assert found == [(1, b'{"a": 1}'), (3, b'{"a": 2}'), (4, b'{"a": 3}')]


def test_a_broken_line_under_the_name_json_spoils_its_row_only():
    for text in (b'{"a": 1}\n{broken\n{"a": 2}\n', b'{broken\n{"a": 1}\n{"a": 2}\n'):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.json"
            path.write_bytes(text)
            rows = [row for block in blocks(str(path)) for row in block.rows]
        assert sorted(rows) == [b'{"a": 1}', b'{"a": 2}', b"{broken"]


def test_an_array_of_lines_under_the_name_jsonl_is_read_as_an_array():
    rows = [{"a": 1}, {"a": 2}]
    assert read(json.dumps(rows, indent=1).encode(), name="rows.jsonl") == rows
    assert read(b'[\n{"a": 1},\n{"a": 2}\n]\n', name="rows.jsonl") == rows


@pytest.mark.parametrize("size", [1, 2, 5, None])
@pytest.mark.parametrize(
    ("text", "row", "said", "line", "column"),
    [
        (b'[\n{"a": 1},\n{"a" 2}\n]', 2, "expecting ':' delimiter", 3, 6),
        (b'[{"a": 1}, {"a": 2,}]', 2, "", 1, 20),
        (b'[{"a": 1} {"a": 2}]', 1, "expected , or ]", 1, 11),
        (b'[{"a": 1},, {"a": 2}]', 2, "there is no row here", 1, 11),
        (b'[\n {"a": 1},\n]', 2, "there is no row here", 3, 1),
        (b'[{"a": 1}', 1, "the array ends here without ]", 1, 10),
        (b'[{"a": 1},\n', 2, "the array ends here without ]", 2, 1),
        (b'["\xe5\x86\x99", {"a": 1', 2, "it ends here, inside the row", 1, 14),
        (b'[{"a": 1}}', 2, "found } where ] should close", 1, 10),
        (b"[1, 2] x", 2, "", 1, 8),
        (b'{"a": 1}\n{"a": 1}\n{\n"a": nope\n}', 3, "", 4, 6),
        (b'{\n"a": 1\n}\n{\n"a": x\n}', 2, "expecting value", 5, 6),
        (b'{\n"a": 1\n}\n}', 2, "this bracket closes nothing", 4, 1),
        (b"nothing", 1, "expecting value", 1, 1),
    ],
)
def test_where_a_file_breaks(text, row, said, line, column, size):
    message = failure(text, size)
    assert f"row {row}: $[{row - 1}]: E001" in message
    assert f"(line {line}, column {column})" in message
    assert said in message


def test_where_a_large_array_breaks():
    rows = [{"instruction": "写" * 40, "output": str(i)} for i in range(20_000)]
    for indent in (None, 1):
        text = json.dumps(rows, indent=indent, ensure_ascii=False)
        at = text.index('"15000"')
        line, column = text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1
        for broken, off in ((text[:at] + "x" + text[at:], 0), (text[:at] + text[at + 1 :], 5)):
            message = failure(broken.encode())
            assert "row 15001: $[15000]" in message
            assert f"(line {line}, column {column + off})" in message
        assert "row 15001: $[15000]: E001 the file is not JSON" in failure(text[:at].encode())


def test_nearly_json_rows_are_left_to_their_reader():
    deep = b"[" * 100_000 + b"]" * 100_000
    bad = [b'{"a": NaN}', b'{"a": -Infinity}', b'{"a": "\\ud800"}', b'{"a": "\xff"}', deep]
    for text in bad:
        for between in (b",", b",\n"):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "rows.json"
                path.write_bytes(b"[" + between.join([b'{"b":1}', text, b'{"b":2}']) + b"]")
                assert [row for block in blocks(str(path)) for row in block.rows] == [b'{"b":1}', text, b'{"b":2}']


def test_a_quotation_mark_too_many_does_not_fill_the_memory(tmp_path, monkeypatch):
    from curate.io import array

    monkeypatch.setattr(array, "SUSPECT_BYTES", 1000)
    path = tmp_path / "rows.json"
    row = b'{"a": "[{", "b": [{"c": "d"}]}'
    path.write_bytes(b'[{"a": "x" "}, ' + b", ".join([row] * 100_000) + b"]")
    read_before = []

    class CountingFile:
        def __init__(self, file):
            self.file = file

        def read(self, size):
            data = self.file.read(size)
            read_before.append(len(data))
            return data

    from curate.io.stream import Stream

    with pytest.raises(CurateError, match="row 1: "), open(path, "rb") as file:
        list(array.elements(Stream(str(path), CountingFile(file)), 500))
    assert sum(read_before) < 10_000


def test_a_row_beyond_measure_is_an_error(tmp_path, monkeypatch):
    from curate.io import array, json_text, lines, malformed

    monkeypatch.setattr(array, "SUSPECT_BYTES", 1000)
    monkeypatch.setattr(json_text, "SUSPECT_BYTES", 1000)
    monkeypatch.setattr(malformed, "MOST_ROW_BYTES", 4000)
    monkeypatch.setattr(lines, "MOST_ROW_BYTES", 4000)
    for name, text in (("rows.json", b'[{"a": "'), ("rows.json", b'{"a": "'), ("rows.jsonl", b"")):
        (tmp_path / name).write_bytes(text + b"x" * 20_000)
        with pytest.raises(CurateError, match="longer than"):
            list(blocks(str(tmp_path / name), size=100))


@given(st.lists(VALUE, min_size=1, max_size=5), st.data())
@settings(deadline=None, max_examples=100)
def test_the_scanner_finds_the_same_in_one_go_and_byte_by_byte(values, data):
    text = json.dumps(values, ensure_ascii=data.draw(st.booleans())).encode()[1:]
    expected, growing = Scanner(), Scanner()
    expected.scan(text)
    at = 0
    while at < len(text):
        at += data.draw(st.integers(1, 6))
        growing.scan(text[:at])
    assert (growing.commas, growing.ends, growing.closed) == (expected.commas, expected.ends, expected.closed)
    assert len(expected.commas) == len(values) - 1
    assert expected.closed == len(text) - 1


def test_strings_of_many_escapes_end_where_they_end():
    for escapes in (199, 200, 201, 1000, 100_001):
        text = b'"' + b"\\n" * escapes + b'",'
        scanner = Scanner()
        scanner.scan(text)
        assert scanner.commas == [len(text) - 1]


def test_rows_that_begin_differently_are_all_found():
    random.seed(0)
    names = ["a", "b", "messages", 'q"', "写"]
    rows = [{random.choice(names): [{"messages": "},{"}] * random.randrange(3)} for _ in range(3000)]
    text = json.dumps(rows).encode()
    for size in (64, 1000, None):
        assert read(text, size) == rows


def test_nesting_without_end_is_an_error_and_no_crash():
    for text in (b"[" * 200_000, b'{"a":' * 200_000, b"[" * 100_000 + b"]" * 100_001):
        assert "E001" in failure(text)
    assert sys.getrecursionlimit() < 100_000
