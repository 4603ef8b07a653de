"""`curate doctor` as users run it; tests/peers compares it with LLaMA-Factory itself."""

from __future__ import annotations

import json

import pytest

from tests.builders import ROOT


def write(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def chat(*turns):
    return {"conversations": [{"from": sender, "value": text} for sender, text in turns]}


@pytest.fixture
def rows(tmp_path):
    lines = [
        chat(("human", "你好"), ("gpt", "您好")),
        chat(("hummany", "a"), ("gpt", "b")),
        chat(("human", "a"), ("human", "b"), ("gpt", "c")),
        chat(("human", "a"), ("gpt", None)),
        chat(("human", "第 {{idx}} 题"), ("gpt", "b")),
        chat(("human", "a"), ("function_call", "f(1)"), ("observation", "r"), ("gpt", "b")),
    ]
    return write(tmp_path / "rows.jsonl", lines)


def test_rows_are_named_with_reason_and_remedy(curate, rows):
    process = curate("doctor", rows, "--for", "llamafactory", "--json")
    assert process.returncode == 1
    findings = [json.loads(line) for line in process.stdout.splitlines()]
    assert [(f["row"], f["verdict"], f["path"]) for f in findings] == [
        (2, "drop", "$.conversations[0].from"),
        (3, "drop", "$.conversations[1].from"),
        (4, "crash", "$.conversations[1].value"),
        (5, "change", "$.conversations[0].value"),
        (6, "crash", "$.conversations[1].value"),
    ]
    assert all(f["remedy"] and f["file"] == str(rows) for f in findings)
    assert "'hummany' is none of the entry's tags" in findings[0]["why"]
    assert "6 rows: 1 trained on as they are, 2 end the run, 2 left out, 1 changed" in process.stderr


def test_a_good_file_is_left_in_peace(curate, tmp_path):
    rows = write(tmp_path / "rows.jsonl", [chat(("human", "a"), ("gpt", "b"))])
    done = curate("doctor", rows, "--for", "llamafactory")
    assert done.returncode == 0
    assert '"formatting":"sharegpt"' in done.stdout and "1 row: 1 trained on as they are" in done.stderr


def test_the_entry_of_dataset_info_counts(curate, rows, tmp_path):
    info = tmp_path / "dataset_info.json"
    info.write_text(json.dumps({"mine": {"formatting": "sharegpt", "tags": {"role_tag": "role"}}}))
    done = curate("doctor", rows, "--for", "llamafactory", "--dataset-info", info, "--dataset", "mine")
    assert done.returncode == 1 and "turns have no field 'role', which the entry's tags name" in done.stdout
    done = curate("doctor", rows, "--for", "llamafactory", "--dataset-info", info, "--dataset", "other")
    assert done.returncode == 2 and "has no entry 'other'; it has mine" in done.stderr
    done = curate("doctor", rows, "--for", "llamafactory", "--dataset", "mine")
    assert done.returncode == 2 and "go together" in done.stderr


def test_a_column_of_two_types_ends_the_run(curate, tmp_path):
    given = [{"instruction": "a", "output": "b"}, {"instruction": "a", "output": {"answer": 1}}]
    done = curate("doctor", write(tmp_path / "rows.jsonl", given), "--for", "llamafactory")
    assert "rows.jsonl:2: ends the run: $.output: found an object, while row 1 has text there" in done.stdout


def test_what_is_exported_passes(curate, tmp_path):
    for name in ("alpaca.json", "sharegpt.json", "sft.jsonl"):
        out = tmp_path / name
        assert curate("export", ROOT / "sample_data" / name, out, "--for", "llamafactory").returncode == 0
        entry = ["--dataset-info", out / "dataset_info.json", "--dataset", name.split(".")[0]]
        data = next(out.rglob("train.jsonl"))
        done = curate("doctor", data, "--for", "llamafactory", "--template", "qwen", *entry)
        assert done.returncode == 0, done.stdout


def test_a_broken_line_and_an_unknown_ending(curate, tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"instruction": "a", "output": "b"}\n{"instruction": "a",\n')
    process = curate("doctor", path, "--for", "llamafactory")
    assert process.returncode == 1 and "rows.jsonl:2: ends the run: $: the row is not JSON in UTF-8" in process.stdout
    packed = tmp_path / "rows.jsonl.gz"
    import gzip

    packed.write_bytes(gzip.compress(b'{"instruction": "a", "output": "b"}\n'))
    process = curate("doctor", packed, "--for", "llamafactory")
    assert process.returncode == 1 and "the ending 'gz' is none of" in process.stdout


def test_an_empty_list_of_tools_matters_where_a_template_writes_its_system_turn(curate, tmp_path):
    rows = write(tmp_path / "rows.jsonl", [{**chat(("human", "a"), ("gpt", "b")), "tools": "[]"}])
    for template, code in (("chatml", 1), ("qwen", 0), ("deepseek3", 0)):
        done = curate("doctor", rows, "--for", "llamafactory", "--template", template)
        assert done.returncode == code, done.stdout


def test_thoughts_and_weights_that_are_not_read_are_named(curate, tmp_path):
    def answered(text, **fields):
        return {"messages": [{"role": "user", "content": "六乘七？"}, {"role": "assistant", "content": text, **fields}]}

    lines = [
        answered("42", reasoning_content="6 × 7", thinking=None, train=None),
        answered("42", reasoning_content=None, thinking="六乘七", train=None),
        answered("<think>\n6 × 7\n</think>\n\n42", reasoning_content=None, thinking=" ", train=None),
        answered("43", reasoning_content=None, thinking=None, train=False),
        answered("42", reasoning_content=None, thinking=None, train=True),
    ]
    process = curate("doctor", write(tmp_path / "rows.jsonl", lines), "--for", "llamafactory", "--json")
    findings = [json.loads(line) for line in process.stdout.splitlines()]
    assert [(f["row"], f["verdict"], f["path"]) for f in findings if f["path"] != "$"] == [
        (1, "change", "$.messages[1].reasoning_content"),
        (2, "change", "$.messages[1].thinking"),
        (4, "change", "$.messages[1].train"),
    ]
