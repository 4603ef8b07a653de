"""What names stand for: folders, patterns, saved datasets, standard input, hub ids, parts of files."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.io import atomic, blocks, container, count_lines, expand, ranges, writer

ROOT = Path(__file__).parent.parent


def rows(path, **options) -> list:
    return [json.loads(row) for block in blocks(str(path), **options) for row in block.rows]


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    for name in (
        "b.jsonl", "a.json", "c.parquet", "notes.md", ".hidden.jsonl", "b.jsonl.rejects.jsonl", "x.ledger.parquet",
        "run.report.json", "manifest.json", "sub/d.csv.gz", "sub/e.tsv", "sub/deep/f.jsonl.zst", ".git/g.jsonl",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["b.jsonl"], ["b.jsonl"]),
        (["."], ["./a.json", "./b.jsonl", "./c.parquet", "./sub/d.csv.gz", "./sub/deep/f.jsonl.zst", "./sub/e.tsv"]),
        (["sub"], ["sub/d.csv.gz", "sub/deep/f.jsonl.zst", "sub/e.tsv"]),
        (["*.json*"], ["a.json", "b.jsonl"]),
        (["**/*.jsonl*"], ["b.jsonl", "sub/deep/f.jsonl.zst"]),
        (["[ab].json*", "b.jsonl", "-", "-"], ["a.json", "b.jsonl", "-"]),
        (["b.jsonl", "*"], ["b.jsonl", "a.json", "c.parquet", "notes.md"]),
        (["b.jsonl.rejects.jsonl"], ["b.jsonl.rejects.jsonl"]),
        (["hf://owner/name/config:train"], ["hf://owner/name/config:train"]),
    ],
)
def test_names_are_expanded(folder, names, expected):
    assert expand(names) == expected


def test_a_name_that_looks_like_a_pattern_is_taken_for_itself(folder):
    (folder / "x[1].jsonl").write_bytes(b"")
    assert expand(["x[1].jsonl"]) == ["x[1].jsonl"]


@pytest.mark.parametrize(
    ("name", "said"),
    [("none.jsonl", "no such file"), ("*.csv", "no file matches"), (".git/none", "no such"), ("empty", "no data file")],
)
def test_what_nothing_answers_to_is_an_error(folder, name, said):
    (folder / "empty").mkdir()
    with pytest.raises(CurateError, match=said) as caught:
        expand([name])
    assert caught.value.code == 2


def test_folders_that_save_to_disk_wrote(tmp_path):
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    data = [{"messages": [{"role": "user", "content": str(i)}], "n": i} for i in range(10)]
    whole = datasets.Dataset.from_list(data)
    whole.save_to_disk(tmp_path / "whole", num_shards=3)
    splits = datasets.DatasetDict({"train": whole.select(range(7)), "test": whole.select(range(7, 10))})
    splits.save_to_disk(tmp_path / "splits")
    whole.shuffle(seed=1).save_to_disk(tmp_path / "shuffled")
    assert container(str(tmp_path / "whole")) == "dataset"
    assert rows(tmp_path / "whole") == data
    assert rows(tmp_path / "splits") == data
    assert sorted(row["n"] for row in rows(tmp_path / "shuffled")) == list(range(10))
    assert rows(tmp_path / "shuffled") == whole.shuffle(seed=1).to_list()
    train, test = str(tmp_path / "splits" / "train"), str(tmp_path / "splits" / "test")
    assert expand([str(tmp_path / "splits")]) == [train, test]
    assert rows(test) == data[7:]
    assert expand([str(tmp_path)]) == [str(tmp_path / "shuffled"), train, test, str(tmp_path / "whole")]
    assert expand([f"{tmp_path}/s*"]) == [str(tmp_path / "shuffled"), train, test]
    assert [n for block in blocks(str(tmp_path / "splits")) for n in block.numbers] == list(range(1, 11))


@pytest.mark.parametrize("state", [b"", b"{}", b"[]", b'{"_data_files": [{"filename": "none.arrow"}]}', b"\xff"])
def test_a_broken_saved_dataset_is_one_clear_error(tmp_path, state):
    (tmp_path / "dataset_info.json").write_bytes(b"{}")
    (tmp_path / "state.json").write_bytes(state)
    with pytest.raises(CurateError, match=r"state\.json is broken|cannot read"):
        rows(tmp_path)
    (tmp_path / "dataset_dict.json").write_bytes(state)
    for read in (rows, lambda path: expand([str(path)])):
        with pytest.raises(CurateError, match=r"dataset_dict\.json is broken"):
            read(tmp_path)


def test_a_data_set_is_read_by_the_package_datasets(tmp_path):
    pytest.importorskip("datasets")
    data = [{"a": str(i)} for i in range(5)]
    for name, part in (("train", data[:3]), ("test", data[3:])):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, part)))
    assert container(f"hf://{tmp_path}") == "hub"
    assert rows(f"hf://{tmp_path}:train") == data[:3]
    assert sorted(map(str, rows(f"hf://{tmp_path}"))) == sorted(map(str, data))
    with pytest.raises(CurateError, match=r"cannot load: ValueError"):
        rows(f"hf://{tmp_path}:none")


@pytest.mark.parametrize("name", ["hf://", "hf://name", "hf:///", "hf://a/b/c/d", "hf://a//b"])
def test_a_hub_id_that_is_none(name):
    with pytest.raises(CurateError):
        rows(name)


def test_no_network_is_one_clear_error(monkeypatch):
    pytest.importorskip("datasets")
    from curate.io import hub

    monkeypatch.setenv("HF_ENDPOINT", "https://hub.invalid")
    monkeypatch.setattr(hub.urllib.request, "getproxies", dict)
    with pytest.raises(CurateError, match=r"hf://owner/name: the hub cannot be reached"):
        rows("hf://owner/name")


LINES = b'{"a": 1}\n{"a": 2}\n'
ARRAY = b'[{"a": 1}, {"a": 2}]'
ARRAY_OF_LINES = b'[\n{"a": 1},\n{"a": 2}\n]'


STANDARD_INPUT = {
    "lines": LINES,
    "array": ARRAY,
    "array of lines": ARRAY_OF_LINES,
    "objects": b'{"a": 1}{"a": 2}',
    "objects of several lines": b'{\n"a": 1\n}\n{\n"a": 2\n}\n',
    "packed lines": gzip.compress(LINES),
    "packed array": gzip.compress(ARRAY),
    "byte order mark": b"\xef\xbb\xbf" + LINES,
    "wrapper": b'{"data": [{"a": 1}, {"a": 2}]}',
}


@pytest.mark.parametrize("name", STANDARD_INPUT)
def test_standard_input_is_what_it_looks_like(name):
    code = (
        "import json\nfrom curate.io import blocks\n"
        "print(json.dumps([json.loads(row) for block in blocks('-') for row in block.rows]))"
    )
    text = STANDARD_INPUT[name]
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, input=text, capture_output=True, check=True)
    assert json.loads(done.stdout) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("text", [b"{broken\n", b"no json", b'{broken\n{"a": 1}\n', b"\xff\n"])
def test_standard_input_of_broken_lines_is_rows_all_the_same(monkeypatch, text):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert [row for block in blocks("-") for row in block.rows] == text.rstrip(b"\n").split(b"\n")


def test_a_table_on_standard_input_is_refused(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"PAR1....")))
    with pytest.raises(CurateError, match="this is parquet, not text; read it from a file"):
        list(blocks("-"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_is_read_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["sh", "-c", f"printf '%s' '{LINES.decode()}' > {tmp_path}/pipe"]):
        assert rows(tmp_path / "pipe") == [{"a": 1}, {"a": 2}]


@given(st.lists(st.sampled_from([b"", b"a", b"bb", b"\x80" * 9, b"  ", b"x\r"]), max_size=20), st.booleans(), st.data())
@settings(deadline=None, max_examples=150)
def test_ranges_together_are_the_file(tmp_path_factory, lines, ended, data):
    path = tmp_path_factory.mktemp("ranges") / "rows.jsonl"
    text = b"\n".join(lines) + (b"\n" if ended else b"")
    path.write_bytes(text)
    parts = data.draw(st.integers(1, 9))
    found = ranges(str(path), parts, data.draw(st.integers(1, 30)))
    assert b"".join(text[start:end] for start, end in found) == text
    assert len(found) <= parts
    assert all(text[end - 1 : end] == b"\n" for _, end in found[:-1])
    whole = [pair for block in blocks(str(path)) for pair in zip(block.numbers, block.rows, strict=True)]
    pieces, before = [], 0
    for start, end in found:
        for block in blocks(str(path), start, end, size=data.draw(st.integers(1, 20))):
            pieces += [(before + n, row) for n, row in zip(block.numbers, block.rows, strict=True)]
        before += count_lines(str(path), start, end)
    assert pieces == whole


def test_a_byte_order_mark_is_no_part_of_the_first_range(tmp_path):
    (tmp_path / "rows.jsonl").write_bytes(b"\xef\xbb\xbf" + LINES)
    found = [rows(tmp_path / "rows.jsonl", start=a, end=b) for a, b in ranges(str(tmp_path / "rows.jsonl"), 2, 1)]
    assert found == [[{"a": 1}], [{"a": 2}]]


def test_what_cannot_be_cut_has_no_ranges(tmp_path):
    files = {
        "rows.json": ARRAY,
        "rows.jsonl.gz": gzip.compress(LINES),
        "packed.jsonl": gzip.compress(LINES),
        "rows.csv": b"a\n1\n",
        "empty.jsonl": b"",
        "array.jsonl": ARRAY_OF_LINES,
        "rows.txt": LINES,
    }
    for name, text in files.items():
        (tmp_path / name).write_bytes(text)
        assert ranges(str(tmp_path / name), 2, 1) == []
    assert ranges("-", 2, 1) == []


def test_devices_are_written_to_and_not_replaced(tmp_path):
    with atomic("/dev/null") as file:
        file.write(b"x")
    assert not Path("/dev/null").is_file()


def test_importing_and_reading_lines_imports_nothing_heavy(tmp_path):
    (tmp_path / "rows.jsonl").write_bytes(LINES)
    (tmp_path / "rows.json").write_bytes(ARRAY)
    code = (
        "import sys\nfrom curate.io import blocks, expand, writer\n"
        f"for name in expand([{str(tmp_path)!r}]):\n    list(blocks(name))\n"
        "heavy = {'pyarrow', 'numpy', 'datasets', 'pandas'} & set(sys.modules)\nassert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_real_files_survive_every_container(tmp_path, real_data):
    for path in sorted(real_data.glob("*.json*")):
        if path.suffix == ".gz":
            continue
        data = rows(path)
        assert data
        for ending in ("json", "jsonl.zst", "parquet", "arrow"):
            with writer(str(tmp_path / f"out.{ending}"), mixed="text") as add:
                for block in blocks(str(path)):
                    add(block.rows)
            found = rows(tmp_path / f"out.{ending}")
            assert list(map(shape, found)) == list(map(shape, data)), (path, ending)


def shape(value):
    """A row without its null fields, bare lists as `messages`, as tables hold it."""
    if isinstance(value, list):
        return [shape(part) for part in value]
    return {k: shape(v) for k, v in value.items() if v is not None} if isinstance(value, dict) else value
