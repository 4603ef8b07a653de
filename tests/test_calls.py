"""Tool calls, however they are written: read as one thing, nothing of them lost, and checked."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.decode import Read, RowDecoder
from schemas.encode import RowEncoder
from schemas.registry import FORMATS, lookup
from schemas.template_tools import called
from schemas.templates import TEMPLATES, render
from schemas.tool_schema import misfit

ASK = {"role": "user", "content": "How deep is the lake?"}
TOLD = {"role": "assistant", "content": "It is 12 metres deep."}
RESULT = {"role": "tool", "content": "12"}
ARGUMENTS = {"lake": "Ohrid"}
FUNCTION = {"name": "depth", "arguments": json.dumps(ARGUMENTS)}
CALL = {"type": "function", "function": FUNCTION}
SCHEMA = {"type": "object", "properties": {"lake": {"type": "string"}}, "required": ["lake"]}
TOOLS = [{"type": "function", "function": {"name": "depth", "parameters": SCHEMA}}]


def read(row: dict, name: str = "sft"):
    return RowDecoder([FORMATS[name]]).one(json.dumps(row, ensure_ascii=False).encode())


def record(row: dict, name: str = "sft"):
    result = read(row, name)
    assert isinstance(result, Read), result
    return result.conversation


def written(conversation, to: str, on_loss: str = "keep"):
    return json.loads(RowEncoder(lookup(to), on_loss).encode(conversation).data)


def called_by(turn: dict) -> dict:
    return {"messages": [ASK, {"role": "assistant", "content": None, **turn}, RESULT, TOLD]}


def sharegpt(*values: object, results: int = 1) -> dict:
    calls = [{"from": "function_call", "value": json.dumps(value, ensure_ascii=False)} for value in values]
    told = [{"from": "observation", "value": str(i)} for i in range(results)]
    return {"conversations": [{"from": "human", "value": "湖有多深？"}, *calls, *told, {"from": "gpt", "value": "12"}]}


FLAT = {"name": "depth", "parameters": ARGUMENTS}
WAYS = {
    "openai": ("sft", called_by({"tool_calls": [CALL]})),
    "parameters": ("sft", called_by({"tool_calls": [{"type": "function", "function": FLAT}]})),
    "flat": ("sft", called_by({"tool_calls": [{"name": "depth", "arguments": ARGUMENTS}]})),
    "one object": ("sft", called_by({"tool_calls": CALL})),
    "json text": ("sft", called_by({"tool_calls": json.dumps([CALL])})),
    "function_call": ("sft", called_by({"function_call": FUNCTION})),
    "sharegpt": ("sharegpt", sharegpt({"name": "depth", "arguments": ARGUMENTS})),
    "llama 3": ("sharegpt", sharegpt(FLAT)),
    "tool_use": ("sft", called_by({"content": [{"type": "tool_use", "name": "depth", "input": ARGUMENTS}]})),
    "tool_call": ("sft", called_by({"content": [{"type": "tool_call", "value": json.dumps(FLAT)}]})),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_is_one_call(way):
    name, row = WAYS[way]
    messages = record(row, name).messages
    assert [m.role for m in messages] == ["user", "assistant", "tool", "assistant"]
    (call,) = json.loads(messages[1].tool_calls)
    assert (call["type"], call["function"]["name"]) == ("function", "depth")
    assert json.loads(call["function"]["arguments"]) == ARGUMENTS
    assert (messages[1].parts is not None) == (way in ("tool_use", "tool_call"))  # parts stay as they were read
    rendered = render(record(row, name), TEMPLATES["qwen"])
    assert '{"name": "depth", "arguments": {"lake": "Ohrid"}}' in rendered.text


def test_functions_are_tools():
    row = called_by({"function_call": FUNCTION}) | {"functions": [TOOLS[0]["function"]]}
    row["messages"][2] = {"role": "function", "name": "depth", "content": "12"}
    for name in ("sft", "chatml"):
        assert json.loads(record(row, name).tools) == TOOLS
        assert "functions" not in written(record(row, name), "sharegpt")
    both = row | {"tools": TOOLS}
    for to in ("sft/train", "chatml/messages", "sharegpt"):
        assert written(record(both), to)["functions"] == row["functions"]
    assert read(row | {"functions": [{"name": "height"}]}).code == "E112"
    assert record(row | {"functions": []}).tools == "[]"


def test_results_in_blocks_are_turns():
    blocks = [
        {"type": "tool_result", "tool_use_id": "a", "content": "12", "is_error": False},
        {"type": "tool_result", "tool_use_id": "b", "content": [{"type": "text", "text": "十三"}]},
        {"type": "text", "text": "So?"},
    ]
    calls = [{"type": "tool_use", "id": i, "name": "depth", "input": {}} for i in "ab"]
    said = [{"type": "text", "text": "I look."}, *calls]
    row = {"messages": [ASK, {"role": "assistant", "content": said}, {"role": "user", "content": blocks}, TOLD]}
    found = record(row)
    contents = [(m.role, m.content, m.tool_call_id) for m in found.messages]
    assert contents[1:4] == [("assistant", "I look.", None), ("tool", "12", "a"), ("tool", "十三", "b")]
    assert contents[4] == ("user", "So?", None)
    assert found.messages[2].extra == {"is_error": "false"}
    blocks[0]["tool_use_id"] = "z"
    problem = read(row)
    assert (problem.code, problem.path) == ("E210", "$.messages[2]")


def test_calls_in_a_row_are_one_turn_and_back():
    two = [{"name": "depth", "arguments": {"lake": lake}} for lake in ("Ohrid", "洱海")]
    row = sharegpt(*two, results=2)
    found = record(row, "sharegpt")
    assert [m.role for m in found.messages] == ["user", "assistant", "tool", "tool", "assistant"]
    assert len(json.loads(found.messages[1].tool_calls)) == 2
    again = written(found, "sharegpt")
    assert [turn["from"] for turn in again["conversations"]] == [turn["from"] for turn in row["conversations"]]
    together = sharegpt(two)  # one result for a list of calls, as LLaMA-Factory wants them
    value = written(record(together, "sharegpt"), "sharegpt")["conversations"][1]["value"]
    assert json.loads(value) == two
    row["conversations"][2]["weight"] = 0
    assert len(record(row, "sharegpt").messages) == 6


def test_null_is_absent_and_a_second_text_is_kept():
    turns = [{"from": "human", "value": "Hi", "text": None}, {"from": "gpt", "value": None, "text": "Hello"}]
    assert [m.content for m in record({"conversations": turns}, "sharegpt").messages] == ["Hi", "Hello"]
    turns[0]["text"] = "Hey"
    found = record({"conversations": turns}, "sharegpt")
    assert RowEncoder(lookup("sharegpt")).encode(found).lost == []
    assert all("Hey" in json.dumps(written(found, to)) for to in ("sft", "sharegpt"))


def offered(arguments: object, **call) -> dict:
    made = {**CALL, "function": {"name": "depth", "arguments": arguments}, **call}
    return called_by({"tool_calls": [made]}) | {"tools": TOOLS}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (offered("{lake"), "E110"),
        (offered("[1]"), "E110"),
        (offered(""), "E110"),
        (offered(None), "E110"),
        (offered("{}"), "E111"),
        (offered({"lake": 3}), "E111"),
        (offered({"lake": "x"}, function={"name": "height", "arguments": "{}"}), "E112"),
        ({"messages": [ASK, TOLD, RESULT, TOLD]}, "E210"),
        ({"messages": [ASK, {"role": "assistant", "tool_calls": [CALL]}, ASK, TOLD]}, "E211"),
    ],
)
def test_codes(row, code):
    assert read(row).code == code
    assert read({"messages": row["messages"], "tools": json.dumps(row.get("tools"))}).code == code


def test_what_stays_valid():
    last = {"messages": [ASK, {"role": "assistant", "tool_calls": [CALL]}], "tools": TOOLS}
    hermes = {"role": "assistant", "content": '<tool_call>\n{"name": "depth"}\n</tool_call>'}
    two = {"role": "assistant", "tool_calls": [{"id": "a", **CALL}, {"id": "b", **CALL}]}
    for turns in ([ASK, hermes, RESULT, TOLD], [ASK, two, RESULT, TOLD]):
        record({"messages": turns})
    record(last)
    record(offered({"lake": ["Ohrid", "洱海"]}))
    answered = [{**RESULT, "tool_call_id": name} for name in "ba"]
    record({"messages": [ASK, two, *answered, TOLD]})
    assert read({"messages": [ASK, two, answered[0], TOLD]}).code == "E211"
    assert read({"messages": [ASK, two, answered[0], answered[0], TOLD]}).code == "E210"


@pytest.mark.parametrize(
    ("value", "schema", "wrong"),
    [
        (True, {"type": "integer"}, "$ is no integer"),
        (3.0, {"type": ["integer", "null"]}, ""),
        (None, {"type": "string", "nullable": True}, ""),
        ("c", {"enum": ["a", "b"]}, "$ is none of 2 allowed values"),
        ({"a": [1, "x"]}, {"properties": {"a": {"items": {"type": "number"}}}}, "$.a[1] is no number"),
        ({"b": 1}, {"properties": {"a": {}}, "additionalProperties": False}, "$ has b, which is not in the schema"),
        ({"a": {"a": 1}}, {"properties": {"a": {"$ref": "#"}}, "type": "object"}, "$.a.a is no object"),
        (1, {"$ref": "#/$defs/x", "$defs": {"x": {"$ref": "#/$defs/x"}}}, ""),
        (1, {"type": "dict", "minimum": 5}, ""),
        ({}, {"required": "a", "properties": []}, ""),
    ],
)
def test_schema(value, schema, wrong):
    assert misfit(value, schema) == wrong


KEYS = st.sampled_from(["thought", "index", "function", "id", "strict", "备注", "parameters", "type"])
PLACES = ["call", "function", "tool", "tool function"]


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_a_further_key_is_in_the_output_or_listed(data):
    name, row = data.draw(st.sampled_from([*list(WAYS.values())[:3], WAYS["sharegpt"]]))
    key, place = data.draw(KEYS), data.draw(st.sampled_from(PLACES))
    row = json.loads(json.dumps(row)) | {"tools": json.loads(json.dumps(TOOLS))}
    if place == "tool":
        row["tools"][0].setdefault(key, "MARK")
    elif place == "tool function":
        row["tools"][0]["function"].setdefault(key, "MARK")
    elif name == "sharegpt":
        value = json.loads(row["conversations"][1]["value"]) | {key: "MARK"}
        row["conversations"][1]["value"] = json.dumps(value)
    else:
        call = row["messages"][1]["tool_calls"][0]
        (call.get("function", call) if place == "function" else call).setdefault(key, "MARK")
    if "MARK" not in json.dumps(row):
        return
    result = read(row, name)
    if not isinstance(result, Read):  # a key that makes it another call is refused, not lost
        assert result.code in ("E104", "E110", "E111")
        return
    for to in ("sft", "chatml", "sharegpt", "sft/train"):
        out = RowEncoder(lookup(to)).encode(result.conversation)
        assert b"MARK" in out.data or any(key in lost for lost in out.lost), (to, out)
    assert "MARK" not in called(result.conversation.messages[1].tool_calls, TEMPLATES["qwen"].tools)
