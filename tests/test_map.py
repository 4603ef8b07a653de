"""--map in the commands that read rows: fields of other names are read as those of a format."""

from __future__ import annotations

import json

import pytest

from curate.table.reading import detect_file
from schemas.adapt import mapped_format

ROWS = [{"frage": f"Nenne See {i}.", "antwort": f"See {i} ist tief.", "n": i} for i in range(4)]
MAP = "instruction=frage,output=antwort"


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return file


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["detect", "IN"], "alpaca in jsonl, 4 rows"),
        (["validate", "IN", "--format", "alpaca"], "4 valid"),
        (["stats", "IN"], "alpaca 4"),
        (["render", "IN", "--template", "chatml"], "Nenne See 0."),
        (["dedup", "IN", "OUT"], "unique 4"),
        (["filter", "IN", "OUT", "--where", "row > 1"], "read 4"),
    ],
)
def test_commands_read_mapped_fields(curate, path, tmp_path, arguments, said):
    words = [{"IN": path, "OUT": tmp_path / "out.jsonl"}.get(word, word) for word in arguments]
    done = curate(*words, "--map", MAP)
    assert done.returncode == 0 and said in done.stdout + done.stderr, done.stderr
    if "OUT" in arguments:
        row = json.loads((tmp_path / "out.jsonl").read_text().splitlines()[-1])
        assert row == {"instruction": "Nenne See 3.", "input": "", "output": "See 3 ist tief.", "n": 3}


def test_beside_a_map_of_pictures_it_is_called_fields(curate, path, tmp_path):
    done = curate("score", path, tmp_path / "out.parquet", "--with", "length", "--fields", MAP)
    assert done.returncode == 0, done.stderr


def test_a_format_with_a_map():
    name, adapter = mapped_format(f"alpaca:{MAP}")
    assert name == "alpaca" and adapter.row(b'{"frage":"a","antwort":"b"}') == b'{"instruction":"a","output":"b"}'
    assert mapped_format("sft") == ("sft", None)


def test_what_is_no_map_is_named(curate, path):
    done = curate("validate", path, "--map", "instruction")
    assert done.returncode == 2 and "'instruction' is not of the form name=value" in done.stderr
    assert detect_file(str(path)).format == ""
