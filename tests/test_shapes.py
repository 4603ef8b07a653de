"""Formats of other tools, and pairs under common names: what their rows are read as, and what is refused."""

from __future__ import annotations

import json
import time

import pytest

from curate.table.reading import detect_file
from schemas.decode import Read, RowDecoder
from schemas.detection import detect
from schemas.encode import RowEncoder
from schemas.problems import Invalid, Problem
from schemas.registry import FORMATS, lookup

ALL = list(FORMATS.values())
LAKE = {"role": "user", "content": "Name a lake."}
COMO = {"role": "assistant", "content": "Como"}
TOOL = {"name": "depth", "description": "How deep a lake is.", "input_schema": {"type": "object"}}
OPENAI_TOOL = {
    "type": "function",
    "function": {"name": "depth", "description": TOOL["description"], "parameters": {"type": "object"}},
}
ANTHROPIC = {
    "system": "Be brief.",
    "tools": [TOOL],
    "messages": [
        {"role": "user", "content": "How deep is Como?"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Look it up.", "signature": "c2ln"},
                {"type": "text", "text": "One moment."},
                {"type": "tool_use", "id": "t1", "name": "depth", "input": {"lake": "Como"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": "410 m"},
                {"type": "text", "text": "And in feet?"},
            ],
        },
        {"role": "assistant", "content": "1,345"},
    ],
}
GEMINI = {
    "systemInstruction": {"role": "system", "parts": [{"text": "Be brief."}]},
    "contents": [
        {"role": "user", "parts": [{"text": "How deep is Como?"}]},
        {"role": "model", "parts": [{"functionCall": {"name": "depth", "args": {"lake": "Como"}}}]},
        {
            "role": "user",
            "parts": [{"functionResponse": {"name": "depth", "response": {"m": 410, "sea": False}}}],
        },
        {"role": "model", "parts": [{"text": "Quote it.", "thought": True}, {"text": "410 m"}]},
    ],
    "tools": [{"functionDeclarations": [{"name": "depth"}]}],
}


def dumped(row: object) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode()


def told(row: object) -> str:
    return detect([(1, dumped(row))]).format


def record(row: object, name: str | None = None):
    found = RowDecoder([FORMATS[name]] if name else ALL).one(dumped(row))
    assert isinstance(found, Read), found
    return found.conversation


def problem(row: object, name: str | None = None) -> Problem:
    found = RowDecoder([FORMATS[name]] if name else ALL).one(dumped(row))
    assert isinstance(found, Problem)
    return found


def written(row: object, to: str) -> dict:
    return json.loads(RowEncoder(FORMATS[to]).encode(record(row)).data)


def turns(row: object) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in record(row).messages]


PAIR = [("user", "Name a lake."), ("assistant", "Como")]


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"prompt": [LAKE], "completion": [COMO]}, "trl"),
        ({"prompt": "Name a lake.", "completion": "Como"}, "self-instruct"),
        ({"query": "Name a lake.", "response": "Como", "history": []}, "ms-swift"),
        ({"conversation": [{"input": "Name a lake.", "output": "Como"}]}, "xtuner"),
        ({"conversation_id": 3, "conversation": [{"human": "Name a lake.", "assistant": "Como"}]}, "firefly"),
        ({"contents": [{"parts": [{"text": PAIR[0][1]}]}, {"role": "model", "parts": [{"text": "Como"}]}]}, "gemini"),
        ({"messages": [LAKE, {**COMO, "content": [{"type": "text", "text": "Como"}]}], "tools": [TOOL]}, "anthropic"),
        ({"conversations": {"from": ["human", "gpt"], "value": ["Name a lake.", "Como"]}}, "turn-columns"),
        ({"messages": {"role": ["user", "assistant"], "content": ["Name a lake.", "Como"]}}, "turn-columns"),
        ({"from": ["human", "gpt"], "value": ["Name a lake.", "Como"], "id": "1"}, "turn-columns"),
        ({"role": ["user", "assistant"], "content": ["Name a lake.", "Como"]}, "turn-columns"),
        ({"question": "Name a lake.", "answer": "Como"}, "question-answer"),
        ({"问题": "Name a lake.", "回答": "Como"}, "question-answer"),
        ({"Question": "Name a lake.", "Answer": "Como", "id": 3}, "question-answer"),
        # The names of pairs stand beside another format's.
        ({"messages": [LAKE, COMO], "question": "?", "answer": "!"}, "sft"),
        ({"instruction": "Name a lake.", "output": "Como", "input": "", "answer": "!"}, "alpaca"),
        ({"custom_id": "r", "body": {"model": "m", "messages": [LAKE, COMO]}}, "sft"),
    ],
)  # fmt: skip
def test_rows_are_told_and_read(row, name):
    assert told(row) == name
    assert turns(row) == PAIR


@pytest.mark.parametrize(
    "row",
    [
        {"question": "Which is a lake?", "choices": ["Como", "Rome"], "answer": "Como"},
        {"question": "Which is a lake?", "answer": 1},
        {"question": "Which is a lake?", "answers": ["Como"]},
        {"contents": "Chapter 1: lakes"},
        {"from": "human", "value": "Name a lake."},
        {"role": "user", "content": "Name a lake."},
        {"text": "The fields USER: and ASSISTANT: hold names."},
        {"text": "### Response: none yet\n### Instruction: read on"},
        {"text": "Lakes are wet."},
        {"prompt": "Name a lake.", "response": "Como", "label": True},
    ],
)
def test_rows_whose_values_do_not_fit_are_of_no_format(row):
    assert told(row) == ""


def test_what_was_taken_as_what_is_said(curate, tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(dumped({"题目": "一加一？", "答案": "二", "input": "x"}) + b"\n")
    said = "row 1 has 题目 and 答案, read with 题目 as the prompt and 答案 as the response"
    assert said in curate("detect", path).stdout
    assert said in curate("validate", path).stderr
    assert said in curate("stats", path).stderr
    assert said in curate("dedup", path, tmp_path / "kept.jsonl").stderr
    done = curate("convert", path, tmp_path / "out.jsonl", "--to", "alpaca")
    assert said in done.stderr and "wrote 1" in done.stderr
    assert detect_file(str(tmp_path / "out.jsonl")).format == "alpaca"


def test_a_context_is_the_input():
    row = {"question": "How deep?", "context": "Como: 410 m", "answer": "410 m"}
    out = written(row, "alpaca")
    assert (out["instruction"], out["input"], out["output"]) == ("How deep?", "Como: 410 m", "410 m")


def test_replies_in_the_prompt_of_trl_are_not_trained_on():
    row = {"prompt": [LAKE, COMO, LAKE], "completion": [COMO]}
    assert [message.weight for message in record(row).messages] == [None, 0.0, None, None]
    assert written(row, "trl") == row
    assert problem({"prompt": [LAKE], "completion": [LAKE, COMO]}).path == "$.completion[0]"
    assert problem({"prompt": [LAKE], "completion": [{**COMO, "role": "bot"}]}).path == "$.completion[0].role"
    with pytest.raises(Invalid, match="earlier replies are trained on"):
        written({"messages": [LAKE, COMO, LAKE, COMO]}, "trl")


def test_a_completion_that_is_judged_is_no_row_of_trl():
    assert told({"prompt": [LAKE], "completion": [COMO], "label": False}) != "trl"
    assert told({"prompt": [LAKE], "completion": [COMO], "label": "lakes"}) == "trl"


def test_fields_of_turns_in_both_lists_of_trl_are_kept():
    row = {"prompt": [{**LAKE, "lang": "en"}], "completion": [{**COMO, "score": 3}], "split": "a"}
    assert written(row, "sft") == {"messages": [{**LAKE, "lang": "en"}, {**COMO, "score": 3}], "split": "a"}


def test_pairs_of_xtuner():
    row = {
        "conversation": [
            {"system": "Be brief.", "input": "Name a lake.", "output": "Rome", "output_with_loss": False},
            {"input": "Really?", "output": "Como", "topic": "lakes"},
        ]
    }
    found = record(row)
    assert [message.role for message in found.messages] == ["system", "user", "assistant", "user", "assistant"]
    assert [message.weight for message in found.messages] == [None, None, 0.0, None, None]
    assert written(row, "xtuner") == row
    assert written(row, "firefly")["conversation"][1] == {
        "human": "Really?",
        "assistant": "Como",
        "topic": "lakes",
    }
    text = problem({"conversation": [{"input": "", "output": "Lakes are wet."}]})
    assert text.code == "E205" and "text for pretraining" in text.message


def test_blocks_of_anthropic_are_calls_results_and_thoughts():
    assert told(ANTHROPIC) == "anthropic"
    found = record(ANTHROPIC)
    assert [message.role for message in found.messages] == ["system", "user", "assistant", "tool", "user", "assistant"]
    call, result = found.messages[2], found.messages[3]
    assert (call.content, call.reasoning) == ("One moment.", "Look it up.")
    (made,) = json.loads(call.tool_calls)
    assert made["id"] == result.tool_call_id == "t1" and result.content == "410 m"
    assert made["function"] == {"name": "depth", "arguments": '{"lake":"Como"}'}
    assert json.loads(found.tools) == [OPENAI_TOOL]
    assert written(ANTHROPIC, "anthropic") == ANTHROPIC
    assert RowEncoder(FORMATS["sft"]).encode(found).lost == []


def test_parts_of_gemini_are_calls_results_and_thoughts():
    found = record(GEMINI)
    assert [message.role for message in found.messages] == ["system", "user", "assistant", "tool", "assistant"]
    assert json.loads(found.messages[2].tool_calls)[0]["function"] == {"name": "depth", "arguments": '{"lake":"Como"}'}
    assert found.messages[3].content == '{"m":410,"sea":false}' and found.messages[4].reasoning == "Quote it."
    out = written(GEMINI, "gemini")
    assert out["contents"] == GEMINI["contents"] and out["tools"] == GEMINI["tools"]
    assert written(GEMINI, "anthropic")["messages"][2]["content"][0]["tool_use_id"] == "call_1"


@pytest.mark.parametrize(
    ("row", "code", "path"),
    [
        ({"messages": [{"role": "user", "content": [{"type": "tool_use"}]}]}, "E104", "$.messages[0].content[0]"),
        ({"messages": [{"role": "tool", "content": "x"}], "tools": [TOOL]}, "E103", "$.messages[0].role"),
        ({"contents": [{"role": "assistant", "parts": [{"text": "x"}]}]}, "E103", "$.contents[0].role"),
        ({"contents": [{"role": "user", "parts": [{"sound": "x"}]}]}, "E105", "$.contents[0].parts[0]"),
        ({"custom_id": "r", "body": {"messages": [LAKE]}}, "E206", "$.body.messages[0]"),
        ({"custom_id": "r", "response": {"body": {"choices": [{"message": COMO}]}}}, "E205", "$.response"),
        ({"custom_id": "r", "body": {"messages": []}, "response": {"body": {}}}, "E102", "$.response.body.choices"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(row, code, path):
    found = problem(row)
    assert (found.code, found.path) == (code, path)


def test_a_request_with_its_response_is_a_conversation():
    answer = {"status_code": 200, "body": {"choices": [{"message": {**COMO, "refusal": None}}]}}
    row = {"custom_id": "r1", "body": {"model": "m", "messages": [LAKE], "tools": [OPENAI_TOOL]}, "response": answer}
    out = written(row, "sft")
    assert out["messages"] == [LAKE, {**COMO, "refusal": None}] and out["tools"] == [OPENAI_TOOL]
    assert out["body"] == {"model": "m"} and out["custom_id"] == "r1" and out["response"] == answer
    assert told(out) == "sft" and turns(out) == PAIR


def test_a_file_of_many_names_makes_no_decoder_a_row(tmp_path):
    decoder = RowDecoder(ALL)
    for i in range(50):
        found = decoder.one(dumped({"problem": f"{i}+1", "solution": str(i + 1), "answer": "x", "prompt": "y"}))
        assert isinstance(found, Read) and found.conversation.prompt() == f"{i}+1"
    assert len(decoder.further) == 1


LLAMA = "<|start_header_id|>{}<|end_header_id|>\n\n{}<|eot_id|>"
GEMMA = "<start_of_turn>{}\n{}<end_of_turn>\n"


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("<|begin_of_text|>" + LLAMA.format("user", "Name a lake.") + LLAMA.format("assistant", "Como"), "llama-3"),
        ("<bos>" + GEMMA.format("user", "Name a lake.") + GEMMA.format("model", "Como"), "gemma"),
        ("<s>[INST] Name a lake. [/INST] Como</s>", "mistral"),
        ("USER: Name a lake. ASSISTANT: Como</s>", "vicuna"),
        ("### Human: Name a lake.### Assistant: Como", "human"),
        ("### Instruction:\nName a lake.\n\n### Response:\nComo<|endoftext|>", "instruction"),
    ],
)
def test_text_of_templates_is_read(text, shape):
    row = {"text": text, "n": 1}
    found = RowDecoder(ALL).one(dumped(row))
    assert (found.format.name, found.shape.name) == ("rendered-text", shape)
    assert turns(row) == PAIR
    label = "rendered-text" if shape == "llama-3" else f"rendered-text/{shape}"
    again = json.loads(RowEncoder(lookup(label)).encode(found.conversation).data)
    assert RowDecoder(ALL).one(dumped(again)).shape.name == shape and turns(again) == PAIR and again["n"] == 1


def test_system_prompts_and_inputs_of_rendered_text():
    llama2 = (
        "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nName a lake. [/INST] Como </s><s>[INST] More. [/INST] Garda </s>"
    )
    assert turns({"text": llama2}) == [("system", "Be brief."), *PAIR, ("user", "More."), ("assistant", "Garda")]
    vicuna = "A chat about lakes. USER: Name a lake. ASSISTANT: Como</s>USER: More. ASSISTANT: Garda</s>"
    assert turns({"text": vicuna})[0] == ("system", "A chat about lakes.") and len(turns({"text": vicuna})) == 5
    task = {"text": "Below is a task.\n\n### Instruction:\nAdd.\n\n### Input:\n1+1\n\n### Response:\n2"}
    assert written(task, "alpaca") == {
        "instruction": "Add.",
        "input": "1+1",
        "output": "2",
        "system": "Below is a task.",
    }


def test_text_that_is_of_no_turn_and_turns_with_marks_are_refused():
    cut = problem(
        {"text": LLAMA.format("user", "Name a lake.") + "<|start_header_id|>assistant<|end_header_id|>\n\nCo"}
    )
    assert cut.code == "E106" and cut.message.startswith("llama-3: text outside a turn")
    assert problem({"text": LLAMA.format("narrator", "x")}).code == "E103"
    with pytest.raises(Invalid, match="holds a mark of human itself"):
        RowEncoder(lookup("rendered-text/human")).encode(record({"question": "a ### Human: b", "answer": "c"}))


def test_columns_of_turns_keep_further_fields_and_name_what_does_not_fit():
    row = {"conversations": {"from": ["human", "gpt"], "value": ["Name a lake.", "Como"], "score": [None, 3]}}
    assert written(row, "sharegpt")["conversations"][1] == {"from": "gpt", "value": "Como", "score": 3}
    assert written(row, "turn-columns") == row
    uneven = problem({"from": ["human"], "value": ["a", "b"]})
    assert uneven.code == "E101" and "1 under from, 2 under value" in uneven.message
    assert problem({"role": ["user", "bot"], "content": ["a", "b"]}).path == "$[1].role"


def said(text: str, role: str, *replies: dict, **fields) -> dict:
    return {"text": text, "role": role, "replies": list(replies), **fields}


TREE = {
    "message_tree_id": "t1",
    "prompt": said(
        "Name a lake.",
        "prompter",
        said("Rome", "assistant", rank=1, message_id="worse"),
        said(
            "Como",
            "assistant",
            said(
                "Why?", "prompter", said("Wet.", "assistant", message_id="leaf"), said("x", "assistant", deleted=True)
            ),
            said("Unanswered?", "prompter"),
            rank=0,
        ),
    ),
}


def messages_of(node: dict, parent: str | None = None) -> list[dict]:
    """A tree as messages, one a row."""
    name = node.get("message_id", node["text"])
    own = {**{k: v for k, v in node.items() if k != "replies"}, "message_id": name, "parent_id": parent}
    return [own, *(message for reply in node["replies"] for message in messages_of(reply, name))]


def test_a_tree_is_its_best_path_or_a_row_for_each_path():
    assert told(TREE) == "oasst"
    assert turns(TREE) == [*PAIR, ("user", "Why?"), ("assistant", "Wet.")]
    assert written(TREE, "oasst") == TREE and written(TREE, "sft")["prompt"] == TREE["prompt"]
    assert told(written(TREE, "sft")) == "sft"
    rows = RowEncoder(FORMATS["sft"], turns="split").rows(record(TREE))
    paths = [json.loads(row.data) for row in rows]
    assert [path["message_id"] for path in paths] == ["leaf", "worse"]
    assert paths[1]["messages"][1]["content"] == "Rome" and "prompt" not in paths[1]
    assert all(row.lost == ["prompt (the tree's labels and other paths)"] for row in rows)


def test_messages_of_trees_are_read_in_any_order(curate, tmp_path):
    other = [
        {"message_id": "q", "parent_id": None, "role": "prompter", "text": "Deep?"},
        {"message_id": "r", "parent_id": "q", "role": "assistant", "text": "Very."},
        {"message_id": "s", "parent_id": "gone", "role": "assistant", "text": "So."},
    ]
    rows = [*messages_of(TREE["prompt"])[::-1], *other]
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b"".join(dumped(row) + b"\n" for row in rows))
    assert detect_file(str(source)).shares == {"oasst": 1.0}
    done = curate("convert", source, out, "--to", "sft", "--turns", "split")
    found = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["message_id"] for row in found] == ["leaf", "worse", "r"]
    assert "read 3, wrote 3, rejected 1" in done.stderr and 'no root is above its parent "gone"' in done.stderr


def test_a_chain_of_many_messages_is_no_burden():
    from schemas.oasst_messages import trees

    rows = [(0, b'{"message_id":0,"parent_id":null,"role":"prompter","text":"a"}')]
    rows += [
        (i, b'{"message_id":%d,"parent_id":%d,"role":"assistant","text":"b"}' % (i, i - 1)) for i in range(1, 9000)
    ]
    ((number, tree),) = trees(rows)
    assert number == 0 and tree.count(b'"replies"') == 9000
    assert problem(json.loads('{"message_tree_id": 1, "prompt": {"replies": [], "role": 1}}')).code in ("E101", "E102")
    assert isinstance(RowDecoder(ALL).one(tree), Problem)
    loop = [
        (1, b'{"message_id":1,"parent_id":2,"role":"a","text":"b"}'),
        (2, b'{"message_id":2,"parent_id":1,"role":"a","text":"b"}'),
    ]
    assert list(trees(loop)) == loop


SEED = {
    "id": "s1",
    "name": "add",
    "instruction": "Add.",
    "instances": [{"input": "1+1", "output": "2"}, {"input": "2+2", "output": "4", "note": "even"}],
}


@pytest.mark.parametrize("to", ["sft", "alpaca", "self-instruct/seed"])
def test_a_seed_task_is_a_row_for_each_instance(to):
    rows = [json.loads(row.data) for row in RowEncoder(lookup(to), turns="split").rows(record(SEED))]
    prompts = [record(row).messages[0].content for row in rows]
    assert prompts == ["Add.\n1+1", "Add.\n2+2"] and [row["id"] for row in rows] == ["s1", "s1"]
    assert "instances" not in rows[0] or len(rows[0]["instances"]) == 1
    assert rows[1]["instances"] == [{"input": "2+2", "output": "4", "note": "even"}]
    (whole,) = RowEncoder(lookup(to)).rows(record(SEED))
    assert json.loads(whole.data)["instances"] == SEED["instances"]
    # A field of the same name that is something else is no task.
    assert len(RowEncoder(lookup(to), turns="split").rows(record({**ALPACA, "instances": SEED["instances"]}))) == 1


ALPACA = {"instruction": "Name a lake.", "input": "", "output": "Como"}


def test_a_turn_by_the_assistant_alone_is_named():
    assert "text for pretraining, no pair" in problem({"messages": [COMO]}).message
    assert "pretraining" not in problem({"messages": [COMO, LAKE, COMO]}).message


def test_rows_by_keys_have_them_as_ids(curate, tmp_path):
    source, out = tmp_path / "in.json", tmp_path / "out.jsonl"
    rows = {"a1": ALPACA, "a2": {**ALPACA, "id": 7}, "a3": ALPACA}
    source.write_text(json.dumps(rows, indent=1))
    assert curate("convert", source, out, "--to", "alpaca").returncode == 0
    found = [json.loads(line) for line in out.read_text().splitlines()]
    assert found == [{"id": "a1", **ALPACA}, {"key": "a2", **ALPACA, "id": 7}, {"id": "a3", **ALPACA}]
    source.write_text(json.dumps({"a1": ALPACA, "note": {"by": "me"}}))
    assert detect_file(str(source)).shares == {"": 1.0}


def test_system_prompts_of_blocks_and_of_the_python_client():
    blocks = [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}]
    row = {"system": blocks, "messages": [LAKE, COMO]}
    assert told(row) == "anthropic" and turns(row) == [("system", "Be brief."), *PAIR]
    assert written(row, "sft")["system_blocks"] == blocks
    assert problem({"system": [3], "messages": [LAKE, COMO]}, "anthropic").path == "$.system"
    gemini = {**GEMINI, "system_instruction": GEMINI["systemInstruction"]}
    del gemini["systemInstruction"]
    assert written(gemini, "gemini") == written(GEMINI, "gemini")


@pytest.mark.parametrize("text", ["[INST]", "</s>", "<s>", "USER: ", "### Human:", "<|start_header_id|>", "\n"])
def test_long_texts_of_marks_take_linear_time(text):
    begun = time.perf_counter()
    for around in ("{}", "### Human: a\n### Assistant: {}", "USER: a ASSISTANT: {}"):
        RowDecoder(ALL).one(dumped({"text": around.format(text * (200_000 // len(text)))}))
    assert time.perf_counter() - begun < 5
