"""What is planted in sample_data is found, all of it and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from curate.table.reading import detect_file, read
from schemas.problems import Problem

FOLDER = Path(__file__).parent.parent / "sample_data"
MANIFEST = json.loads((FOLDER / "MANIFEST.json").read_text(encoding="utf-8"))
POOL = sorted(name for name in MANIFEST["files"] if name != "heldout.jsonl")

# The codes that a planted defect of a kind may be found as; kinds that leave a row valid are not here.
CODES = {
    "wrong_type": {"E101"},
    "null_response": {"E101", "E202"},
    "missing_field": {"E102"},
    "unknown_role": {"E103"},
    "empty_response": {"E202"},
    "empty_prompt": {"E203"},
    "non_alternating": {"E204"},
    "assistant_first": {"E205"},
    "trailing_user": {"E206"},
    "broken_json": {"E001"},
}


@pytest.mark.parametrize("name", [*POOL, "heldout.jsonl"])
def test_planted_defects_are_found_and_nothing_else(name):
    planted = {d["row"]: d["kind"] for d in MANIFEST["defects"] if d["file"] == name and d["kind"] in CODES}
    problems = {
        result.row: result.code
        for _, results in read(str(FOLDER / name))
        for result in results
        if type(result) is Problem
    }
    assert problems.keys() == planted.keys()
    for row, code in problems.items():
        assert code in CODES[planted[row]], (row, planted[row])


@pytest.mark.parametrize("name", [*POOL, "heldout.jsonl"])
def test_format_is_detected(name):
    expected = MANIFEST["files"][name]["format"].replace("_", "-").removesuffix("-seed")
    assert detect_file(str(FOLDER / name)).format == expected


def test_pool_is_large_and_in_both_languages():
    assert MANIFEST["pool"]["rows"] >= 1500
    assert min(MANIFEST["pool"]["rows_by_language"].values()) >= 300
    assert len(MANIFEST["pool"]["rows_by_category"]) == 7


def test_make_writes_the_same_bytes_again(tmp_path):
    copy = tmp_path / "sample_data"
    (copy / "source").mkdir(parents=True)
    for path in [FOLDER / "make.py", *(FOLDER / "source").glob("*.*")]:
        (copy / path.relative_to(FOLDER)).write_bytes(path.read_bytes())
    subprocess.run([sys.executable, copy / "make.py"], check=True, capture_output=True)
    for name in [*MANIFEST["files"], "MANIFEST.json"]:
        assert (copy / name).read_bytes() == (FOLDER / name).read_bytes(), name
