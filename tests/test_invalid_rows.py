"""What commands that keep the valid rows say of the others."""

from __future__ import annotations

import json

import pytest

VALID = {"instruction": "Name a planet.", "output": "Mars is a planet."}
OF_WRONG_TYPE = {"instruction": "讲个笑话", "output": 42}
WITHOUT_OUTPUT = {"instruction": "Say hi."}
LINES = [
    "rejected 2 for E101, first {file}:2: $.output: found 42, expected text",
    "rejected 1 for E102, first {file}:4: $.output: the row has no output",
]
COMMANDS = {
    "filter": ("--where", "turns > 1"),
    "dedup": (),
    "select": ("--method", "random"),
    "score": ("--with", "length"),
    "decontaminate": ("--against", "CONTRIBUTING.md"),
}


@pytest.fixture
def mixed(tmp_path):
    rows = [VALID, OF_WRONG_TYPE, OF_WRONG_TYPE, WITHOUT_OUTPUT]
    path = tmp_path / "mixed.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def spoilt(tmp_path):
    path = tmp_path / "spoilt.jsonl"
    path.write_text(json.dumps(OF_WRONG_TYPE) + "\n" + json.dumps(OF_WRONG_TYPE) + "\n")
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_rows_left_out_as_invalid_are_named_as_convert_names_them(curate, mixed, tmp_path, command):
    expected = [line.format(file=mixed) for line in LINES]
    done = curate(command, mixed, tmp_path / "out.jsonl", *COMMANDS[command])
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith("rejected")] == expected
    converted = curate("convert", mixed, tmp_path / "converted.jsonl", "--to", "sft")
    assert converted.stderr.splitlines()[:2] == expected
    quiet = curate(command, mixed, tmp_path / "out.jsonl", *COMMANDS[command], "--quiet")
    assert "rejected" not in quiet.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_machines_are_told_too(curate, mixed, tmp_path, command):
    done = curate(command, mixed, tmp_path / "out.jsonl", *COMMANDS[command], "--json")
    assert json.loads(done.stdout)["invalid"] == [
        {"code": "E101", "rows": 2, "first": f"{mixed}:2: $.output: found 42, expected text"},
        {"code": "E102", "rows": 1, "first": f"{mixed}:4: $.output: the row has no output"},
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_written_where_all_rows_are_invalid(curate, spoilt, tmp_path, command):
    done = curate(command, spoilt, tmp_path / "out.jsonl", *COMMANDS[command], "--format", "alpaca", "--quiet")
    assert done.returncode == 1
    assert done.stderr == (
        f"error: all 2 rows are invalid: rejected 2 for E101, first {spoilt}:1: $.output: found 42, expected text; "
        "write the field as the type that the format asks for. Nothing was written.\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["spoilt.jsonl"]


def test_a_run_says_the_same(curate, mixed, spoilt, tmp_path):
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("score: null\nembedder: tfidf\nselect: {method: random}\nreport: {audit: false}\n")
    done = curate("run", recipe, "--input", mixed, "--out", tmp_path / "made")
    assert done.returncode == 0, done.stderr
    assert [line.format(file=mixed) for line in LINES] == [
        line for line in done.stderr.splitlines() if line.startswith("rejected")
    ]
    done = curate("run", recipe, "--input", spoilt, "--out", tmp_path / "none", "--set", "format=alpaca")
    assert done.returncode == 1 and "error: all 2 rows are invalid: rejected 2 for E101" in done.stderr
    assert not (tmp_path / "none" / "subset.jsonl").exists()


@pytest.mark.parametrize("name", ["exam.csv", "exam.jsonl", "exam.txt", "exam.json"])
def test_evaluation_files_of_another_encoding_are_refused_before_any_work(curate, mixed, tmp_path, name):
    rows = {"csv": "instruction,output\n{},{}\n", "txt": "{}\n{}\n", "json": '[{{"question": "{}", "answer": "{}"}}]'}
    text = rows.get(name.split(".")[1], '{{"question": "{}", "answer": "{}"}}\n').format("你好世界", "再见")
    path = tmp_path / name
    path.write_bytes(text.encode("gbk"))
    done = curate("decontaminate", "nowhere.jsonl", tmp_path / "out.jsonl", "--against", path)
    assert done.returncode == 2 and not (tmp_path / "out.jsonl").exists()
    assert f"error: {path}" in done.stderr and "the text is not UTF-8" in done.stderr
    assert f"iconv -f GBK -t UTF-8 {path} > NEW" in done.stderr and "codec" not in done.stderr
    if name == "exam.csv":
        recipe = tmp_path / "recipe.yaml"
        recipe.write_text(f"decontaminate: {{against: ['{path}']}}\n")
        done = curate("run", recipe, "--input", mixed, "--out", tmp_path / "made")
        assert done.returncode == 2 and f"iconv -f GBK -t UTF-8 {path} > NEW" in done.stderr
        done = curate("dedup", mixed, tmp_path / "out.jsonl", "--against", path)
        assert done.returncode == 2 and f"iconv -f GBK -t UTF-8 {path} > NEW" in done.stderr
        done = curate("dedup", path, tmp_path / "out.jsonl")
        assert done.returncode == 1 and f"iconv -f GBK -t UTF-8 {path} > NEW" in done.stderr


def test_invalid_rows_of_the_files_to_compare_with_are_named(curate, mixed, spoilt, tmp_path):
    done = curate("dedup", mixed, tmp_path / "out.jsonl", "--against", mixed)
    assert f"of --against rejected 1 for E102, first {mixed}:4: $.output: the row has no output" in done.stderr
