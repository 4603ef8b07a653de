"""What is written to a file of any kind is what is read from it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.io import blocks, container, writer

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
NUMBERS = st.one_of(st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=8,
)
ROWS = st.lists(st.dictionaries(TEXT, JSON, max_size=4), max_size=8)
TURNS = st.lists(st.fixed_dictionaries({"role": TEXT, "content": TEXT}), min_size=1, max_size=3)


def encoded(rows: list) -> list[bytes]:
    return [json.dumps(row, ensure_ascii=False).encode() for row in rows]


def write(path: Path, rows: list, step: int = 3, **options) -> None:
    data = encoded(rows)
    with writer(str(path), **options) as add:
        for i in range(0, len(data), step):
            add(data[i : i + step])


def read(path: Path | str, **options) -> list:
    return [json.loads(row) for block in blocks(str(path), **options) for row in block.rows]


def without_nulls(value):
    """A row as Arrow keeps it: null fields are not there."""
    if isinstance(value, dict):
        return {name: without_nulls(part) for name, part in value.items() if part is not None}
    return [without_nulls(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("ending", ["jsonl", "ndjson", "json", "jsonl.gz", "json.zst", "jsonl.bz2", "json.xz"])
@given(rows=ROWS, size=st.integers(1, 40))
@settings(deadline=None, max_examples=20)
def test_text_containers_keep_every_value(ending, rows, size):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"rows.{ending}"
        write(path, rows)
        assert read(path) == rows
        assert read(path, size=size) == rows


@pytest.mark.parametrize("ending", ["parquet", "arrow", "arrows", "feather"])
@given(rows=ROWS.filter(lambda rows: not rows or any(rows)))
@settings(deadline=None, max_examples=30)
def test_tables_keep_every_value_but_null_fields(ending, rows):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"rows.{ending}"
        write(path, rows, mixed="text")
        assert [without_nulls(row) for row in read(path)] == [without_nulls(row) for row in rows]


@pytest.mark.parametrize("ending", ["csv", "tsv", "csv.gz"])
@given(
    rows=st.lists(
        st.fixed_dictionaries({}, optional={"a": TEXT, "b\n,": TEXT, '"': TEXT, "messages": TURNS, "n": st.none()}),
        max_size=6,
    ),
    size=st.integers(1, 40),
)
@settings(deadline=None, max_examples=30)
def test_csv_keeps_text_and_turns_but_empty_cells(ending, rows, size):
    rows = [row for row in rows if row]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"rows.{ending}"
        write(path, rows)
        expected = [{name: value for name, value in row.items() if value not in ("", None)} for row in rows]
        assert read(path) == expected
        assert read(path, size=size) == expected


@pytest.mark.parametrize("ending", ["json", "jsonl.gz", "jsonl.zst", "parquet", "arrow", "csv"])
@given(rows=st.lists(st.dictionaries(TEXT, TEXT, min_size=1, max_size=3), min_size=1, max_size=9))
@settings(deadline=None, max_examples=10)
def test_the_same_rows_give_the_same_bytes_however_they_come(ending, rows):
    with tempfile.TemporaryDirectory() as folder:
        written = set()
        for step in (1, 2, len(rows)):
            path = Path(folder) / f"rows-{step}.{ending}"
            write(path, rows, step)
            written.add(path.read_bytes())
        assert len(written) == 1


@pytest.mark.parametrize("ending", ["jsonl", "json", "csv", "parquet", "arrow", "arrows", "jsonl.gz", "jsonl.zst"])
def test_no_rows_are_read_as_no_rows(tmp_path, ending):
    write(tmp_path / f"rows.{ending}", [])
    assert read(tmp_path / f"rows.{ending}") == []


@pytest.mark.parametrize("ending", ["jsonl", "json", "parquet", "arrow", "jsonl.gz", "jsonl.zst"])
def test_what_a_file_without_an_ending_holds_is_seen_by_its_first_bytes(tmp_path, ending):
    rows = [{"a": "x"}, {"a": "y"}]
    write(tmp_path / f"rows.{ending}", rows)
    for name in ("rows", "rows.txt"):
        (tmp_path / name).write_bytes((tmp_path / f"rows.{ending}").read_bytes())
        assert container(str(tmp_path / name)) == ending.partition(".")[0]
        assert read(tmp_path / name) == rows


def test_an_ending_that_says_nothing_cannot_be_written(tmp_path):
    for name in ("rows", "rows.txt", "rows.gz"):
        with pytest.raises(CurateError, match="the ending does not say what to write"), writer(str(tmp_path / name)):
            pass
    with pytest.raises(CurateError, match="unpack the file first"), writer(str(tmp_path / "rows.parquet.gz")):
        pass
    assert list(tmp_path.iterdir()) == []


def test_bare_lists_of_turns_become_messages_in_tables(tmp_path):
    turns = [{"role": "user", "content": "x"}]
    for ending in ("parquet", "csv"):
        write(tmp_path / f"rows.{ending}", [turns, turns])
        assert read(tmp_path / f"rows.{ending}") == [{"messages": turns}] * 2


def test_a_column_that_differs_in_kind_names_itself_and_two_rows(tmp_path):
    path = tmp_path / "rows.parquet"
    rows = [{"m": [{"c": "x"}]}, {"m": [{"c": None}]}, {"m": [{"c": "x"}, {"c": [1]}]}]
    with pytest.raises(CurateError, match=r"column m\[\]\.c: row 1 has text and row 3 has a list") as caught:
        write(path, rows)
    assert caught.value.code == 1
    assert list(tmp_path.iterdir()) == []
    write(path, rows, mixed="text")
    assert read(path) == [{"m": [{"c": "x"}]}, {"m": [{}]}, {"m": [{"c": "x"}, {"c": [1]}]}]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([2**64], "64 bits"),
        ([-1, 2**63], "64 bits"),
        ([1.5, 2**60], "no one type holds exactly"),
        ([True, 1], "row 1 has true or false and row 2 has a number"),
    ],
)
def test_numbers_are_never_rounded(tmp_path, values, found):
    with pytest.raises(CurateError, match=found):
        write(tmp_path / "rows.parquet", [{"n": value} for value in values])


@pytest.mark.parametrize("ending", ["parquet", "csv"])
@pytest.mark.parametrize("row", [b"7", b"{", b'"x"', b'{"a": NaN}', b"[" * 100_000])
def test_rows_that_no_table_holds_are_named(tmp_path, ending, row):
    with (
        pytest.raises(CurateError, match=r"row 3 does not fit into a table.*\.jsonl instead") as caught,
        writer(str(tmp_path / f"rows.{ending}")) as add,
    ):
        add([b'{"a": 1}'] * 2)
        add([row])
    assert caught.value.code == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["parquet", "arrow", "csv"])
def test_rows_without_any_field_are_refused_since_a_table_would_lose_them(tmp_path, ending):
    with pytest.raises(CurateError, match="no row has a field"):
        write(tmp_path / f"rows.{ending}", [{}, {}])
    assert list(tmp_path.iterdir()) == []


def test_many_rows_make_several_row_groups(tmp_path, monkeypatch):
    import pyarrow.parquet as pq

    from curate.io import spool

    monkeypatch.setattr(spool.Spool.parts, "__defaults__", (1000, 100_000))
    rows = [{"a": "x" * 50, "n": i} for i in range(200)]
    write(tmp_path / "rows.parquet", rows)
    assert pq.ParquetFile(tmp_path / "rows.parquet").num_row_groups > 5
    assert read(tmp_path / "rows.parquet") == rows


def test_csv_by_others(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes(b'\xef\xbb\xbfinstruction,output,n\r\n"a\r\nb, ""c""",d,007\r\n\r\ne,f\r\ng,h,1,,\r\ni,j,k,l\r\n')
    first, short, third, long = (row for block in blocks(str(path)) for row in block.rows)
    assert json.loads(first) == {"instruction": 'a\r\nb, "c"', "output": "d", "n": "007"}
    assert short == b'a record of 2 cells under 3 names: ["e","f"]'
    assert json.loads(third) == {"instruction": "g", "output": "h", "n": "1"}
    assert long == b'a record of 4 cells under 3 names: ["i","j","k","l"]'
    assert [n for block in blocks(str(path)) for n in block.numbers] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("text", "found"),
    [(b"a,b,a\n1,2,3\n", "names 'a' twice"), (b'a\n"x" y\n', "line 2: not CSV"), (b'a\n"x\ny\n', "not CSV")],
)
def test_csv_that_is_none(tmp_path, text, found):
    (tmp_path / "rows.csv").write_bytes(text)
    with pytest.raises(CurateError, match=found):
        read(tmp_path / "rows.csv")
