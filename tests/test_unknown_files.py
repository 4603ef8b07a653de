"""Files of no known format among others are passed over and named; where no row is left, the exit code says so."""

from __future__ import annotations

import json

import pytest

ALPACA = {"instruction": "Name a fruit.", "output": "A plum."}
PLAIN = {"text": "Plums grow on trees."}


@pytest.fixture
def folder(tmp_path):
    """Three files of which the one in the middle has a format that nobody knows."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name, row in {"a.jsonl": ALPACA, "b.jsonl": PLAIN, "d.jsonl": ALPACA}.items():
        (folder / name).write_text(json.dumps(row) + "\n")
    (folder / "c.json").write_text("<!doctype html><p>Not found</p>")
    return folder


def said(folder) -> list[str]:
    return [
        f"passed over {folder}/b.jsonl: no row fits a format, of 1 from all over the file: row 1 has text",
        f"passed over {folder}/c.json: this is HTML",
    ]


@pytest.mark.parametrize("more", [[], ["--workers", "2"]])
def test_convert_goes_on(curate, folder, tmp_path, more):
    out = tmp_path / "out.jsonl"
    done = curate("convert", folder, out, "--to", "alpaca", *more)
    assert done.returncode == 1
    assert all(line in done.stderr for line in said(folder))
    assert done.stderr.splitlines()[-1] == "read 2, wrote 2, rejected 0"
    assert out.read_text().count("plum") == 2
    summary = json.loads(curate("convert", folder, out, "--to", "alpaca", "--json").stdout)
    assert [line.partition(": ")[0] for line in summary["unknown"]] == [f"{folder}/b.jsonl", f"{folder}/c.json"]


def test_validate_and_stats_go_on(curate, folder):
    done = curate("validate", folder)
    assert done.returncode == 1 and "read 2 rows, 2 valid, 0 invalid" in done.stderr
    assert all(line in done.stderr for line in said(folder))
    done = curate("stats", folder, "--json")
    assert done.returncode == 1
    description = json.loads(done.stdout)
    assert description["rows"] == 2 and len(description["passed_over"]) == 2
    done = curate("stats", folder)
    assert done.returncode == 1 and all(line in done.stderr for line in said(folder))


def test_an_unknown_file_alone_is_an_error(curate, folder, tmp_path):
    for command in (["validate"], ["stats"], ["convert", "--to", "sft"]):
        out = [tmp_path / "out.jsonl"] if "--to" in command else []
        done = curate(*command, folder / "b.jsonl", *out)
        assert done.returncode == 2 and f"error: {folder}/b.jsonl: no row fits" in done.stderr
    done = curate("convert", folder / "b.jsonl", folder / "c.json", tmp_path / "out.jsonl", "--to", "sft")
    assert done.returncode == 2 and "error: no file is of a known format: " in done.stderr
    done = curate("convert", folder, tmp_path / "out.jsonl", "--to", "sft", "--on-invalid", "error")
    assert done.returncode == 2 and not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("more", [[], ["--quiet"], ["--json"]])
def test_convert_says_that_no_row_is_left_as_other_commands_do(curate, tmp_path, more):
    path, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    path.write_text(json.dumps({"instruction": "Name a fruit.", "output": 3}) + "\n")
    done = curate("convert", path, out, "--to", "sft", "--from", "alpaca", *more)
    assert done.returncode == 1
    error = (
        f"error: the only row is invalid: rejected 1 for E101, first {path}:1: $.output: found 3, expected text; "
        "write the field as the type that the format asks for"
    )
    assert error in done.stderr.splitlines()
    assert json.loads((tmp_path / "out.jsonl.rejects.jsonl").read_text())["row"] == 1
    dedup = curate("dedup", path, tmp_path / "other.jsonl", "--format", "alpaca")
    assert f"{error}. Nothing was written." in dedup.stderr
