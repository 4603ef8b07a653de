"""URLs are read and written as files are: over fsspec's own stores here, and a server that speaks S3."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
import urllib.request

import pyarrow.parquet as pq
import pytest

from curate.errors import CurateError
from curate.io import blocks, expand, writer
from tests.builders import ROOT
from tests.builders.processes import answers, wait_until

ROWS = [
    json.dumps({"instruction": f"问题 {i}", "output": f"answer {i}"}, ensure_ascii=False).encode() for i in range(10)
]


def rows_of(path: str) -> list[bytes]:
    return [row for block in blocks(path) for row in block.rows]


def write_rows(path: str, rows: list[bytes] = ROWS, **options: int) -> None:
    with writer(path, **options) as write:
        write(rows[:4])
        write(rows[4:])


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.jsonl.gz", "a.parquet", "a.arrow"])
def test_what_is_written_to_a_url_is_read_back(name):
    write_rows(f"memory://there/{name}")
    assert [json.loads(row) for row in rows_of(f"memory://there/{name}")] == [json.loads(row) for row in ROWS]


def test_a_pattern_and_a_folder_name_the_data_files_below(tmp_path):
    for name in ("b.jsonl", "a.jsonl", ".hidden.jsonl", "a.jsonl.rejects.jsonl", "notes.txt"):
        (tmp_path / name).write_bytes(ROWS[0] + b"\n")
    there = [f"file://{tmp_path}/a.jsonl", f"file://{tmp_path}/b.jsonl"]
    assert expand([f"file://{tmp_path}/*.jsonl"]) == there
    assert expand([f"file://{tmp_path}/"]) == expand([f"file://{tmp_path}"]) == there
    with pytest.raises(CurateError, match="no data file"):
        expand([f"file://{tmp_path}/none*.jsonl"])


def test_a_failed_write_leaves_what_was_there():
    write_rows("memory://kept/a.jsonl", ROWS[:1])
    with pytest.raises(RuntimeError), writer("memory://kept/a.jsonl") as write:
        write(ROWS)
        raise RuntimeError
    assert rows_of("memory://kept/a.jsonl") == ROWS[:1]


@pytest.mark.parametrize(
    ("url", "said"),
    [("memory://none/at/all.jsonl", "no such file"), ("nosuch://a/b.jsonl", "Protocol not known: nosuch")],
)
def test_errors_name_the_url(url, said):
    with pytest.raises(CurateError, match=said) as error:
        rows_of(url)
    assert str(error.value).startswith(url)


@pytest.mark.parametrize("folder", ["memory://shards", None])
@pytest.mark.parametrize("ending", ["jsonl", "json.gz", "parquet", "arrow"])
def test_a_star_makes_several_files_and_reads_them(tmp_path, folder, ending):
    name = f"{folder or tmp_path}/{ending}-*.{ending}"
    write_rows(name, shard_rows=3)
    files = expand([name])
    assert [file.rpartition("/")[2] for file in files] == [f"{ending}-{i:05}.{ending}" for i in range(4)]
    assert [len(rows_of(file)) for file in files] == [3, 3, 3, 1]
    assert [json.loads(row) for file in files for row in rows_of(file)] == [json.loads(row) for row in ROWS]
    write_rows(name, ROWS[:5], shard_rows=3)  # those of the longer run are gone
    assert [len(rows_of(file)) for file in expand([name])] == [3, 2]
    write_rows(name, [], shard_rows=3) if "json" in ending else None
    assert len(expand([name])) == (1 if "json" in ending else 2)
    if folder is None:
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_shards_have_one_schema_and_a_killed_write_leaves_the_old_ones(tmp_path):
    name = f"{tmp_path}/part-*.parquet"
    rows = [b'{"a":1}', b'{"a":null,"b":"x"}', b'{"a":2.5}']
    write_rows(name, rows, shard_rows=1)
    assert len({str(pq.read_schema(file)) for file in expand([name])}) == 1
    with pytest.raises(RuntimeError), writer(f"{tmp_path}/part-*.jsonl", shard_rows=1) as write:
        write(rows)
        raise RuntimeError
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"part-{i:05}.parquet" for i in range(3)]


@pytest.fixture
def s3(monkeypatch):
    """The address of a server that speaks S3, with an empty bucket called `pool`."""
    if not all(map(importlib.util.find_spec, ("moto", "flask", "s3fs"))):
        pytest.skip("moto, flask and s3fs are not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    for key, value in {
        "AWS_ACCESS_KEY_ID": "one",
        "AWS_SECRET_ACCESS_KEY": "two",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": address,
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(key, value)
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: answers(f"{address}/moto-api/"), "answered by the S3 server", server)
        urllib.request.urlopen(urllib.request.Request(f"{address}/pool", method="PUT"))
        yield address
    finally:
        server.kill()
        server.wait()


def curate(*args: str) -> str:
    """What the command says."""
    run = subprocess.run(
        [sys.executable, "-m", "curate.cli", *args], cwd=ROOT, capture_output=True, text=True, env=os.environ
    )
    assert run.returncode == 0, run.stderr
    return run.stdout + run.stderr


@pytest.mark.slow
def test_convert_dedup_and_select_from_s3_to_s3(s3, tmp_path):
    curate("convert", "sample_data/alpaca.json", "s3://pool/raw/part-*.parquet", "--to", "sft", "--shard-rows", "100")
    curate("convert", "s3://pool/raw/part-*.parquet", str(tmp_path / "back.jsonl"), "--to", "sft")
    curate("convert", "sample_data/alpaca.json", str(tmp_path / "straight.jsonl"), "--to", "sft")
    back, straight = (rows_of(str(tmp_path / name)) for name in ("back.jsonl", "straight.jsonl"))
    assert [json.loads(row)["messages"] for row in back] == [json.loads(row)["messages"] for row in straight]
    curate("dedup", "s3://pool/raw/", "s3://pool/unique.jsonl.gz", "--near", "0.7")
    curate(
        "select", "s3://pool/unique.jsonl.gz", "s3://pool/best.jsonl", "--size", "20", "--method", "random", "--quiet"
    )
    assert len(rows_of_s3 := curate("convert", "s3://pool/best.jsonl", "-", "--to", "alpaca").splitlines()) >= 20
    assert "read 20, wrote 20, rejected 0" in rows_of_s3[-1]
    missing = subprocess.run(
        [sys.executable, "-m", "curate.cli", "convert", "s3://nowhere/a.jsonl", "-", "--to", "sft"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert missing.returncode == 2
    assert missing.stderr.startswith("error: s3://nowhere/a.jsonl: cannot read")


@pytest.mark.slow
def test_a_cluster_reads_and_writes_s3(s3):
    pytest.importorskip("ray")
    curate("convert", "sample_data/alpaca.json", "s3://pool/raw/part-*.parquet", "--to", "sft", "--shard-rows", "100")
    for engine in ("local", "ray"):
        curate("dedup", "s3://pool/raw/", f"s3://pool/{engine}/out.jsonl", "--near", "0.7", "--engine", engine)
    here, there = (rows_of(f"s3://pool/{engine}/out.jsonl") for engine in ("local", "ray"))
    assert here == there and len(here) > 300
