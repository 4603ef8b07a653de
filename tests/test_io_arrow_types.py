"""Types that Arrow has and JSON has not."""

from __future__ import annotations

import datetime
import decimal
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate.errors import CurateError
from curate.io import blocks

WHEN = datetime.datetime(2024, 1, 2, 3, 4, 5, 678901)
VALUES = {
    "timestamp": (pa.array([WHEN], pa.timestamp("us")), "2024-01-02T03:04:05.678901"),
    "zone": (pa.array([WHEN], pa.timestamp("us", "+08:00")), "2024-01-02T11:04:05.678901+08:00"),
    "seconds": (pa.array([0], pa.timestamp("s")), "1970-01-01T00:00:00"),
    "date": (pa.array([WHEN.date()], pa.date32()), "2024-01-02"),
    "time": (pa.array([WHEN.time()], pa.time64("us")), "03:04:05.678901"),
    "duration": (pa.array([1_500_000], pa.duration("us")), "PT1.5S"),
    "decimal": (pa.array([decimal.Decimal("1.20")]), "1.20"),
    "binary": (pa.array([b"\xff\x00"]), "/wA="),
    "dictionary": (pa.array(["x"]).dictionary_encode(), "x"),
    "large_string": (pa.array(["x"], pa.large_string()), "x"),
    "large_list": (pa.array([["x"]], pa.large_list(pa.string())), ["x"]),
    "map": (pa.array([[("x", 1), ("y", None)]], pa.map_(pa.string(), pa.int64())), {"x": 1, "y": None}),
    "keyed": (pa.array([[(1, "x")]], pa.map_(pa.int64(), pa.string())), [[1, "x"]]),
    "fixed": (pa.array([[1, 2]], pa.list_(pa.int64(), 2)), [1, 2]),
    "bool": (pa.array([False]), False),
    "struct": (pa.array([{"a": None, "b": [None, {"c": None}]}]), {"b": [None, {}]}),
    "times": (pa.array([[{"at": WHEN}]]), [{"at": "2024-01-02T03:04:05.678901"}]),
}


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_types_that_json_lacks_become_text(tmp_path, name, ending):
    column, expected = VALUES[name]
    assert rows(tmp_path / f"t.{ending}", column) == [{"x": expected}]


@pytest.mark.parametrize("kind", ["string_view", "list_view", "large_list_view", "half", "run_end", "union", "uuid"])
def test_newer_types_do_not_crash(tmp_path, kind):
    makers = {
        "string_view": lambda: pa.array(["x"], pa.string_view()),
        "list_view": lambda: pa.array([["x"]], pa.list_view(pa.string())),
        "large_list_view": lambda: pa.array([["x"]], pa.large_list_view(pa.string())),
        "half": lambda: pa.array([1.5], pa.float32()).cast(pa.float16()),
        "run_end": lambda: pa.RunEndEncodedArray.from_arrays(pa.array([1], pa.int32()), pa.array(["x"])),
        "union": lambda: pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array(["x"])]),
        "uuid": lambda: pa.array([b"0123456789abcdef"], pa.uuid()),
    }
    expected = {"half": 1.5, "list_view": ["x"], "large_list_view": ["x"]}
    try:
        column = makers[kind]()
    except AttributeError:
        pytest.skip("this pyarrow has no such type")
    assert rows(tmp_path / "t.arrow", column) == [
        {"x": "30313233-3435-3637-3839-616263646566" if kind == "uuid" else expected.get(kind, "x")}
    ]


def test_times_that_python_does_not_hold_are_text(tmp_path):
    far = pa.array([2**52], pa.timestamp("s"))
    assert rows(tmp_path / "t.arrow", far)[0]["x"] == f"<value out of range: {2**52}>"
    exact = pa.array([1704164645678901234], pa.timestamp("ns"))
    assert rows(tmp_path / "t.arrow", exact)[0]["x"].endswith("03:04:05.678901234")


def test_numbers_that_json_lacks_become_null(tmp_path):
    assert rows(tmp_path / "t.parquet", pa.array([float("nan"), float("inf"), 1.0])) == [
        {"x": None},
        {"x": None},
        {"x": 1.0},
    ]


def test_text_that_is_not_utf8_spoils_its_row_only(tmp_path):
    good, bad = b"ok", b"\xff\xfe"
    column = pa.Array.from_buffers(
        pa.string(),
        3,
        [None, pa.py_buffer(b"".join(i.to_bytes(4, "little") for i in (0, 2, 4, 6))), pa.py_buffer(good + bad + good)],
    )
    pq.write_table(pa.table({"x": column}), tmp_path / "t.parquet")
    found = [row for block in blocks(str(tmp_path / "t.parquet")) for row in block.rows]
    assert [found[0], found[2]] == [b'{"x":"ok"}'] * 2
    with pytest.raises(ValueError):
        json.loads(found[1])


def test_text_that_is_not_utf8_within_a_list_spoils_its_row_only(tmp_path):
    turns = pa.array([[{"content": "ok"}], [{"content": "写"}], [{"content": "ok"}]])
    pq.write_table(pa.table({"messages": turns}), tmp_path / "t.parquet", compression="none", use_dictionary=False)
    data = (tmp_path / "t.parquet").read_bytes()
    broken = data.replace("写".encode(), b"\xe5xx")
    assert broken != data
    (tmp_path / "t.parquet").write_bytes(broken)
    found = [row for block in blocks(str(tmp_path / "t.parquet")) for row in block.rows]
    assert [found[0], found[2]] == [b'{"messages":[{"content":"ok"}]}'] * 2
    with pytest.raises(ValueError):
        json.loads(found[1])


def test_two_columns_of_one_name_are_refused(tmp_path):
    table = pa.table([pa.array([1]), pa.array([2])], names=["x", "x"])
    with pa.ipc.new_file(tmp_path / "t.arrow", table.schema) as out:
        out.write_table(table)
    with pytest.raises(CurateError, match="two columns are called 'x'"):
        list(blocks(str(tmp_path / "t.arrow")))


def rows(path, column) -> list:
    table = pa.table({"x": column})
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    else:
        with pa.ipc.new_file(path, table.schema) as out:
            out.write_table(table)
    return [json.loads(row) for block in blocks(str(path)) for row in block.rows]
