"""Conversations of several exchanges in formats of one."""

from __future__ import annotations

import json

import pytest

from curate.convert.convert import convert
from curate.convert.options import ConvertOptions
from curate.errors import CurateError


def talk(*pairs: tuple[str, str], **beside) -> dict:
    turns = [t for q, a in pairs for t in ({"role": "user", "content": q}, {"role": "assistant", "content": a})]
    return {"messages": [{"role": "system", "content": "Be brief."}, *turns], **beside}


def converted(tmp_path, rows: list[dict], to: str, **options):
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    summary = convert([str(source)], str(out), ConvertOptions(to=to, **options))
    return summary, [json.loads(line) for line in out.read_text("utf-8").splitlines()]


TWO = talk(("说一个质数。", "2"), ("And one more?", "3"), category="maths")


def test_refused_unless_asked_otherwise(tmp_path):
    for turns in (None, "error"):
        summary, _ = converted(tmp_path, [TWO, talk(("a", "b"))], "dolly", turns=turns)
        assert (summary.written, summary.rejected) == (1, 1)
        assert list(summary.codes) == ["E301"]


def test_last(tmp_path):
    summary, rows = converted(tmp_path, [TWO], "dolly", turns="last")
    assert rows == [
        {"instruction": "And one more?", "context": "", "response": "3", "system": "Be brief.", "category": "maths"}
    ]
    assert "messages (earlier exchanges)" in summary.lost


def test_split_makes_a_row_of_each_exchange(tmp_path):
    summary, rows = converted(tmp_path, [TWO, talk(("a", "b"))], "instruction-json", turns="split")
    assert [(r["input_text"], r["target_text"]) for r in rows] == [
        ("说一个质数。", "2"),
        ("And one more?", "3"),
        ("a", "b"),
    ]
    assert (summary.read, summary.written, summary.more) == (2, 3, 1)


def test_split_leaves_out_what_is_not_learnt(tmp_path):
    row = talk(("a", "draft"), ("b", "good"))
    row["messages"][2]["weight"] = 0
    summary, rows = converted(tmp_path, [row], "instruction-json", turns="split")
    assert [r["target_text"] for r in rows] == ["good"]
    assert "messages[].weight (exchanges of weight 0)" in summary.lost


@pytest.mark.parametrize(
    "to", ["dolly", "self-instruct", "self-instruct/prompt-completion", "instruction-json", "alpaca"]
)
def test_history_is_read_back(tmp_path, to):
    summary, rows = converted(tmp_path, [TWO], to, turns="history")
    assert rows[0]["history"] == [["说一个质数。", "2"]]
    assert not summary.lost
    (tmp_path / "back").mkdir()
    _, back = converted(tmp_path / "back", rows, "sft")
    assert back == [TWO]


def test_alpaca_has_a_field_for_history(tmp_path):
    _, rows = converted(tmp_path, [TWO], "alpaca")
    assert rows[0]["history"] == [["说一个质数。", "2"]]
    summary, _ = converted(tmp_path, [TWO], "alpaca", turns="error")
    assert summary.rejected == 1


def test_one_row_cannot_be_restored_from_several(tmp_path):
    with pytest.raises(CurateError, match="--lossless and --turns split"):
        converted(tmp_path, [TWO], "dolly", turns="split", lossless=True)


def test_tool_turns_cannot_be_history(tmp_path):
    call = {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}
    row = talk(("a", "b"))
    row["messages"][1:1] = [
        {"role": "user", "content": "x"},
        call,
        {"role": "tool", "content": "1"},
        row["messages"][2],
    ]
    summary, _ = converted(tmp_path, [row], "dolly", turns="history")
    assert list(summary.codes) == ["E303"]


SEEDS = [
    {"instruction": "Add.", "instances": [{"input": "1+1", "output": "2"}, {"input": "二加二", "output": "4"}]},
    {"instruction": "Add.", "instances": [{"input": "1+1", "output": "2"}, {"input": "", "output": " "}]},
    {"instruction": "Add.", "instances": [{"input": "1+2", "output": "3"}]},
]


@pytest.mark.parametrize(
    ("to", "options", "counted"),
    [
        ("sft", {}, 2),
        ("self-instruct/prompt-completion", {"on_loss": "drop"}, 2),
        ("self-instruct/seed", {}, 0),
        ("self-instruct", {}, 0),
        ("sft", {"turns": "split"}, 0),
    ],
)
def test_instances_that_become_no_rows_are_counted(tmp_path, to, options, counted):
    summary, _ = converted(tmp_path, SEEDS, to, **options)
    further = summary.others.get("further")
    assert (further.rows if further else 0) == counted
    if counted:
        assert list(further.ranges.values()) == [[(1, 2)]]


def test_further_instances_are_named_in_summary_and_report(curate, tmp_path):
    source = tmp_path / "seeds.jsonl"
    source.write_text("\n".join(json.dumps(row) for row in SEEDS), "utf-8")
    done = curate("convert", source, tmp_path / "out.jsonl", "--to", "sft", "--report", tmp_path / "report.json")
    assert "2 rows have more examples (instances or paths), none of which is a row; --turns split" in done.stderr
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert report["others"]["further"]["rows"] == 2
