"""Files as they come: other line ends, marks, holes, cuts, and no room to write."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from curate.errors import CurateError
from curate.io import atomic, blocks, writer

ROOT = Path(__file__).parent.parent
GOOD = b'{"instruction": "a", "output": "b"}'


def rows(path: Path, **options) -> list[bytes]:
    return [row for block in blocks(str(path), **options) for row in block.rows]


def numbered(path: Path, **options) -> list[tuple[int, bytes]]:
    return [pair for block in blocks(str(path), **options) for pair in zip(block.numbers, block.rows, strict=True)]


def put(folder: Path, text: bytes, name: str = "rows.jsonl") -> Path:
    (folder / name).write_bytes(text)
    return folder / name


@pytest.mark.parametrize("size", [1, 2, 3, 1 << 19])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"1\r\n2\r\n", [(1, b"1"), (2, b"2")]),
        (b"1\r\r\n2\r", [(1, b"1"), (2, b"2")]),
        (b"\xef\xbb\xbf1\n2", [(1, b"1"), (2, b"2")]),
        (b"\n\n1\n \t\r\n2\n\n", [(3, b"1"), (5, b"2")]),
        (b"1\n\xff\xfe\n3\n", [(1, b"1"), (2, b"\xff\xfe"), (3, b"3")]),
        (b"1\n\0\0\n3", [(1, b"1"), (2, b"\0\0"), (3, b"3")]),
        (b"1\x0b\n\x85\n", [(1, b"1\x0b"), (2, b"\x85")]),
        (b"", []),
        (b"\n", []),
        (b"\r\n \n\t\n", []),
        (b"\xef\xbb\xbf", []),
        (b'{"a": NaN}\n{"a": "\\ud800"}\n', [(1, b'{"a": NaN}'), (2, b'{"a": "\\ud800"}')]),
    ],
)
def test_lines(tmp_path, text, expected, size):
    assert numbered(put(tmp_path, text), size=size) == expected


@pytest.mark.parametrize("name", ["rows.json", "rows.csv", "rows.txt", "rows"])
@pytest.mark.parametrize("text", [b"", b"\n", b" \r\n\n", b"\xef\xbb\xbf\n"])
def test_files_of_nothing_have_no_rows(tmp_path, name, text):
    assert rows(put(tmp_path, text, name)) == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-16-le"])
@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json", "rows.csv", "rows"])
def test_other_encodings_are_named_with_the_remedy(tmp_path, encoding, name):
    text = json.dumps({"a": "写"}, ensure_ascii=False).encode(encoding)
    if encoding == "utf-16-be":
        text = b"\xfe\xff" + text
    with pytest.raises(CurateError, match=r"the text is UTF-(16|32).*iconv -f UTF-(16|32) -t UTF-8"):
        rows(put(tmp_path, text, name))


def test_a_line_of_100_megabytes(tmp_path):
    long = b'{"a": "' + b"x" * 100_000_000 + b'"}'
    path = put(tmp_path, GOOD + b"\n" + long + b"\n" + GOOD)
    assert [len(row) for row in rows(path)] == [len(GOOD), len(long), len(GOOD)]
    path = put(tmp_path, b"[" + GOOD + b",\n" + long + b",\n" + GOOD + b"]", "rows.json")
    assert [len(row) for row in rows(path)] == [len(GOOD), len(long), len(GOOD)]


def test_deep_nesting_is_a_row(tmp_path):
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    assert rows(put(tmp_path, GOOD + b"\n" + deep)) == [GOOD, deep]
    assert rows(put(tmp_path, deep, "rows.json")) == [deep]


@pytest.mark.parametrize("ending", ["jsonl.gz", "jsonl.zst", "jsonl.bz2", "jsonl.xz", "parquet", "arrow", "arrows"])
def test_a_file_cut_anywhere_is_an_error_or_a_beginning(tmp_path, ending):
    whole = tmp_path / f"rows.{ending}"
    with writer(str(whole)) as add:
        add([b'{"a":"%d"}' % i for i in range(3000)])
    data, expected = whole.read_bytes(), rows(whole)
    assert len(expected) == 3000
    for cut in (*range(1, 12), len(data) // 3, len(data) // 2, len(data) - 9, len(data) - 1):
        with pytest.raises(CurateError, match=r"cut off|broken|cannot read"):
            found = rows(put(tmp_path, data[:cut], f"cut.{ending}"))
            # One byte is no magic number yet; an Arrow stream may end after a batch, without its last eight bytes.
            assert found in (expected, [data[:cut]])
            raise CurateError("cut off")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_what_is_packed_is_seen_by_its_first_bytes_and_may_have_several_parts(tmp_path, pack):
    path = put(tmp_path, pack(GOOD + b"\n") + pack(GOOD + b"\n"))
    assert rows(path) == [GOOD, GOOD]
    assert rows(put(tmp_path, GOOD, "rows.jsonl.gz")) == [GOOD]
    with pytest.raises(CurateError, match=r"broken or cut off"):
        rows(put(tmp_path, pack(GOOD)[:-4]))


def test_what_cannot_be_opened_is_one_clear_error(tmp_path):
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "folder.parquet").mkdir()
    for name in ("folder.jsonl", "folder.parquet", "none.jsonl", "none.parquet", "none.arrow", "none", "no\0.jsonl"):
        with pytest.raises(CurateError, match="cannot read") as caught:
            rows(tmp_path / name)
        assert caught.value.code == 2
        assert "\n" not in str(caught.value)
    closed = put(tmp_path, GOOD)
    closed.chmod(0)
    if not os.access(closed, os.R_OK):
        with pytest.raises(CurateError, match="Permission denied"):
            rows(closed)


@pytest.mark.parametrize("name", ["rows.parquet", "rows.arrow", "rows.feather"])
@pytest.mark.parametrize("text", [b"", b"x", b"PAR1", b"PAR1" * 9, b"ARROW1\0\0" * 9, b"\xff\xff\xff\xff" * 9, GOOD])
def test_what_is_no_table_is_one_clear_error(tmp_path, name, text):
    with pytest.raises(CurateError, match=r"not (Parquet|Arrow), or broken"):
        rows(put(tmp_path, text, name))


def test_a_table_under_the_name_of_text_is_named(tmp_path):
    with writer(str(tmp_path / "rows.parquet")) as add:
        add([GOOD])
    path = put(tmp_path, (tmp_path / "rows.parquet").read_bytes())
    with pytest.raises(CurateError, match=r"this is parquet, not text; name it \.parquet"):
        rows(path)


def test_the_output_may_be_the_input(tmp_path):
    for name in ("rows.jsonl", "rows.json", "rows.parquet", "rows.csv"):
        path = tmp_path / name
        with writer(str(path)) as add:
            add([b'{"a":"%d"}' % i for i in range(5000)])
        with writer(str(path)) as add:
            for block in blocks(str(path), size=1000):
                add([row.replace(b'"a"', b'"b"') for row in block.rows])
        assert rows(path) == [b'{"b":"%d"}' % i for i in range(5000)]
        assert [p.name for p in tmp_path.iterdir()] == [name]
        path.unlink()


def test_what_cannot_be_written_is_one_clear_error(tmp_path):
    (tmp_path / "folder.jsonl").mkdir()
    with pytest.raises(CurateError, match=r"there is no folder .*none; make it first"), atomic(tmp_path / "none/x"):
        pass
    with pytest.raises(CurateError, match="it is a folder"), writer(str(tmp_path / "folder.jsonl")):
        pass
    with pytest.raises(CurateError, match="cannot write here"), atomic(tmp_path / "a\0b"):
        pass


def test_an_error_leaves_the_old_output(tmp_path):
    for name in ("rows.jsonl", "rows.jsonl.gz", "rows.jsonl.zst", "rows.json", "rows.csv", "rows.parquet"):
        path = put(tmp_path, b"old", name)
        with pytest.raises(RuntimeError), writer(str(path)) as add:
            add([GOOD])
            raise RuntimeError
        assert path.read_bytes() == b"old"
        path.unlink()
        assert list(tmp_path.iterdir()) == []


def test_links_and_permissions_outlive_writing(tmp_path):
    path = put(tmp_path, b"old")
    path.chmod(0o640)
    link = tmp_path / "link.jsonl"
    link.symlink_to(path)
    with writer(str(link)) as add:
        add([GOOD])
    assert link.is_symlink()
    assert path.read_bytes() == GOOD + b"\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


FILL = """
import resource, signal, sys
from curate.errors import CurateError
from curate.io import writer
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
if sys.argv[2] == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
try:
    with writer(sys.argv[1]) as add:
        for i in range(3000):
            add([b'{"a":"%d"}' % (i * 1_000_003 % 999_999_937) for i in range(i * 100, i * 100 + 100)])
except CurateError as error:
    print(error, file=sys.stderr)
    sys.exit(error.code)
"""


@pytest.mark.parametrize("ending", ["jsonl", "json", "jsonl.gz", "jsonl.zst", "csv", "parquet", "arrow"])
def test_a_full_disk_leaves_the_old_output(tmp_path, ending):
    path = put(tmp_path, b"old", f"rows.{ending}")
    done = subprocess.run([sys.executable, "-c", FILL, path, "limit"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    assert "cannot write: File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_standard_output_is_one_clear_error():
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", FILL, "-", ""], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 2
    assert done.stderr.startswith("standard output: cannot write: No space left on device")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_reading_a_large_array_takes_little_memory(tmp_path):
    path = tmp_path / "rows.json"
    with open(path, "wb") as file:
        file.write(b"[")
        for i in range(200):
            file.write((b"," if i else b"") + b",".join([b'{"instruction":"%s"}' % (b"x" * 1000)] * 1000))
        file.write(b"]")
    assert path.stat().st_size > 200_000_000
    code = (
        "import re, sys\nfrom curate.io import blocks\n"
        "assert sum(len(block.rows) for block in blocks(sys.argv[1])) == 200_000\n"
        "print(re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1])"
    )
    done = subprocess.run([sys.executable, "-c", code, path], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 80_000  # KiB
