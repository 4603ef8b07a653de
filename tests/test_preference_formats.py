"""Pairs and labelled answers: told, checked, written in one another's formats, and made rows to follow when asked."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.convert.convert import convert
from curate.convert.options import ConvertOptions
from curate.dedup.mark import mark
from curate.dedup.options import Dedup
from curate.errors import CurateError
from curate.export.options import TOOLS
from curate.io import blocks
from curate.table import table
from curate.table.reading import detect_file
from schemas.decode import Read, RowDecoder
from schemas.detection import detect
from schemas.encode import RowEncoder
from schemas.origin import check
from schemas.preference import taken
from schemas.problems import Problem
from schemas.record import Conversation, dumps, loads
from schemas.registry import FORMATS, lookup
from schemas.trainable import Untrainable, trainable
from tests.rows import ROWS, TEXT

ALL = list(FORMATS.values())
ASKED = {"role": "user", "content": "Name a fruit."}
PEAR, BRICK = {"role": "assistant", "content": "Pear."}, {"role": "assistant", "content": "Brick."}
HUMAN = {"from": "human", "value": "Name a fruit."}
PEAR_TURN, BRICK_TURN = {"from": "gpt", "value": "Pear."}, {"from": "gpt", "value": "Brick."}
PAIRS = {
    "dpo": [
        {"prompt": [ASKED], "chosen": [PEAR], "rejected": [BRICK]},
        {"chosen": [ASKED, PEAR], "rejected": [ASKED, BRICK]},
        {"prompt": "Name a fruit.", "chosen": "Pear.", "rejected": "Brick."},
        {"question": "Name a fruit.", "chosen": "Pear.", "rejected": "Brick."},
        {"prompt": "Name a fruit.", "chosen": [ASKED, PEAR], "rejected": [ASKED, BRICK], "messages": [ASKED, PEAR]},
        {
            "chosen": "\n\nHuman: Name a fruit.\n\nAssistant: Pear.",
            "rejected": "\n\nHuman: Name a fruit.\n\nAssistant: Brick.",
        },
    ],
    "ranking": [
        {"conversations": [HUMAN], "chosen": PEAR_TURN, "rejected": BRICK_TURN},
        {"instruction": "Name a fruit.", "input": "", "chosen": "Pear.", "rejected": "Brick."},
        {"instruction": "Name a fruit.", "output": "Plum.", "chosen": "Pear.", "rejected": "Brick."},
    ],
}
LABELLED = {
    "kto": [
        {"prompt": [ASKED], "completion": [BRICK], "label": False},
        {"prompt": "Name a fruit.", "completion": "Brick.", "label": False},
    ],
    "kto-tag": [
        {"conversations": [HUMAN, BRICK_TURN], "kto_tag": False},
        {"conversations": [ASKED, BRICK], "kto_tag": False},
        {"messages": [ASKED, BRICK], "label": False},
        {"messages": [ASKED, BRICK], "kto_tag": False},
        {"instruction": "Name a fruit.", "output": "Brick.", "kto_tag": False},
    ],
}
EACH_PAIR = [(name, row) for name, rows in PAIRS.items() for row in rows]
EACH_LABELLED = [(name, row) for name, rows in LABELLED.items() for row in rows]
OF_PAIRS = ["dpo", "dpo/implicit", "ranking"]
OF_LABELS = ["kto", "kto-tag", "kto-tag/messages"]
FOLLOWED = [name for name, row_format in FORMATS.items() if not row_format.holds]


def data(row: object) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode()


def record(row: object, formats: list = ALL) -> Conversation:
    read = RowDecoder(formats).one(data(row))
    assert isinstance(read, Read), read
    return read.conversation


def problem(row: object, formats: list = ALL) -> Problem:
    found = RowDecoder(formats).one(data(row))
    assert isinstance(found, Problem), found
    return found


def said(messages: list) -> list[tuple]:
    return [(m.role, m.content, m.reasoning, m.tool_calls, m.parts) for m in messages]


@pytest.mark.parametrize(("name", "row"), EACH_PAIR + EACH_LABELLED)
def test_rows_are_told_and_read_alike(name, row):
    assert detect([(1, data(row))]).format == name
    read = record(row)
    assert [m.content for m in read.messages[:-1]] == ["Name a fruit."]
    if "rejected" in row:
        assert read.response() == "Pear."
        assert [m.content for m in read.preference.rejected] == ["Brick."]
    else:
        assert read.response() == "Brick." and read.preference.label is False
    assert loads(dumps(read)) == read


def drawn_record(draw, names: list[str]) -> Conversation | None:
    name = draw.draw(st.sampled_from(names))
    read = RowDecoder([FORMATS[name]]).one(data(draw.draw(ROWS[name])))
    return read.conversation if isinstance(read, Read) else None


def written_and_read(record: Conversation, label: str) -> list[Conversation]:
    to = lookup(label)
    back = [RowDecoder([to]).one(encoded.data) for encoded in RowEncoder(to).rows(record)]
    assert all(isinstance(read, Read) for read in back), back
    return [read.conversation for read in back]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_pairs_are_the_same_in_every_form_of_pairs(draw):
    before = drawn_record(draw, ["dpo", "ranking"])
    label = draw.draw(st.sampled_from(OF_PAIRS))
    if before is None or any(m.parts or m.tool_calls for m in (*before.messages, *before.preference.rejected)):
        return
    (after,) = written_and_read(before, label)
    assert said(after.messages) == said(before.messages)
    assert said(after.preference.rejected) == said(before.preference.rejected)
    assert after.preference.answer == before.preference.answer


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_labels_are_the_same_in_every_form_of_labels(draw):
    before = drawn_record(draw, ["kto", "kto-tag"])
    label = draw.draw(st.sampled_from(OF_LABELS))
    if before is None or any(m.parts or m.tool_calls for m in before.messages):
        return
    (after,) = written_and_read(before, label)
    assert said(after.messages) == said(before.messages)
    assert after.preference.label is before.preference.label


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_pair_is_a_good_answer_and_a_bad_one(draw):
    before = drawn_record(draw, ["dpo", "ranking"])
    if before is None:
        return
    good, bad = written_and_read(before, "kto")
    assert (good.preference.label, bad.preference.label) == (True, False)
    assert said(good.messages) == said(before.messages)
    assert said(bad.messages[-len(before.preference.rejected) :]) == said(before.preference.rejected)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_bad_answer_is_ever_one_to_follow(draw):
    before = drawn_record(draw, ["dpo", "ranking", "kto", "kto-tag"])
    if before is None:
        return
    own = before.preference
    encoder = RowEncoder(lookup(draw.draw(st.sampled_from(FOLLOWED))), draw.draw(st.sampled_from(["keep", "drop"])))
    if own.rejected is not None or own.label is False:
        with pytest.raises(Untrainable):
            trainable(before)
        with pytest.raises(Exception, match=r"pair of a chosen|bad one"):
            encoder.encode(before)
    if own.label is not False:
        followed, left_out = taken(before)
        assert said(followed.messages) == said(before.messages) and left_out
        assert followed.preference is None
        if any(message.parts for message in before.messages):  # images cannot be trained on, whatever the label
            return
        for before_turn, turn in list(zip(before.messages, trainable(followed).turns, strict=True))[: -own.answer]:
            assert turn.weight == 0 or before_turn.weight is not None


@given(TEXT, st.booleans())
@settings(max_examples=50, deadline=None)
def test_what_a_row_says_includes_its_preference(text, label):
    pair = {"prompt": "a", "chosen": "b", "rejected": "c"}
    assert check(record(pair)) != check(record(pair | {"rejected": f"c{text}d"}))
    row = {"prompt": "a", "completion": "b", "label": label}
    assert check(record(row)) != check(record(row | {"label": not label}))


@pytest.mark.parametrize(
    ("row", "code", "path"),
    [
        ({"prompt": "a", "chosen": "b", "rejected": ""}, "E213", "$.rejected"),
        ({"prompt": "a", "chosen": "b", "rejected": None}, "E213", "$.rejected"),
        ({"prompt": "a", "chosen": "b"}, "E213", "$.rejected"),
        ({"prompt": "a", "chosen": [], "rejected": "b"}, "E213", "$.chosen"),
        ({"chosen": [ASKED, PEAR], "rejected": [ASKED]}, "E213", "$.rejected"),
        ({"instruction": "a", "chosen": " ", "rejected": "b"}, "E213", "$.chosen"),
        ({"conversations": [HUMAN], "chosen": PEAR_TURN, "rejected": PEAR_TURN}, "E214", "$.rejected"),
        ({"prompt": "a", "chosen": "b", "rejected": "b "}, "E214", "$.rejected"),
        ({"chosen": [ASKED, PEAR], "rejected": [ASKED, PEAR]}, "E214", "$.rejected"),
        ({"chosen": "The sea.", "rejected": "The sky."}, "E215", "$.chosen"),
        ({"chosen": [ASKED, PEAR], "rejected": [{**ASKED, "content": "x"}, BRICK]}, "E215", "$.rejected[0]"),
        ({"prompt": "a", "completion": "b", "label": "true"}, "E216", "$.label"),
        ({"prompt": "a", "completion": "b", "label": 1}, "E216", "$.label"),
        ({"messages": [ASKED, PEAR], "label": "False"}, "E216", "$.label"),
        ({"messages": [ASKED, PEAR], "kto_tag": None}, "E216", "$.kto_tag"),
        ({"prompt": [ASKED, PEAR], "chosen": [PEAR], "rejected": [BRICK]}, "E204", "$.rejected[0]"),
        ({"conversations": [HUMAN], "chosen": {"from": "gtp", "value": "b"}, "rejected": "c"}, "E103", "$.chosen.from"),
        ({"prompt": "a", "chosen": 3, "rejected": "c"}, "E101", "$.chosen"),
    ],
)
@pytest.mark.parametrize("repair", [False, True])
def test_malformed_sides_are_named_at_their_place(row, code, path, repair):
    found = RowDecoder(ALL, repair=repair and code not in ("E101", "E103")).one(data(row))
    assert isinstance(found, Problem) and (found.code, found.path) == (code, path)


def test_a_label_that_is_a_class_is_no_judgement():
    spam = {"messages": [ASKED, PEAR], "label": False, "category": "Classification"}
    assert trainable(record(spam)).is_trained and record(spam).preference is None
    assert record({"messages": [ASKED, PEAR], "label": "fruit"}).preference is None
    assert trainable(record({"instruction": "Spam?", "output": "No.", "label": False, "task_type": "classification"}))
    with pytest.raises(Untrainable):
        trainable(record({"instruction": "Spam?", "output": "No.", "label": False}))


def test_a_label_beside_alpaca_is_written_as_one():
    (back,) = written_and_read(record({"instruction": "a", "output": "b", "label": False}), "kto")
    assert back.preference.label is False


ROWS_OF_PAIRS = [
    {"prompt": "Name a fruit.", "chosen": "Pear.", "rejected": "Brick.", "score": 3},
    {"prompt": "Name a lake.", "chosen": "Como", "rejected": ""},
    {"prompt": "说一种水果。", "chosen": "梨。", "rejected": "砖。"},
]
ROWS_OF_LABELS = [
    {"prompt": "Name a fruit.", "completion": "Pear.", "label": True},
    {"prompt": "Name a fruit.", "completion": "Brick.", "label": False},
    {"prompt": "Name a lake.", "completion": "Como", "label": "true"},
]


def lines(path) -> list:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def written(path, rows: list):
    path.write_bytes(b"\n".join(map(data, rows)))
    return str(path)


def test_chosen_answers_become_rows_when_they_are_asked_for(tmp_path, curate):
    source, out = written(tmp_path / "pairs.jsonl", ROWS_OF_PAIRS), tmp_path / "out.jsonl"
    done = curate("convert", source, str(out), "--to", "sft", "--take", "chosen")
    assert done.returncode == 0
    assert [row["messages"][1]["content"] for row in lines(out)] == ["Pear.", "梨。"]
    assert lines(out)[0]["score"] == 3 and "Brick" not in out.read_text("utf-8")
    assert "lost rejected in 2 rows" in done.stderr and "rejected 1 for E213" in done.stderr
    assert "read 3, wrote 2, rejected 1" in done.stderr


def test_pairs_are_refused_where_they_are_not_asked_for(tmp_path, curate):
    source = written(tmp_path / "pairs.jsonl", ROWS_OF_PAIRS[::2])
    done = curate("convert", source, str(tmp_path / "out.jsonl"), "--to", "alpaca")
    assert done.returncode == 1
    assert "E305" in done.stderr and "--take chosen" in done.stderr


def test_only_good_answers_become_rows(tmp_path, curate):
    source, out = written(tmp_path / "kto.jsonl", ROWS_OF_LABELS), tmp_path / "out.jsonl"
    done = curate("convert", source, str(out), "--to", "alpaca", "--take", "chosen")
    assert [row["output"] for row in lines(out)] == ["Pear."] and "label" not in lines(out)[0]
    rejected = lines(tmp_path / "out.jsonl.rejects.jsonl")
    assert [(row["row"], row["code"]) for row in rejected] == [(2, "E305"), (3, "E216")]
    assert "lost label in 1 row" in done.stderr


def test_pairs_become_two_labelled_rows_each(tmp_path, curate):
    source, out = written(tmp_path / "pairs.jsonl", ROWS_OF_PAIRS[::2]), tmp_path / "out.jsonl"
    done = curate("convert", source, str(out), "--to", "kto/text")
    assert [(row["completion"], row["label"]) for row in lines(out)] == [
        ("Pear.", True),
        ("Brick.", False),
        ("梨。", True),
        ("砖。", False),
    ]
    assert "2 pairs written as two rows each" in done.stderr and "read 2, wrote 4, rejected 0" in done.stderr
    done = curate("convert", source, str(out), "--to", "kto", "--lossless")
    assert done.returncode == 1 and "E304" in done.stderr


def test_labels_are_not_made_pairs(tmp_path, curate):
    source = written(tmp_path / "kto.jsonl", ROWS_OF_LABELS[:2])
    done = curate("convert", source, str(tmp_path / "out.jsonl"), "--to", "dpo")
    assert done.returncode == 1 and "E306" in done.stderr and "no other to compare it with" in done.stderr


def test_take_is_for_formats_of_conversations(tmp_path):
    source = written(tmp_path / "pairs.jsonl", ROWS_OF_PAIRS)
    with pytest.raises(CurateError, match="dpo is for preference data"):
        convert([source], str(tmp_path / "out.jsonl"), ConvertOptions(to="dpo", take="chosen"))


def test_thoughts_of_rejected_answers_are_dropped_as_well(tmp_path):
    row = {"prompt": "a", "chosen": "<think>x</think>b", "rejected": "<think>y</think>c"}
    source, out = written(tmp_path / "pairs.jsonl", [row]), tmp_path / "out.jsonl"
    convert([source], str(out), ConvertOptions(to="dpo/text", reasoning="drop"))
    assert lines(out) == [{"prompt": "a", "chosen": "b", "rejected": "c"}]


def test_pairs_are_duplicates_by_prompt(tmp_path):
    rows = [ROWS_OF_PAIRS[0], {**ROWS_OF_PAIRS[0], "rejected": "A stone."}, ROWS_OF_PAIRS[2]]
    source = written(tmp_path / "pairs.jsonl", rows)
    assert detect_file(source).format == "dpo"
    pool = table.read([source])
    by_prompt = mark(pool, Dedup(key="prompt")).rows.table()["duplicate_of"].is_valid().to_pylist()
    assert sum(by_prompt[:2]) == 1 and not by_prompt[2]
    assert not any(mark(pool, Dedup(near=None)).rows.table()["duplicate_of"].is_valid().to_pylist())


def test_bad_answers_are_never_selected(tmp_path, curate):
    rows = [{"prompt": f"Question {i}?", "completion": f"Answer {i}.", "label": i % 3 > 0} for i in range(12)]
    source, out = written(tmp_path / "kto.jsonl", rows), tmp_path / "out.jsonl"
    done = curate("select", source, str(out), "--size", "12", "--method", "random")
    assert done.returncode == 0, done.stderr
    assert len(lines(out)) == 8 and all(row["label"] is True for row in lines(out))
    assert "4 rows have an answer that is labelled as bad and is never selected" in done.stderr
    bad = written(tmp_path / "bad.jsonl", [row for row in rows if not row["label"]])
    done = curate("select", bad, str(out), "--size", "2", "--method", "random")
    assert done.returncode == 1 and "labelled as bad" in done.stderr


def test_pairs_are_selected_as_pairs(tmp_path, curate):
    rows = [{"prompt": f"Question {i}?", "chosen": f"Answer {i}.", "rejected": "None."} for i in range(6)]
    source, out = written(tmp_path / "pairs.jsonl", rows), tmp_path / "out.jsonl"
    done = curate("select", source, str(out), "--size", "2", "--method", "random")
    chosen, worse = [row["chosen"][0]["content"] for row in lines(out)], [row["rejected"] for row in lines(out)]
    assert len(set(chosen)) == 2 and set(chosen) <= {row["chosen"] for row in rows}
    assert worse == [[{"role": "assistant", "content": "None."}]] * 2
    assert "6 rows are pairs of answers; the chosen one counts" in done.stderr
    done = curate("select", source, str(out), "--size", "2", "--method", "random", "--to", "sft")
    assert done.returncode == 1 and "E305" in done.stderr and "--take chosen" in done.stderr


def test_stats_count_answers_by_what_they_are(tmp_path, curate):
    source = written(tmp_path / "kto.jsonl", ROWS_OF_LABELS[:2])
    assert json.loads(curate("stats", source, "--json").stdout)["preference"] == {"bad answers": 1, "good answers": 1}
    source = written(tmp_path / "pairs.jsonl", ROWS_OF_PAIRS)
    assert json.loads(curate("stats", source, "--json").stdout)["preference"] == {"pairs": 2}


@pytest.mark.parametrize("tool", TOOLS)
def test_exports_leave_out_pairs_and_bad_answers(tmp_path, curate, tool):
    seas = ({"prompt": f"Name sea {i}.", "completion": f"Azov {i}", "label": True} for i in range(10))
    source = written(tmp_path / "kto.jsonl", [*ROWS_OF_LABELS[:2], *seas])
    done = curate("export", source, str(tmp_path / tool), "--for", tool)
    assert done.returncode == 0 and "left out 1" in done.stderr, done.stderr
    (path,) = (tmp_path / tool).rglob("train.[jp]*[lt]")
    texts = b"".join(row for block in blocks(str(path)) for row in block.rows).decode()
    assert "Pear." in texts and "Azov" in texts and "Brick." not in texts
