"""Preference data is never mended, trained on or written as examples to follow."""

from __future__ import annotations

import json

import pytest

from curate.convert.convert import convert
from curate.convert.options import ConvertOptions
from curate.dedup.mark import mark
from curate.dedup.options import Dedup
from curate.table import table
from schemas.decode import Read, RowDecoder
from schemas.encode import RowEncoder
from schemas.problems import Invalid, Problem
from schemas.registry import FORMATS, lookup
from schemas.trainable import Untrainable, trainable

PAIRS = [
    {
        "conversations": [
            {"from": "human", "value": "Name a fruit."},
            {"from": "gpt", "value": "Plum."},
            {"from": "human", "value": "One more?"},
        ],
        "chosen": {"from": "gpt", "value": "Pear."},
        "rejected": {"from": "gpt", "value": "Brick."},
    },
    {
        "conversations": [{"from": "human", "value": "说一种水果。"}, {"from": "human", "value": "快。"}],
        "chosen": {"from": "gpt", "value": "梨。"},
        "rejected": {"from": "gpt", "value": "砖。"},
    },
    {"instruction": "说一种水果。", "input": "", "chosen": "梨。", "rejected": "砖。"},
    {"prompt": "Name a fruit.", "chosen": "Pear.", "rejected": "Brick."},
]
BAD = [
    {"instruction": "Name a fruit.", "output": "Brick.", "label": False},
    {"instruction": "说一种水果。", "output": "砖。", "kto_tag": False},
    {
        "messages": [{"role": "user", "content": "Name a fruit."}, {"role": "assistant", "content": "Brick."}],
        "label": False,
    },
]


def data(row: dict) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode()


def record(row: dict):
    read = RowDecoder(list(FORMATS.values())).one(data(row))
    assert isinstance(read, Read), read
    return read.conversation


@pytest.mark.parametrize("row", PAIRS)
@pytest.mark.parametrize("repair", [False, True])
@pytest.mark.parametrize("name", ["sharegpt", "alpaca", "self-instruct"])
def test_a_pair_is_named_and_never_mended(row, repair, name):
    found = RowDecoder([FORMATS[name]], repair=repair).one(data(row))
    assert isinstance(found, Problem) and found.code == "E212"


@pytest.mark.parametrize("row", BAD)
def test_a_bad_answer_is_not_trained_on(row):
    with pytest.raises(Untrainable, match="labelled as a bad one"):
        trainable(record(row))


@pytest.mark.parametrize("row", BAD)
def test_a_label_is_not_dropped_from_a_bad_answer(row):
    with pytest.raises(Invalid) as refused:
        RowEncoder(lookup("dolly"), "drop").encode(record(row))
    assert refused.value.problem.code == "E305"


def test_a_good_answer_is_trained_on():
    assert trainable(record({**BAD[0], "output": "Pear.", "label": True})).is_trained


def test_a_pair_beside_a_whole_conversation_is_not_trained_on():
    with pytest.raises(Untrainable, match="chosen and a rejected"):
        trainable(record({"instruction": "Name a fruit.", "output": "Plum.", "chosen": "Pear.", "rejected": "Brick."}))


@pytest.mark.parametrize("on_invalid", ["reject", "repair"])
def test_converting_refuses_pairs_and_bad_answers_by_name(tmp_path, on_invalid):
    good = {"instruction": "Name a fruit.", "output": "Pear.", "label": True}
    source = tmp_path / "rows.jsonl"
    source.write_bytes(b"\n".join(map(data, [good, *BAD[:2], PAIRS[2]])))
    out = tmp_path / "out.jsonl"
    convert([str(source)], str(out), ConvertOptions(to="sft", name="alpaca", on_invalid=on_invalid))
    assert [json.loads(line)["messages"][1]["content"] for line in out.read_text().splitlines()] == ["Pear."]
    rejected = [json.loads(line) for line in (tmp_path / "out.jsonl.rejects.jsonl").read_text().splitlines()]
    assert [problem["code"] for problem in rejected] == ["E305", "E305", "E212"]
    assert [problem["path"] for problem in rejected] == ["$.label", "$.kto_tag", "$"]


def test_pairs_in_a_block_are_named_as_each_by_itself():
    decoder = RowDecoder([FORMATS["sharegpt"]])
    rows = [data(PAIRS[0])] * 3
    assert [decoder.block(rows)[i] for i in range(3)] == [decoder.one(rows[0])] * 3
    found = decoder.block(rows)[2]
    assert isinstance(found, Problem) and found.code == "E212"


def test_a_bad_answer_is_never_kept_in_place_of_a_good_one(tmp_path):
    rows = [
        {"instruction": "Name a fruit.", "output": "A brick, which is a long and wrong answer.", "label": False},
        {"instruction": "Name a fruit.", "output": "Pear.", "label": True},
        {"instruction": "说一种水果。", "output": "砖头，一个很长的错误回答。", "kto_tag": False},
        {"instruction": "说一种水果。", "output": "梨。", "kto_tag": True},
    ]
    source = tmp_path / "rows.jsonl"
    source.write_bytes(b"\n".join(map(data, rows)))
    marked = mark(table.read([str(source)], "mixed"), Dedup(key="prompt")).rows.table()
    assert marked["duplicate_of"].is_valid().to_pylist() == [True, False, True, False]
