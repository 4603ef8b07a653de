"""Thoughts of a turn, wherever a row holds them: read apart from the answer, and written back as they stood."""

from __future__ import annotations

import json

import pytest

from curate.convert.convert import convert
from curate.convert.options import ConvertOptions
from curate.dedup.conflicts import _answer_key
from curate.options import described
from curate.text.key_texts import key_texts
from curate.text.normal import key
from schemas import thoughts
from schemas.decode import Read, RowDecoder
from schemas.encode import RowEncoder
from schemas.lane import lane
from schemas.reasoning import CHOICES, DROP, INLINE, KEEP, MASK, chosen, teaches_thoughts
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


INLINE_TEXTS = [
    "<think>\n6 × 7\n</think>\n\n42",
    "<think>6 × 7</think>42",
    " \n<think>\t6 × 7</think>\n42 ",
    "<think>\n\n</think>\n\n42",
    "<think>   </think>42",
    "<think>a</think>b</think>42",
    "<think><think>{thought}</think>\u2003</think>42",
]


@pytest.mark.parametrize("text", INLINE_TEXTS)
@pytest.mark.parametrize("to", ["sft", "sharegpt", "chatml/text", "alpaca", "dolly", "instruction-json"])
def test_an_inline_thought_is_read_apart_and_written_back_to_the_letter(text, to):
    record = read("sft", answered(text))
    reply = record.messages[1]
    assert reply.reasoning is not None and reply.content != text
    assert thoughts.whole(reply) == text
    again = read(to.partition("/")[0], written(record, to, "error"))
    assert again.messages[1] == reply


def test_the_common_form_costs_the_record_nothing():
    reply = read("sft", answered(INLINE_TEXTS[0])).messages[1]
    assert reply == Message("assistant", "42", "6 × 7")


@pytest.mark.parametrize("text", ["Hm. <think>late</think>42", "2", "</think>2", "`<think>` opens a thought."])
def test_what_is_no_thought_before_an_answer_stays_text(text):
    assert read("sft", answered(text)).messages[1] == Message("assistant", text)


HALF = {
    "<think>6 times 7 is": "E113",
    " \n<think>六乘七": "E113",
    "<think>42</think>\n": "E202",
    "<think></think>": "E202",
}


@pytest.mark.parametrize("text", HALF)
def test_half_a_thought_is_refused_in_every_format_with_its_place(text):
    flat = {"instruction": "6 times 7?", "input": "", "output": text}
    late = {"instruction": "And?", "input": "", "output": "Yes.", "history": [["6 times 7?", text]]}
    chats = {"conversations": [{"from": "human", "value": "6 times 7?"}, {"from": "gpt", "value": text}]}
    shown = f"<|im_start|>user\n6 times 7?<|im_end|>\n<|im_start|>assistant\n{text}<|im_end|>"
    for name, row, path in (
        ("sft", answered(text), "$.messages[1].content"),
        ("sft", {"messages": [{"role": "system", "content": "Count."}, *answered(text)["messages"]]}, "$.messages[2]"),
        ("sft", {**answered(text), "system": "Count."}, "$.messages[1].content"),
        ("chatml", answered(text)["messages"], "$[1].content"),
        ("chatml", {"text": shown}, "$.text"),
        ("sharegpt", chats, "$.conversations[1].value"),
        ("alpaca", flat, "$.output"),
        ("alpaca", late, "$.history"),
        ("dolly", {"instruction": "6 times 7?", "response": text}, "$.response"),
        ("instruction-json", {"input_text": "6 times 7?", "target_text": text}, "$.target_text"),
    ):
        problem = RowDecoder([FORMATS[name]]).one(json.dumps(row).encode())
        assert (problem.code, problem.path[: len(path)]) == (HALF[text], path)


def test_conversion_refuses_half_a_thought_on_its_fast_path_too():
    rows = [("a", "<think>b</think>c"), ("a", "<think>b"), ("a", "<think>b</think>\n"), ("a", "<b>")]
    lines = [json.dumps({"instruction": prompt, "output": text}).encode() for prompt, text in rows]
    fast = lane(FORMATS["alpaca"].shapes[0], FORMATS["sft"], False).block(b"\n".join(lines), len(lines))
    assert [line is None for line in fast] == [False, True, True, False]


@pytest.mark.parametrize("value", ["", "  \n", None, 3, ["a"], {"effort": "high"}])
def test_a_field_that_holds_no_thought_stays_a_further_field(value):
    row = answered("42", reasoning=value)
    record = read("sft", row)
    assert record.messages[1].reasoning is None
    assert written(record, "sft") == row


def test_of_two_thoughts_that_agree_the_inline_one_or_the_first_field_is_read_and_none_is_lost():
    row = answered("<think>six times\nseven</think>42", thinking="six times seven ")
    record = read("sft", row)
    assert record.messages[1].reasoning == "six times\nseven"
    assert written(record, "sft") == row
    row = answered("42", thinking="6 × 7", reasoning="6 × 7", thought=" ")
    record = read("sft", row)
    assert (record.messages[1].reasoning_form, list(record.messages[1].extra)) == ("reasoning", ["thinking", "thought"])
    assert written(record, "sft") == row
    assert RowEncoder(lookup("alpaca")).encode(record).lost == ["messages[].thinking", "messages[].thought"]


@pytest.mark.parametrize(
    ("content", "fields", "name"),
    [
        ("42", {"reasoning": "first", "thinking": "second"}, "thinking"),
        ("<think>first</think>42", {"reasoning_content": "second"}, "reasoning_content"),
        ([{"type": "thinking", "thinking": "first"}, {"type": "text", "text": "42"}], {"thought": "二"}, "thought"),
    ],
)
def test_two_thoughts_that_differ_are_refused(content, fields, name):
    problem = RowDecoder([FORMATS["sft"]]).one(json.dumps(answered(content, **fields)).encode())
    assert (problem.code, problem.path) == ("E115", f"$.messages[1].{name}")
    assert "'first'" in problem.message and repr(fields[name]) in problem.message


def test_an_empty_thought_is_valid_and_taken_off_only_where_repair_is_asked_for():
    row = answered("<think>\n\n</think>\n\n四十二")
    assert read("sft", row).messages[1].reasoning == ""
    decoder = RowDecoder([FORMATS["sft"]], repair=True)
    for result in (decoder.one(json.dumps(row).encode()), *decoder.block([json.dumps(row).encode()] * 2)):
        assert result.conversation.messages[1] == Message("assistant", "四十二")
        assert [repair.code for repair in result.repairs] == ["E114"]
    quoted = {"messages": [{"role": "user", "content": "<think></think>42: what is this?"}, *row["messages"][1:]]}
    assert decoder.one(json.dumps(quoted).encode()).repairs == ()


TEXT_PART = {"type": "text", "text": "42"}
SIGNED = {"type": "thinking", "thinking": "6 × 7", "signature": "EqRk=="}
THOUGHT_PARTS = {
    "LLaMA-Factory": [{"type": "reasoning", "value": "6 × 7"}],
    "Anthropic": [SIGNED],
    "OpenAI": [{"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "6 × 7"}]}],
    "OpenAI's content": [
        {"type": "reasoning", "content": [{"type": "reasoning_text", "text": "6 × 7"}], "summary": []}
    ],
    "several": [{"type": "thinking", "thinking": "6"}, {"type": "thinking", "thinking": "× 7"}],
}


@pytest.mark.parametrize("kind", THOUGHT_PARTS)
def test_a_thought_among_parts_is_read_and_the_parts_written_back(kind):
    row = answered([*THOUGHT_PARTS[kind], TEXT_PART])
    record = read("sft", row)
    reply = record.messages[1]
    assert (reply.reasoning.split(), reply.content) == (["6", "×", "7"], "42")
    assert written(record, "sft") == written(record, "chatml/messages") == row
    shared = RowEncoder(lookup("sharegpt")).encode(record)
    assert shared.lost == ["messages[].parts"]
    assert json.loads(shared.data)["conversations"][1]["value"] == f"<think>\n{reply.reasoning}\n</think>\n\n42"
    assert written(record, "alpaca")["output"] == f"<think>\n{reply.reasoning}\n</think>\n\n42"


CALLED = {"name": "times", "arguments": {"a": 6, "数": [7]}}
CALL_PARTS = {
    "LLaMA-Factory": {"type": "tool_call", "value": json.dumps(CALLED)},
    "Anthropic": {"type": "tool_use", "id": "toolu_1", "name": "times", "input": CALLED["arguments"]},
    "OpenAI": {
        "type": "function_call",
        "id": "fc_1",
        "call_id": "c1",
        "name": "times",
        "arguments": json.dumps(CALLED["arguments"]),
    },
}


@pytest.mark.parametrize("kind", CALL_PARTS)
def test_calls_among_parts_are_read_and_the_parts_written_back(kind):
    turns = [ASKED, {"role": "assistant", "content": [SIGNED, CALL_PARTS[kind]]}]
    identity = {"Anthropic": "toolu_1", "OpenAI": "c1"}.get(kind)
    answers = {"tool_call_id": identity} if identity else {}
    turns += [{"role": "tool", "content": [TEXT_PART], **answers}, {"role": "assistant", "content": [TEXT_PART]}]
    record = read("sft", {"messages": turns})
    (call,) = json.loads(record.messages[1].tool_calls)
    assert (call["function"]["name"], json.loads(call["function"]["arguments"])) == ("times", CALLED["arguments"])
    assert call.get("id") == identity
    assert record.messages[1].reasoning == "6 × 7"
    assert written(record, "sft") == {"messages": turns}
    shared = written(record, "sharegpt")["conversations"]
    value = json.loads(shared[1]["value"])
    assert {name: value[name] for name in CALLED} == CALLED
    assert shared[1]["reasoning_content"] == "6 × 7"


@pytest.mark.parametrize(
    "part",
    [
        {"type": "tool_call", "value": "no JSON"},
        {"type": "tool_use", "input": {}},
        {"type": "function_call", "name": 3},
    ],
)
def test_a_part_that_is_no_call_is_named(part):
    problem = RowDecoder([FORMATS["sft"]]).one(json.dumps(answered([TEXT_PART, part])).encode())
    assert (problem.code, problem.path[:24]) == ("E104", "$.messages[1].content[1]")


def test_a_thought_alone_among_parts_is_no_answer():
    for content in ([SIGNED], [{"type": "thinking", "thinking": ""}]):
        problem = RowDecoder([FORMATS["sft"]]).one(json.dumps(answered(content)).encode())
        assert (problem.code, problem.path) == ("E202", "$.messages[1]")


# What --reasoning makes of a thought, wherever it stands.
PLACES = {
    "inline": answered("<think>6 × 7</think>42"),
    "field": answered("42", reasoning="6 × 7", thinking=" 6 × 7"),
    "part": answered([SIGNED, TEXT_PART]),
    "in the text of a part": answered([{"type": "text", "text": "<think>6 × 7</think>42"}]),
    "field beside parts": answered([TEXT_PART], thought="6 × 7"),
}


@pytest.mark.parametrize("place", PLACES)
def test_thoughts_are_kept_written_inline_dropped_or_masked(place):
    record = read("sft", PLACES[place])
    assert chosen(record, KEEP) is record
    inline, dropped, masked = (chosen(record, choice) for choice in (INLINE, DROP, MASK))
    assert written(inline, "sft") == answered("<think>\n6 × 7\n</think>\n\n42")
    assert "6 × 7" not in json.dumps(written(dropped, "sft"), ensure_ascii=False)
    assert dropped.messages[1].content == "42" and dropped.messages[1].reasoning is None
    assert (masked.messages[1].reasoning, masked.messages[1].reasoning_weight) == ("6 × 7", 0)
    assert RowEncoder(lookup("sft")).encode(masked).lost == ["messages[].reasoning_weight"]
    assert record == read("sft", PLACES[place])
    assert [teaches_thoughts(each) for each in (record, inline, dropped, masked)] == [True, True, False, False]


def test_what_is_neither_text_nor_thought_stays_a_part():
    turns = [ASKED, {"role": "assistant", "content": [SIGNED, TEXT_PART, CALL_PARTS["Anthropic"]]}]
    record = read(
        "sft", {"messages": [*turns, {"role": "tool", "content": "42"}, {"role": "assistant", "content": "42"}]}
    )
    content = written(chosen(record, DROP), "sft")["messages"][1]["content"]
    assert content == [TEXT_PART, CALL_PARTS["Anthropic"]]
    content = written(chosen(record, INLINE), "sft")["messages"][1]["content"]
    assert content == [{"type": "text", "text": "<think>\n6 × 7\n</think>\n\n42"}, CALL_PARTS["Anthropic"]]


def test_the_option_has_the_choices_that_there_are():
    (field,) = [field for field in described(ConvertOptions) if field.name == "reasoning"]
    assert field.choices == CHOICES and field.default == KEEP


@pytest.mark.parametrize("choice", CHOICES)
def test_convert_does_with_thoughts_as_asked(tmp_path, choice):
    file, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows = [PLACES["field"], answered("43"), answered("<think>\n6 × 7\n</think>\n\n42")]
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    summary = convert([str(file)], str(out), ConvertOptions(to="sft", reasoning=choice))
    inline = "<think>\n6 × 7\n</think>\n\n42"
    replies = [json.loads(line)["messages"][1] for line in out.read_text("utf-8").splitlines()]
    assert [reply["content"] for reply in replies] == {
        KEEP: ["42", "43", inline],
        INLINE: [inline, "43", inline],
        DROP: ["42", "43", "42"],
        MASK: ["42", "43", inline],
    }[choice]
    assert ("reasoning" in replies[0]) == (choice in (KEEP, MASK))
    lost = {DROP: "messages[].reasoning", MASK: "messages[].reasoning_weight"}.get(choice)
    assert {name: places.rows for name, places in summary.lost.items()} == ({lost: 2} if lost else {})


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
