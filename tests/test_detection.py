"""Which format a file is in: one decision for every command, from rows all over the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curate.engine.parts import cut_files
from curate.io.sample import WHOLE_BYTES, sample
from curate.table.reading import detect_file, read
from schemas.detection import detect

ALPACA = {"instruction": "Name a lake.", "output": "Lake Como is one."}
DOLLY = {"instruction": "Name a lake.", "context": "", "response": "Lake Como is one.", "category": "open_qa"}


def put(path: Path, rows: list) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def long_first(folder: Path) -> Path:
    """A file whose first row, of no format, is longer than what is looked at to tell the container."""
    return put(folder / "long.jsonl", [{"remark": "z" * 5000}, *[ALPACA] * 12])


def test_a_long_first_row_decides_nothing(curate, tmp_path):
    path = long_first(tmp_path)
    assert "mixed" not in (said := curate("detect", path).stdout) and "alpaca in jsonl, 13 rows" in said
    done = curate("validate", path)
    assert done.returncode == 1 and "read 13 rows, 12 valid, 1 invalid" in done.stderr
    done = curate("convert", path, tmp_path / "out.jsonl", "--to", "sft")
    assert done.stderr.splitlines()[-1] == "read 13, wrote 12, rejected 1"
    assert json.loads(curate("stats", path, "--json").stdout)["rows"] == 13


def test_the_decision_is_made_from_rows_all_over_a_large_file(tmp_path):
    first, rest = [DOLLY] * 4000, [{**ALPACA, "source": "s" * 200}] * 12_000
    path = put(tmp_path / "sorted.jsonl", first + rest)
    assert path.stat().st_size > WHOLE_BYTES
    rows = sample(str(path))
    assert rows == sample(str(path)) and len(rows) <= 512
    text = path.read_bytes()
    assert all(text[-at:].startswith(row + b"\n") for at, row in rows if at < 0)
    assert detect(rows).format == "alpaca" and detect(rows).mixed
    assert {part.format_name for part in cut_files([str(path)], 1 << 20)} == {"alpaca"}
    decided = {result.format.name for _, results in read(str(path)) for result in results if hasattr(result, "format")}
    assert decided == {"alpaca"} and detect_file(str(path)).format == "alpaca"
    assert detect_file(str(path)).shares == {"alpaca": 0.75, "dolly": 0.25}


def test_lines_longer_than_a_window_are_rows_of_the_sample_once(tmp_path):
    rows = [{**ALPACA, "source": "s" * 300_000}] * 6
    path = put(tmp_path / "long.jsonl", rows)
    assert [json.loads(row) for _, row in sample(str(path))] == rows[: len(sample(str(path)))]
    assert 2 <= len(sample(str(path))) <= 6
    path.write_text("{" * (2 * WHOLE_BYTES))
    assert len(sample(str(path))) <= 1


def test_formats_of_a_mixed_file_are_named_with_their_shares(curate, tmp_path):
    path = put(tmp_path / "mixed.jsonl", [ALPACA, ALPACA, ALPACA, DOLLY])
    note = f"{path} has rows of several formats (75.0% alpaca, 25.0% dolly); --format mixed reads each by its own"
    assert note in curate("validate", path).stderr
    assert note in curate("convert", path, tmp_path / "out.jsonl", "--to", "sft").stderr
    assert curate("validate", path, "--format", "mixed").returncode == 0


@pytest.mark.parametrize("ending", ["parquet", "csv", "json", "jsonl.gz", "arrow"])
def test_the_same_rows_are_told_alike_in_every_container(curate, tmp_path, ending):
    path = tmp_path / f"rows.{ending}"
    source = put(tmp_path / "rows.jsonl", [ALPACA] * 30)
    assert curate("convert", source, path, "--to", "alpaca").returncode == 0
    assert detect_file(str(path)).shares == {"alpaca": 1.0}
    assert "read 30 rows, 30 valid, 0 invalid" in curate("validate", path).stderr


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"text": "Herons stand in shallow water."}, "has text: plain text, as for pretraining"),
        ({"colour": "red", "size": 3}, "has colour and size, none of which tells a format"),
        ({"id": "7", "source": "web"}, "has id and source, none of which tells a format"),
        (
            {"instruction": "Name a lake.", "reply": "Como"},
            "has instruction and reply; nearest is alpaca, which asks for output too",
        ),
    ],
)
def test_what_is_no_format_is_said_to_be_none(curate, tmp_path, row, said):
    path = put(tmp_path / "rows.jsonl", [row, row])
    for command in (["detect"], ["validate"], ["stats"]):
        done = curate(*command, path)
        assert done.returncode in (1, 2) and f"row 1 {said}" in done.stderr, done.stderr
        assert ("nearest" in done.stderr) == ("nearest" in said)


@pytest.mark.parametrize("mark", ["<|im_start|>", "\\u003c|im_start|>"])
def test_a_text_with_marks_is_chatml(tmp_path, mark):
    text = f'{{"text": "{mark}user\\nName a lake.<|im_end|>\\n{mark}assistant\\nComo<|im_end|>\\n"}}'
    path = tmp_path / "rows.jsonl"
    path.write_text(f'{text}\n{{"text": "Herons stand."}}\n')
    told = detect_file(str(path))
    assert told.format == "chatml" and told.shares == {"chatml": 0.5, "": 0.5}
    codes = [getattr(result, "code", "") for _, results in read(str(path), "mixed") for result in results]
    assert codes == ["", "E004"]
