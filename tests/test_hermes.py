"""Calls written as text: read as calls with --calls from-text, written so with --calls to-text, else left alone."""

from __future__ import annotations

import json

import pytest
from hypothesis import assume, given, settings

from curate.convert.convert import convert
from curate.convert.options import ConvertOptions
from schemas import hermes
from schemas.decode import RowDecoder
from schemas.problems import Problem
from schemas.registry import FORMATS
from tests.rows import SFT

CALL = '<tool_call>\n{"name": "depth", "arguments": {"lake": "洱海"}}\n</tool_call>'
ROW = {
    "conversations": [
        {"from": "system", "value": "You may call <tools>[]</tools>."},
        {"from": "human", "value": "How deep?"},
        {"from": "gpt", "value": f"I look.\n{CALL}\n{CALL.replace('depth', 'name')}"},
        {"from": "tool", "value": "<tool_response>\n12\n</tool_response>\n<tool_response>Erhai</tool_response>"},
        {"from": "gpt", "value": "12 m."},
    ]
}


def converted(tmp_path, rows: list[dict], **options):
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    summary = convert([str(source)], str(out), ConvertOptions(**options))
    return summary, [json.loads(line) for line in out.read_text("utf-8").splitlines()]


def test_text_stays_text_unless_asked(tmp_path):
    _, (row,) = converted(tmp_path, [ROW], to="sft")
    assert row["messages"][2] == {"role": "assistant", "content": ROW["conversations"][2]["value"]}


def test_calls_and_results_are_read_from_text(tmp_path):
    for to in ("sft", "chatml/messages"):
        _, (row,) = converted(tmp_path, [ROW], to=to, calls="from-text")
        roles = [turn["role"] for turn in row["messages"]]
        assert roles == ["system", "user", "assistant", "tool", "tool", "assistant"]
        calling = row["messages"][2]
        assert calling["content"] == "I look."
        assert [json.loads(call["function"]["arguments"]) for call in calling["tool_calls"]] == [{"lake": "洱海"}] * 2
        assert [turn["content"] for turn in row["messages"][3:5]] == ["12", "Erhai"]
    _, (same,) = converted(tmp_path, [ROW], to="sharegpt", calls="from-text")
    assert [turn["from"] for turn in same["conversations"]].count("function_call") == 2


def test_text_in_the_users_turn_is_a_result_too(tmp_path):
    row = json.loads(json.dumps(ROW))
    row["conversations"][3]["from"] = "human"
    _, (read,) = converted(tmp_path, [row], to="sft", calls="from-text")
    assert [turn["role"] for turn in read["messages"]][3:5] == ["tool", "tool"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("<tool_call>\nno JSON\n</tool_call>", "E104"),
        (f"{CALL} and more", "E104"),
        ("<tool_call>{", "E104"),
        (CALL.replace('{"lake": "洱海"}', "3"), "E110"),
    ],
)
def test_text_that_is_no_call_is_a_problem_at_its_turn(tmp_path, said, code):
    row = {"system": "Be brief.", **json.loads(json.dumps(ROW))}
    row["conversations"] = [{"from": "human", "value": "?"}, {"from": "gpt", "value": said}]
    summary, rows = converted(tmp_path, [row], to="sft", calls="from-text")
    (example,) = summary.examples[code]
    assert not rows and example.path == "$.conversations[1]"
    assert converted(tmp_path, [row], to="sft")[0].written == 1


def test_lossless_gives_the_text_back(tmp_path):
    _, rows = converted(tmp_path, [ROW], to="sft", calls="from-text", lossless=True)
    (tmp_path / "back").mkdir()
    assert converted(tmp_path / "back", rows, to="sharegpt")[1] == [ROW]


def test_what_a_text_has_no_place_for_is_named(tmp_path):
    call = {"name": "depth", "type": "function", "function": {"name": "depth", "arguments": "{}"}}
    row = {"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "tool_calls": [call]}]}
    summary, (row,) = converted(tmp_path, [row], to="sft", calls="to-text")
    assert row["messages"][1]["content"] == '<tool_call>\n{"name":"depth","arguments":{}}\n</tool_call>'
    assert list(summary.lost) == ["messages[].tool_calls[].name"]


@given(SFT)
@settings(max_examples=60)
def test_calls_are_the_same_after_text(row):
    found = RowDecoder([FORMATS["sft"]]).one(json.dumps(row).encode())
    assume(not isinstance(found, Problem))
    record = found.conversation
    text, lost = hermes.write(record)
    assert all(turn.tool_calls is None or turn.parts is not None for turn in text.messages) and not lost
    if any("<tool_" in turn.content for turn in record.messages):
        return
    back = hermes.read(text, "$.messages", len(text.messages))
    for one, other in zip(back.messages, record.messages, strict=True):
        assert (one.role, one.content.strip()) == (other.role, other.content.strip())
        calls = [json.loads(turn.tool_calls or "[]") for turn in (one, other)]
        for call in (*calls[0], *calls[1]):
            call["function"]["arguments"] = json.loads(call["function"]["arguments"])
        assert calls[0] == calls[1]
