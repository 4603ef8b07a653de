"""`curate doctor` for pairs, labels, media, and for Axolotl, TRL and Unsloth; tests/peers compares with the tools."""

from __future__ import annotations

import json

import pytest

from curate.doctor.examined import Settings
from curate.doctor.llamafactory import examine
from curate.doctor.llamafactory_entry import parse
from curate.doctor.tools import TOOLS
from schemas.templates import lookup

ROLES = {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}


def write(folder, rows, name="rows.jsonl"):
    path = folder / name
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return str(path)


def talk(*turns, **fields):
    """Messages: the turns are texts by user and assistant in turn, or turns as they are."""
    roles = ["user", "assistant"] * len(turns)
    said = [t if isinstance(t, dict) else {"role": r, "content": t} for r, t in zip(roles, turns, strict=False)]
    return {"messages": said, **fields}


def verdicts(examined):
    return [(f.row, f.verdict, f.path) for f in examined.findings]


def entry(**columns):
    return parse({"formatting": "sharegpt", "columns": {"messages": "messages", **columns}, "tags": ROLES})


def test_labelled_rows_are_judged_as_kto(tmp_path):
    rows = [talk("天空是什么颜色？", "蓝色。", label=True), talk("天空？", "椅子。", label=False)]
    assert not examine(write(tmp_path, rows), entry(kto_tag="label")).findings
    rows[1]["label"] = None
    rows.append(talk("a", "", label=True))
    found = verdicts(examine(write(tmp_path, rows), entry(kto_tag="label")))
    assert found == [(2, "drop", "$.label"), (3, "change", "$.messages[1].content")]


def test_a_labelled_row_without_an_answer_ends_the_run_at_the_next(tmp_path):
    rows = [talk("a", "b", label=True), talk("a", label=True), talk("a", "b", label=False)]
    (finding,) = examine(write(tmp_path, rows), entry(kto_tag="label")).findings
    assert (finding.row, finding.verdict) == (2, "crash") and "IndexError at row 3" in finding.why
    rows.insert(2, talk("a", label=True))  # the row after it is left out, too
    assert [f.verdict for f in examine(write(tmp_path, rows), entry(kto_tag="label")).findings] == ["drop", "crash"]


def test_pairs_are_judged_as_such(tmp_path):
    answers = {name: {"role": "assistant", "content": name} for name in ("chosen", "rejected")}
    rows = [
        talk("a", **answers),
        talk("a", "b", **answers),
        talk("a", **(answers | {"rejected": {"role": "bot", "content": "c"}})),
        talk("a", **(answers | {"rejected": None})),
    ]
    path = write(tmp_path, rows)
    read = parse(
        {
            "formatting": "sharegpt",
            "ranking": True,
            "columns": {"messages": "messages", "chosen": "chosen", "rejected": "rejected"},
            "tags": ROLES,
        }
    )
    expected = [(2, "drop", "$.messages[1]"), (3, "crash", "$.rejected.role"), (4, "drop", "$.chosen")]
    assert verdicts(examine(path, read)) == expected


def test_images_are_counted(tmp_path):
    rows = [
        talk("<image><image>一样吗？", "一样。", images=["a.png", "b.png"]),
        talk("<image>One.", "Ok.", images=["a.png", "b.png"]),
        talk("No mark.", "Ok.", images=["a.png"]),
        talk("<image>No image.", "Ok.", images=[]),
    ]
    path = write(tmp_path, rows)
    crashes = [(row, "crash", "$.images") for row in (2, 3, 4)]
    assert verdicts(examine(path, entry(images="images"))) == crashes
    assert [row for row, *_ in verdicts(examine(path, entry(images="images"), lookup("qwen")))] == [1, 2, 3]
    assert {verdict for _, verdict, _ in verdicts(examine(path, entry()))} == {"unknown"}


def test_an_empty_thought_of_a_reasoning_template_is_trained_on(tmp_path):
    path = write(tmp_path, [talk("2+2?", "4"), talk("2+2?", "<think>\n二加二\n</think>\n\n4")])
    for thinking, row in ((True, 1), (False, 2)):
        (finding,) = examine(path, None, lookup("qwen3"), thinking).findings
        assert (finding.row, finding.verdict) == (row, "change")
    assert not examine(path, None, lookup("qwen3_nothink"), True).findings


def test_calls_that_are_not_read_and_columns_that_are_not_named(tmp_path):
    call = {"role": "assistant", "content": "Let me see.", "tool_calls": [{"function": {"name": "f", "arguments": {}}}]}
    path = write(
        tmp_path, [talk("Price?", call, {"role": "tool", "content": "3"}, {"role": "assistant", "content": "3"})]
    )
    tags = {**ROLES, "observation_tag": "tool", "function_tag": "call"}
    for formatting, field in (("sharegpt", "tool_calls"), ("openai", "content")):
        read = parse({"formatting": formatting, "columns": {"messages": "messages"}, "tags": tags})
        assert (1, "change", f"$.messages[1].{field}") in verdicts(examine(path, read))
    plain = examine(write(tmp_path, [{"text": "a"}]), parse({"columns": {"prompt": "text"}}))
    assert verdicts(plain)[0] == (1, "drop", "$")


def test_axolotl(tmp_path):
    rows = [
        talk("a", "b"),
        talk("a"),
        talk("a", {"role": "assistant"}),
        talk("a", {"role": "assistant", "content": "b", "weight": 0}, "c", "d"),
        talk("a", {"role": "assistant", "content": "b", "reasoning_content": "想"}),
        talk("a", "b", tools=""),
    ]
    path = write(tmp_path, rows)
    examine_ = TOOLS["axolotl"].examine
    assert verdicts(examine_(path, Settings(lookup("chatml")))) == [
        (2, "drop", "$.messages"),
        (3, "crash", "$.messages[1].content"),
        (4, "change", "$.messages[1].weight"),
        (5, "change", "$.messages[1].reasoning_content"),
        (6, "crash", "$.tools"),
    ]
    own = verdicts(examine_(path, Settings()))
    only = write(tmp_path, [talk("a", {"role": "assistant", "content": "", "reasoning_content": "想"})], "only.jsonl")
    for template, expected in ((None, "unknown"), (lookup("chatml"), "drop")):
        assert verdicts(examine_(only, Settings(template)))[0][1] == expected
    assert (3, "unknown", "$.messages[1].content") in own and (5, "unknown", "$.messages[1].reasoning_content") in own


def test_axolotls_configuration_counts(tmp_path):
    row = {"talk": [{"who": "kunde", "text": "a"}, {"who": "bot", "text": "b", "learn": True}]}
    path = write(tmp_path, [row])
    item = {"path": path, "type": "chat_template", "field_messages": "talk", "roles": {"user": ["kunde"]}}
    item |= {"message_property_mappings": {"role": "who", "content": "text"}, "message_field_training": "learn"}
    config = tmp_path / "lora.yaml"
    examine_ = TOOLS["axolotl"].examine
    for roles, expected in (({"assistant": ["bot"]}, []), ({}, [(1, "change", "$.talk[1].who")])):
        given = {**item, "roles": item["roles"] | roles}
        config.write_text(json.dumps({"datasets": [given], "chat_template": "chatml"}))  # JSON is YAML
        assert verdicts(examine_(path, Settings(config=str(config)))) == expected
    config.write_text(json.dumps({"datasets": [{**item, "type": "sharegpt.load"}]}))
    assert verdicts(examine_(path, Settings(config=str(config)))) == [(0, "unknown", "$")]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([talk("a", "b"), talk("a"), {"messages": None}], [(2, "crash", "$.messages"), (3, "crash", "$.messages")]),
        ([talk("a", "b"), talk("a", "")], [(2, "change", "$.messages[1].content")]),
        ([talk("a", "b"), talk("a", "b", tools="")], [(2, "crash", "$.tools")]),
        ([talk("a", "b"), talk("a", "b", "c")], []),
        ([{"prompt": "a\n", "completion": "b"}, {"prompt": "a"}], [(2, "crash", "$.completion")]),
        ([{"prompt": "a", "completion": " b"}, {"prompt": "a", "completion": "b"}], [(2, "unknown", "$.completion")]),
        ([{"text": "a"}, {"text": None}], [(2, "crash", "$.text")]),
        ([{"instruction": "a", "output": "b"}], [(0, "crash", "$")]),
        ([{"prompt": "a", "chosen": "b", "rejected": "c"}], [(0, "unknown", "$.chosen")]),
    ],
)
def test_trl(tmp_path, rows, expected):
    assert verdicts(TOOLS["trl"].examine(write(tmp_path, rows), Settings())) == expected


def test_unsloth_looks_at_the_first_ten_rows(tmp_path):
    def chat(*turns):
        return {"conversations": [{"from": sender, "value": text} for sender, text in turns]}

    good, unknown = chat(("Human", "你好"), ("gpt", "您好")), chat(("user", "a"), ("bot", "b"))
    examine_ = TOOLS["unsloth"].examine
    assert not examine_(write(tmp_path, [good] * 3), Settings()).findings
    assert verdicts(examine_(write(tmp_path, [good, unknown]), Settings())) == [(0, "crash", "$.conversations")]
    late = verdicts(examine_(write(tmp_path, [good] * 10 + [unknown]), Settings()))
    assert late == [(11, "crash", "$.conversations[1].from")]


def test_the_command_line_knows_every_tool():
    from curate.commands.doctor import NAMES

    assert tuple(TOOLS) == NAMES


def test_the_command_line_names_the_tool_and_what_is_not_judged(curate, tmp_path):
    path = write(tmp_path, [talk("a", "b"), talk("a", {"role": "assistant", "content": "b", "thinking": "想"})])
    process = curate("doctor", path, "--for", "trl")
    assert process.returncode == 1 and "assistant_only_loss" in process.stdout
    assert "2 rows: 1 trained on as they are, 1 not judged" in process.stderr
    process = curate("doctor", path, "--for", "trl", "--config", "lora.yaml")
    assert process.returncode == 2 and "--config is for --for axolotl" in process.stderr
    whole = curate("doctor", write(tmp_path, [{"question": "a"}]), "--for", "trl")
    assert "1 row: 0 trained on as they are" in whole.stderr and "as a whole: ends the run" in whole.stderr
