"""Files with field names and roles of their own."""

from __future__ import annotations

import json

from schemas.adapt import Adapter


def test_names_and_roles_are_mapped_from_the_command_line(curate, tmp_path):
    source, out = tmp_path / "qa.jsonl", tmp_path / "out.jsonl"
    rows = [
        {"question": "说出一个质数。", "answer": "2", "score": 5},
        {"question": "Name a prime.", "answer": {"n": 3}},
    ]
    source.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), "utf-8")
    done = curate("convert", source, out, "--to", "alpaca", "--map", "instruction=question,output=answer")
    assert done.returncode == 0, done.stderr
    assert json.loads(out.read_text("utf-8")) == {"instruction": "说出一个质数。", "output": "2", "score": 5}
    # The problem names the field as the file does.
    assert f"rejected 1 for E101, first {source}:2: $.answer: found" in done.stderr


def test_roles_of_turns(curate, tmp_path):
    source, out = tmp_path / "chat.json", tmp_path / "out.jsonl"
    turns = [{"speaker": "hummany", "utterance": "hi"}, {"speaker": "机器人", "utterance": "hello"}]
    source.write_text(json.dumps([{"dialogue": turns}]), "utf-8")
    names = "conversations=dialogue,from=speaker,value=utterance"
    done = curate("convert", source, out, "--to", "sft", "--map", names, "--roles", "hummany=human,机器人=gpt")
    assert done.returncode == 0, done.stderr
    assert [m["role"] for m in json.loads(out.read_text("utf-8"))["messages"]] == ["user", "assistant"]


def test_a_file_that_fits_nothing_says_how_to_map(curate, tmp_path):
    source = tmp_path / "qa.jsonl"
    source.write_text('{"frage": "a", "antwort": "b"}')
    done = curate("convert", source, tmp_path / "out.jsonl", "--to", "sft")
    assert done.returncode == 2
    assert "--map instruction=question,output=answer" in done.stderr


def test_malformed_pairs_are_a_usage_error(curate, tmp_path):
    done = curate("convert", "x.jsonl", tmp_path / "out.jsonl", "--to", "sft", "--map", "instruction")
    assert done.returncode == 2
    assert "'instruction' is not of the form name=value" in done.stderr


def test_a_name_that_is_already_there_is_left_alone():
    row = Adapter({"question": "instruction"}, {}).row(b'{"instruction":"a","question":"b"}')
    assert json.loads(row) == {"instruction": "a", "question": "b"}


def test_what_is_no_row_stays_as_it_is():
    adapter = Adapter({"a": "b"}, {"x": "user"})
    for row in (b"{", b"7", b"[1]", b'{"messages": 3}', b"\xff"):
        assert adapter.row(row).replace(b" ", b"") == row.replace(b" ", b"")
