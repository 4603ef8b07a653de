"""The exports for ms-swift, XTuner, verl and OpenAI: what they hold, what they refuse, and how it is read again."""

from __future__ import annotations

import json
import runpy
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import ClassVar

import pyarrow.parquet as pq
import pytest

from curate.convert.convert import convert
from curate.convert.options import ConvertOptions
from curate.errors import CurateError
from curate.export import ms_swift, openai, verl, xtuner
from curate.export.job import Job
from curate.export.options import DEFAULT_MODEL, OWN_MODELS
from curate.export.write import write
from curate.table import table
from schemas.record import Conversation, Message
from schemas.templates import TEMPLATES
from schemas.trainable import Untrainable
from tests.builders import ROOT
from tests.test_export import CALLS, PLAIN, TALK, TOOL, jsonl, read

CALL = '[{"type": "function", "function": {"name": "f", "arguments": "{\\"a\\": 1}"}}]'
ASK, SAY = Message("user", "六乘七？"), Message("assistant", "42")
THINKS = Message("assistant", "42", "6 x 7")
CALLING, RESULT = Message("assistant", "", tool_calls=CALL), Message("tool", "r")
DATA = {"verl": "data/train.parquet"}


def written(tmp_path, tool, rows, **job):
    """(rows of the data file, the outcome, the data file) of an export of these rows."""
    source = jsonl(tmp_path / "rows.jsonl", rows)
    model = OWN_MODELS.get(tool, DEFAULT_MODEL)
    made = Job(**{"name": "rows", "model": model, **job})
    outcome = write(table.read([str(source)]), str(tmp_path / "out"), tool, made)
    path = tmp_path / "out" / DATA.get(tool, "train.jsonl")
    return (pq.read_table(path).to_pylist() if tool == "verl" else read(path)), outcome, path


def turns_of(row):
    """What a row in messages says: role, text and calls (name and arguments) of each turn."""
    turns = []
    for turn in row["messages"]:
        functions = [call["function"] for call in turn.get("tool_calls") or ()]
        calls = [(function["name"], json.loads(function["arguments"])) for function in functions]
        turns.append((turn["role"], turn["content"] or "", calls))
    return turns


@pytest.mark.parametrize("tool", ["ms-swift", "xtuner", "verl", "openai"])
@pytest.mark.parametrize("name", ["sft.jsonl", "sharegpt.json"])
def test_an_export_is_read_again_with_the_same_turns(tmp_path, tool, name):
    source = str(ROOT / "sample_data" / name)
    template = None if tool == "openai" else TEMPLATES["qwen3_nothink"]
    job = Job(name="rows", model=OWN_MODELS.get(tool, DEFAULT_MODEL), template=template)
    outcome = write(table.read([source]), str(tmp_path / "out"), tool, job)
    turns = []
    for path in (source, str(tmp_path / "out" / DATA.get(tool, "train.jsonl"))):
        convert([path], str(tmp_path / "read.jsonl"), ConvertOptions(to="sft", on_loss="drop"))
        rejects = tmp_path / "read.jsonl.rejects.jsonl"
        rejected = {row["row"] for row in read(rejects)} if rejects.exists() else set()
        rows = [turns_of(row) for row in read(tmp_path / "read.jsonl")]
        numbers = [number for number in range(1, len(rows) + len(rejected) + 1) if number not in rejected]
        turns.append((dict(zip(numbers, rows, strict=True)), len(rejected)))
    (before, _), (after, rejected) = turns
    gone = {row.row for row in outcome.left_out}
    assert rejected == 0 and len(after) > 100
    assert list(after.values()) == [row for number, row in before.items() if number not in gone]


def test_ms_swift_has_calls_and_weights(tmp_path):
    data, outcome, _ = written(tmp_path, "ms-swift", [{"messages": CALLS, "tools": [TOOL]}, {"messages": TALK}])
    assert [turn["role"] for turn in data[0]["messages"]] == ["user", "assistant", "tool", "assistant"]
    assert data[0]["messages"][1]["tool_calls"] == [
        {"type": "function", "function": {"name": "w", "arguments": '{"城市": "上海"}'}}
    ]
    assert json.loads(data[0]["tools"]) == [TOOL]
    assert [turn.get("loss") for turn in data[1]["messages"]] == [None, None, False, None, None]
    assert outcome.lost == {"messages[].tool_call_id": 1}


def test_xtuner_writes_the_system_text_that_its_template_has_not(tmp_path):
    rows = [{"messages": CALLS, "tools": [TOOL]}, {"messages": TALK}]
    data, _, _ = written(tmp_path, "xtuner", rows)
    system, _, call, *_ = data[0]["messages"]
    assert system == {"role": "system", "content": TEMPLATES["qwen"].default_system}
    assert json.loads(call["tool_calls"][0]["function"]["arguments"]) == {"城市": "上海"}
    assert data[0]["tools"] == [TOOL] and "tools" not in data[1]
    assert [turn.get("loss") for turn in data[1]["messages"]] == [None, None, False, None, None]


def test_verl_has_the_chat_template_in_its_configuration(tmp_path):
    import yaml

    _, outcome, path = written(tmp_path, "verl", [{"messages": PLAIN}], model="google/gemma-2-2b-it")
    config = yaml.safe_load((path.parent.parent / "sft.yaml").read_text("utf-8"))
    assert "<start_of_turn>model" in config["model"]["custom_chat_template"]
    assert config["data"]["train_batch_size"] == 1  # a batch of more rows than there are trains nothing
    assert outcome.template == "gemma"
    record = Conversation([Message("system", "Kurz."), ASK, SAY])
    assert [turn["content"] for turn in verl.row(record, TEMPLATES["gemma"])] == ["Kurz.\n\n六乘七？", "42"]


def test_openai_ids_weights_and_what_is_its_own(tmp_path):
    odd = [CALLS[0], {**CALLS[1], "tool_calls": [{**CALLS[1]["tool_calls"][0], "index": 0}]}, *CALLS[2:]]
    del odd[2:][0]["tool_call_id"], odd[1]["tool_calls"][0]["id"]
    rows = [{"messages": TALK, "id": "x"}, {"messages": odd, "tools": [TOOL], "parallel_tool_calls": False}]
    data, outcome, _ = written(tmp_path, "openai", rows + [{"messages": PLAIN}] * 8)
    assert data[0]["messages"] == TALK
    call = data[1]["messages"][1]
    assert call["tool_calls"][0]["id"] == data[1]["messages"][2]["tool_call_id"] and "content" not in call
    assert data[1]["parallel_tool_calls"] is False and data[1]["tools"] == [TOOL]
    assert outcome.lost == {"id": 1, "messages[].tool_calls[].index": 1}
    readme = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "for gpt-4.1-mini-2025-04-14" in readme and "at most 65,536 tokens" in readme


SWIFT = lambda record: ms_swift.row(record, TEMPLATES["chatml"])  # noqa: E731
REFUSED = [
    (openai.row, [ASK, THINKS], r"\[1\].reasoning: the turn has a thought"),
    (openai.row, [ASK, CALLING, ASK, SAY], r"\[2\]: it comes before the results of all calls"),
    (openai.row, [ASK, SAY, RESULT, SAY], r"\[2\]: the result answers no call"),
    (openai.row, [Message("user", "a", name="a b"), SAY], r"\[0\].name: the name 'a b'"),
    (openai.row, [ASK, Message("assistant", "", tool_calls=CALL.replace('"f"', '"查"'))], "the name '查'"),
    (SWIFT, [ASK, ASK, SAY], r"\[1\]: two user turns follow one another, which ms-swift cannot write"),
    (SWIFT, [ASK, SAY, SAY], r"\[2\]: two replies follow one another"),
    (SWIFT, [ASK, SAY, Message("system", "s"), ASK, SAY], r"\[2\]: a system turn stands after other turns"),
    (lambda row: ms_swift.row(row, None), [ASK, CALLING, RESULT, ASK, SAY], r"\[3\]: a user turn follows a result"),
    (SWIFT, [ASK, CALLING, RESULT, SAY], "ms-swift's template chatml knows none"),
    (SWIFT, [Message("user", "{{ROUND0}}"), SAY], r"\[0\]: ms-swift replaces"),
    (lambda row: xtuner.row(row, TEMPLATES["qwen"]), [ASK, CALLING, RESULT, RESULT, SAY], r"\[3\]: several results"),
    (lambda row: xtuner.row(row, TEMPLATES["chatml"]), [ASK, CALLING, RESULT, SAY], "template chatml is handed over"),
    (lambda row: verl.row(row, None), [ASK, CALLING, RESULT, SAY], "the row uses tools"),
    (lambda row: verl.row(row, None), [ASK, Message("assistant", "a", weight=0), ASK, SAY], r"\[1\]: the turn is not"),
]


@pytest.mark.parametrize(("row", "turns", "why"), REFUSED)
def test_what_a_tool_cannot_hold_is_refused_by_name(row, turns, why):
    with pytest.raises(Untrainable, match=why):
        row(Conversation(list(turns)))


@pytest.mark.parametrize("tool", ["ms-swift", "xtuner", "verl"])
@pytest.mark.parametrize("choice", ["keep", "inline", "drop"])
def test_thoughts_go_over_as_asked_for(tmp_path, tool, choice):
    rows = [{"messages": [ASK_ROW, {**SAY_ROW, "reasoning_content": "early"}, ASK_ROW, THINKS_ROW]}]
    data, _, _ = written(tmp_path, tool, rows, template=TEMPLATES["qwen3"], reasoning=choice)
    first, last = (turn["content"] for turn in data[0]["messages"] if turn["role"] == "assistant")
    assert last.endswith("42") and (last == "<think>\n6 x 7\n</think>\n\n42") == (choice != "drop")
    assert ("early" in first) == (choice == "inline")  # the template forgets it


ASK_ROW, SAY_ROW = {"role": "user", "content": "六乘七？"}, {"role": "assistant", "content": "好"}
THINKS_ROW = {"role": "assistant", "content": "42", "reasoning_content": "6 x 7"}


def test_openai_takes_thoughts_only_as_text(tmp_path):
    rows = [{"messages": [ASK_ROW, THINKS_ROW]}] * 10
    data, _, _ = written(tmp_path, "openai", rows, reasoning="inline")
    assert data[0]["messages"][1]["content"] == "<think>\n6 x 7\n</think>\n\n42"
    with pytest.raises(CurateError, match="--reasoning drop"):
        written(tmp_path, "openai", rows)


def test_the_limits_of_openai(tmp_path):
    with pytest.raises(CurateError, match="takes 10 rows or more, and 9 rows") as error:
        written(tmp_path, "openai", [{"messages": PLAIN}] * 9)
    assert error.value.code == 1 and not list((tmp_path / "out").rglob("*.*"))
    openai.check_limits(10, openai.MAX_BYTES)
    with pytest.raises(CurateError, match="files of up to 512,000,000 bytes"):
        openai.check_limits(10, openai.MAX_BYTES + 1)
    long = {"messages": [{"role": "user", "content": "a" * openai.MAX_TOKENS}, PLAIN[1]]}
    _, outcome, _ = written(tmp_path, "openai", [{"messages": PLAIN}] * 9 + [long])
    assert "65,536 tokens, as lines 10 of train.jsonl" in outcome.notes[0]


class Service(BaseHTTPRequestHandler):
    """Answers as OpenAI's service does, and keeps what it was sent."""

    seen: ClassVar[list] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, body))
        answer = {"id": "file-1", "object": "file"}
        if self.path.endswith("jobs"):
            answer = {"id": "ftjob-1", "object": "fine_tuning.job", "status": "queued"}
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def test_the_script_uploads_the_file_and_starts_a_job(tmp_path, monkeypatch, capsys):
    pytest.importorskip("openai")
    _, _, path = written(tmp_path, "openai", [{"messages": PLAIN}] * 10, name="我的-set_1")
    server = HTTPServer(("127.0.0.1", 0), Service)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.server_port}/v1")
    runpy.run_path(str(path.with_name("train.py")), run_name="__main__")
    server.shutdown()
    (upload, file), (jobs, asked) = Service.seen
    assert upload == "/v1/files" and path.read_bytes() in file and b"fine-tune" in file
    assert jobs == "/v1/fine_tuning/jobs"
    assert json.loads(asked) == {
        "model": "gpt-4.1-mini-2025-04-14",
        "training_file": "file-1",
        "suffix": "set-1",
        "method": {"type": "supervised"},
    }
    assert "job ftjob-1: queued" in capsys.readouterr().out
