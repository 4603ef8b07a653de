"""Thoughts of a turn, wherever a row holds them: read apart from the answer, and written back as they stood."""

from __future__ import annotations

import json

import pytest

from curate.dedup.conflicts import _answer_key
from curate.text.key_texts import key_texts
from curate.text.normal import key
from schemas import thoughts
from schemas.decode import Read, RowDecoder
from schemas.encode import RowEncoder
from schemas.record import Conversation, Message
from schemas.registry import FORMATS, lookup

ASKED = {"role": "user", "content": "6 times 7?"}
FIELDS = ["reasoning_content", "reasoning", "thinking", "thought"]


def read(name: str, row: dict) -> Conversation:
    result = RowDecoder([FORMATS[name]]).one(json.dumps(row, ensure_ascii=False).encode())
    assert isinstance(result, Read), result
    return result.conversation


def written(record: Conversation, to: str, on_loss: str = "keep") -> dict:
    return json.loads(RowEncoder(lookup(to), on_loss).encode(record).data)


def answered(content: str | None, **fields) -> dict:
    return {"messages": [ASKED, {"role": "assistant", "content": content, **fields}]}


@pytest.mark.parametrize("on_loss", ["keep", "drop", "error"])
@pytest.mark.parametrize("field", FIELDS)
def test_a_thought_in_a_field_is_read_and_written_back_in_it(field, on_loss):
    row = answered("42", **{field: "6 × 7\n= 42"})
    record = read("sft", row)
    assert record.messages[1] == Message("assistant", "42", "6 × 7\n= 42", field)
    assert record.response() == "42"
    assert written(record, "sft", on_loss) == written(record, "chatml/messages", on_loss) == row
    shared = written(record, "sharegpt", on_loss)
    assert shared["conversations"][1] == {"from": "gpt", "value": "42", field: "6 × 7\n= 42"}
    assert read("sharegpt", shared) == record


INLINE = [
    "<think>\n6 × 7\n</think>\n\n42",
    "<think>6 × 7</think>42",
    " \n<think>\t6 × 7</think>\n42 ",
    "<think>\n\n</think>\n\n42",
    "<think>   </think>42",
    "<think>a</think>b</think>42",
    "<think><think>{thought}</think>\u2003</think>42",
]


@pytest.mark.parametrize("text", INLINE)
@pytest.mark.parametrize("to", ["sft", "sharegpt", "chatml/text", "alpaca", "dolly", "instruction-json"])
def test_an_inline_thought_is_read_apart_and_written_back_to_the_letter(text, to):
    record = read("sft", answered(text))
    reply = record.messages[1]
    assert reply.reasoning is not None and reply.content != text
    assert thoughts.whole(reply) == text
    again = read(to.partition("/")[0], written(record, to, "error"))
    assert again.messages[1] == reply


def test_the_common_form_costs_the_record_nothing():
    reply = read("sft", answered(INLINE[0])).messages[1]
    assert reply == Message("assistant", "42", "6 × 7")


@pytest.mark.parametrize("text", ["<think>no end", "<think>only a thought</think>\n", "Hm. <think>late</think>42", "2"])
def test_what_is_no_thought_before_an_answer_stays_text(text):
    assert read("sft", answered(text)).messages[1] == Message("assistant", text)


@pytest.mark.parametrize("value", ["", "  \n", None, 3, ["a"], {"effort": "high"}])
def test_a_field_that_holds_no_thought_stays_a_further_field(value):
    row = answered("42", reasoning=value)
    record = read("sft", row)
    assert record.messages[1].reasoning is None
    assert written(record, "sft") == row


def test_of_two_thoughts_the_inline_one_or_the_first_field_is_read_and_none_is_lost():
    row = answered("<think>inline</think>42", thinking="field")
    record = read("sft", row)
    assert record.messages[1].reasoning == "inline"
    assert written(record, "sft") == row
    row = answered("42", thinking="second", reasoning="first")
    record = read("sft", row)
    assert record.messages[1].reasoning == "first"
    assert written(record, "sft") == row
    assert RowEncoder(lookup("alpaca")).encode(record).lost == ["messages[].thinking"]


def test_only_the_assistant_thinks():
    row = {"messages": [{**ASKED, "thinking": "hm"}, {"role": "assistant", "content": "42"}]}
    record = read("sft", row)
    assert record.messages[0].reasoning is None
    assert written(record, "sft") == row
    row = {"messages": [{"role": "user", "content": "<think>a</think>b"}, {"role": "assistant", "content": "42"}]}
    assert read("sft", row).messages[0].content == "<think>a</think>b"


def test_a_format_without_a_place_has_it_inline():
    record = read("sft", answered("42", reasoning_content="6 × 7"))
    assert written(record, "alpaca") == {
        "instruction": "6 times 7?",
        "input": "",
        "output": "<think>\n6 × 7\n</think>\n\n42",
    }
    row = {"messages": [ASKED, {"role": "assistant", "content": "42", "thought": "h"}] * 2}
    assert written(read("sft", row), "alpaca")["history"] == [["6 times 7?", "<think>\nh\n</think>\n\n42"]]


CALL = [{"type": "function", "function": {"name": "times", "arguments": "{}"}}]


@pytest.mark.parametrize("content", [None, "", "I compute."])
@pytest.mark.parametrize("inline", [False, True])
def test_a_thought_before_a_call_stays_with_it(content, inline):
    thought = {} if inline else {"reasoning_content": "use a tool"}
    text = "<think>use a tool</think>" + (content or "") if inline else content
    calls = {"role": "assistant", "content": text, "tool_calls": CALL, **thought}
    row = {"messages": [ASKED, calls, {"role": "tool", "content": "42"}, {"role": "assistant", "content": "42"}]}
    record = read("sft", row)
    assert (record.messages[1].reasoning, record.messages[1].content) == ("use a tool", content or "")
    assert read("sft", written(record, "sft")) == record
    turns = read("sharegpt", written(record, "sharegpt")).messages
    assert turns[1].reasoning == "use a tool" and any(turn.tool_calls for turn in turns)
    assert [turn.role for turn in turns].count("assistant") == (3 if content else 2)


def test_rows_are_compared_with_their_thoughts_and_answers_without():
    field, inline = (
        read("sft", answered("42", thinking="6 × 7")),
        read("sft", answered("<think>\n6 × 7\n</think>\n\n42")),
    )
    other = read("sft", answered("42", thinking="I guess."))
    assert key(field) == key(inline) != key(other)
    assert key_texts(field, "conversation") == key_texts(inline, "conversation") != key_texts(other, "conversation")
    assert key_texts(field, "response") == ["42"]
    assert _answer_key(field) == _answer_key(other)


def test_special_tokens_after_a_thought_are_taken_off():
    row = answered("<think>\n6 × 7\n</think>\n\n42</s>")
    result = RowDecoder([FORMATS["sft"]], repair=True).one(json.dumps(row).encode())
    assert isinstance(result, Read) and result.repairs
    assert result.conversation.messages[1] == Message("assistant", "42", "6 × 7")


# The weight of a turn has several names.


@pytest.mark.parametrize("name", ["weight", "loss_weight", "loss", "train", "trainable"])
@pytest.mark.parametrize("value", [False, 0, 0.0])
def test_every_name_of_the_weight_is_read(name, value):
    record = read("sft", answered("43", **{name: value}))
    assert record.messages[1] == Message("assistant", "43", weight=0)
    assert written(record, "sft/train")["messages"][1]["train"] is False
    assert written(record, "sharegpt", "error")["conversations"][1]["weight"] == 0
    if not isinstance(value, bool) or name != "weight":
        shared = {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b", name: value}]}
        assert read("sharegpt", shared).messages[1].weight == 0


def test_names_that_agree_are_kept_and_names_that_differ_refused():
    record = read("sft", answered("43", weight=0, train=False, loss=0))
    assert record.messages[1].weight == 0
    turn = written(record, "sft", "keep")["messages"][1]
    assert turn == {"role": "assistant", "content": "43", "weight": 0, "train": False, "loss": 0}
    for row in (answered("43", weight=0, train=True), answered("43", loss=True, trainable=0.5)):
        problem = RowDecoder([FORMATS["sft"]]).one(json.dumps(row).encode())
        second = list(row["messages"][1])[-1]
        assert (problem.code, problem.path) == ("E109", f"$.messages[1].{second}")
    problem = RowDecoder([FORMATS["sft"]]).one(json.dumps(answered("43", loss=-1)).encode())
    assert (problem.code, problem.path) == ("E108", "$.messages[1].loss")


@pytest.mark.parametrize("value", ["a", None, [0], {"a": 0}])
def test_a_value_that_is_no_weight_stays_a_further_field(value):
    row = answered("42", loss=value)
    record = read("sft", row)
    assert record.messages[1].weight is None
    assert written(record, "sft") == row
