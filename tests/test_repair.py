"""Repairs: only when asked, only what is safe, and written down."""

from __future__ import annotations

import json

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from curate.table import table
from schemas.decode import Read, RowDecoder
from schemas.marks import MARKS
from schemas.problems import Problem
from schemas.registry import FORMATS
from schemas.thoughts import may_have_empty
from tests.rows import ROWS


def share(*turns: tuple[str, str]) -> bytes:
    return json.dumps({"conversations": [{"from": a, "value": b} for a, b in turns]}, ensure_ascii=False).encode()


def rendered(text: str) -> bytes:
    return json.dumps({"text": text}).encode()


CALL = '{"name": "f", "arguments": {}}'
MENDED = [
    ("alpaca", b'\xef\xbb\xbf{"instruction": "a", "output": "b"}', "E001", ["a", "b"]),
    ("alpaca", b'{"instruction": "a, ]", "output": "b",}', "E001", ["a, ]", "b"]),
    ("sft", b'{"messages": [{"role":"user","content":"a",},{"role":"assistant","content":"b"},]}', "E001", ["a", "b"]),
    ("alpaca", b'{"instruction": "1+1?", "output": 2}', "E101", ["1+1?", "2"]),
    ("alpaca", b'{"instruction": "pi?", "output": 3.140}', "E101", ["pi?", "3.140"]),
    ("dolly", b'{"instruction": "sure?", "response": true}', "E101", ["sure?", "true"]),
    ("sharegpt", share(("hummany", "你好"), ("gpt", "您好")), "E103", ["你好", "您好"]),
    ("sharegpt", share(("USER:", "a"), ("Bot", "b")), "E103", ["a", "b"]),
    ("sharegpt", share(("human", "a"), ("human", "b"), ("gpt", "c")), "E204", ["a\n\nb", "c"]),
    ("sharegpt", share(("human", "a"), ("gpt", "b"), ("human", "c")), "E206", ["a", "b"]),
    ("sharegpt", share(("human\t", "a"), (" GPT", "b")), "E103", ["a", "b"]),
    (
        "sharegpt",
        share(("human", "a"), ("Function_Call", CALL), ("Observation ", "x"), ("gpt", "b")),
        "E103",
        ["a", "", "x", "b"],
    ),
    ("chatml", rendered("<|im_start|>User\na<|im_end|><|im_start|>Bot\nb<|im_end|>"), "E103", ["a", "b"]),
    (
        "chatml",
        rendered("<|im_start|>user a b<|im_end|>\n<|im_start|>assistant\n c \n<|im_end|>"),
        "E103",
        ["a b", " c \n"],
    ),
    ("chatml", rendered("<|im_start|>user\na<|im_end|>\n \n<|im_start|>assistant\nb<|im_end|>"), "E106", ["a", "b"]),
    (
        "chatml",
        rendered("<s>\n<|im_start|>user name=Ann\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|></s>\n"),
        "E106",
        ["a", "b"],
    ),
    (
        "chatml",
        b'[{"role":"user","content":"a"},{"role":"user","content":"b"},{"role":"ai","content":"c"}]',
        "E103",
        ["a\n\nb", "c"],
    ),
]


@pytest.mark.parametrize(("name", "row", "code", "said"), MENDED)
def test_mended_when_asked_and_only_then(name, row, code, said):
    problem = RowDecoder([FORMATS[name]]).one(row)
    assert isinstance(problem, Problem) and problem.code == code
    read = RowDecoder([FORMATS[name]], repair=True).one(row)
    assert isinstance(read, Read)
    assert [m.content for m in read.conversation.messages] == said
    assert code in [repair.code for repair in read.repairs]
    assert json.loads(read.data or b"")


UNSAFE = [
    ("alpaca", b'{"instruction": "a", "output": {"n": 2}}', "E101"),
    ("alpaca", b'{"instruction": "a", "output": null}', "E101"),
    ("alpaca", b'{"instruction": "a", "output": ""}', "E202"),
    ("alpaca", b'{"instruction": "a" "output": "b"}', "E001"),
    ("sharegpt", share(("robot", "a"), ("gpt", "b")), "E103"),
    ("chatml", rendered("<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb"), "E106"),
    ("chatml", rendered("<|im_start|>user\na<|im_end|>\nhello\n<|im_start|>assistant\nb<|im_end|>"), "E106"),
    ("chatml", rendered("<|im_start|>robot\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>"), "E103"),
    ("sharegpt", share(("gpt", "a"), ("human", "b"), ("gpt", "c")), "E205"),
    ("sharegpt", share(("human", "a")), "E206"),
    (
        "sft",
        b'{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","weight":0},'
        b'{"role":"assistant","content":"c"}]}',
        "E204",
    ),
]


@pytest.mark.parametrize(("name", "row", "code"), UNSAFE)
def test_what_would_be_a_guess_stays_a_problem(name, row, code):
    result = RowDecoder([FORMATS[name]], repair=True).one(row)
    assert isinstance(result, Problem) and result.code == code


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_valid_rows_are_not_touched(data):
    name = data.draw(st.sampled_from(sorted(FORMATS)))
    row = json.dumps(data.draw(ROWS[name]), ensure_ascii=False).encode()
    assume(not MARKS.search(row.decode()) and not may_have_empty(row))
    plain, repairing = RowDecoder([FORMATS[name]]).one(row), RowDecoder([FORMATS[name]], repair=True).one(row)
    if isinstance(plain, Read):
        assert isinstance(repairing, Read)
        assert (repairing.conversation, repairing.data, repairing.repairs) == (plain.conversation, None, ())


@given(st.binary(max_size=60), st.sampled_from(sorted(FORMATS)))
@settings(deadline=None, max_examples=300)
def test_any_bytes_are_a_row_or_a_problem(data, name):
    for repair in (False, True):
        assert isinstance(RowDecoder([FORMATS[name]], repair=repair).one(data.replace(b"\n", b" ")), (Read, Problem))


def test_the_ledger_says_what_was_mended(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text('{"instruction": "1+1?", "output": 2}\n{"instruction": "a", "output": "b"}\n')
    assert table.read([path], repair=True)["repaired"].to_pylist() == ["E101 $.output: wrote the number as text", None]
    assert table.read([path])["problem"].to_pylist() == ["E101", None]


def test_the_command_line_says_so_too(curate, tmp_path):
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"instruction": "1+1?", "output": 2}\n')
    done = curate("convert", source, out, "--to", "alpaca", "--on-invalid", "repair")
    assert json.loads(out.read_text()) == {"instruction": "1+1?", "output": "2"}
    assert f"repaired 1 for E101, first {source}:1: $.output: wrote the number as text" in done.stderr


@pytest.mark.parametrize(
    "text",
    [
        '[{"instruction": "a, ]", "output": "b",}, {"instruction": "c", "output": "d"},]',
        '[\n  {"instruction": "a, ]", "output": "b",},\n  {"instruction": "c", "output": "d",},\n]\n',
        '\ufeff{"instruction": "a, ]", "output": "b",}\n\ufeff{"instruction": "c", "output": "d"}\n',
        '{\n  "instruction": "a, ]",\n  "output": "b",\n}\n{\n  "instruction": "c",\n  "output": "d",\n}\n',
    ],
)
def test_trailing_commas_anywhere_in_a_file(curate, tmp_path, text):
    ending = "jsonl" if text[0] == "\ufeff" else "json"
    source, out = tmp_path / f"in.{ending}", tmp_path / "out.jsonl"
    source.write_text(text, "utf-8")
    assert curate("convert", source, out, "--to", "alpaca", "--from", "alpaca").returncode in (1, 2)
    done = curate("convert", source, out, "--to", "alpaca", "--from", "alpaca", "--on-invalid", "repair")
    assert done.stderr.splitlines()[-1] == "read 2, wrote 2, rejected 0", done.stderr
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert rows == [{"instruction": "a, ]", "output": "b"}, {"instruction": "c", "output": "d"}]


def test_bytes_that_are_not_utf8_are_seen_even_where_no_value_is_made_of_them():
    rows = [
        b'{"messages": [{"role": "user", "content": "\xae", "content": "a"}, {"role": "assistant", "content": "b"}]}',
        b'{"messages": [{"role": "user", "content": "a", "n": ["\xae"]}, {"role": "assistant", "content": "b"}]}',
        b'{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "n": "\xae"}',
    ]
    for row in rows:
        for result in (RowDecoder([FORMATS["sft"]]).one(row), RowDecoder([FORMATS["sft"]]).block([row])[0]):
            assert isinstance(result, Problem) and result.code == "E002"


@pytest.mark.parametrize(
    ("name", "row", "replies"),
    [
        ("alpaca", b'{"instruction": "Name a moon.", "output": "Io</s>"}', ["Io"]),
        ("alpaca", '{"instruction": "说一种鸟", "output": "喜鹊<|im_end|>\\n"}'.encode(), ["喜鹊"]),
        ("sharegpt", share(("human", "a?"), ("gpt", "b<|eot_id|>"), ("human", "c?"), ("gpt", "d")), ["b", "d"]),
        ("chatml", b'[{"role":"user","content":"a?"},{"role":"assistant","content":"b <eos><pad>"}]', ["b"]),
        ("self-instruct", b'{"prompt": "Name a moon.", "completion": "Io<|endoftext|>"}', ["Io"]),
        # Tokens, templates and marks of other things.
        ("alpaca", b'{"instruction": "Name a token in Monopoly.", "output": "The hat<|endoftext|>"}', ["The hat"]),
        ("alpaca", b'{"instruction": "Who wrote about markets?", "output": "Smith<|endoftext|>"}', ["Smith"]),
    ],
)
def test_special_tokens_come_off_the_end_of_replies_when_asked_and_it_is_written_down(name, row, replies):
    plain = RowDecoder([FORMATS[name]]).one(row)
    assert isinstance(plain, Read) and not plain.repairs  # valid as it is
    decoder = RowDecoder([FORMATS[name]], repair=True)
    for read in (decoder.one(row), *decoder.block([row])):
        assert isinstance(read, Read)
        assert [m.content for m in read.conversation.messages if m.role == "assistant"] == replies
        assert [repair.code for repair in read.repairs] == ["E209"]
        assert json.loads(read.data or b"")


@pytest.mark.parametrize(
    "row",
    [
        b'{"instruction": "Which token ends a text in Llama 2?", "output": "It is </s>"}',
        b'{"instruction": "How does one strike out a word?", "output": "Write <s>word</s>"}',
        b'{"instruction": "Repeat: ok<|end|>", "output": "ok<|end|>"}',
        b'{"instruction": "Close the list in HTML.", "output": "</ul>"}',
        b'{"instruction": "Name a moon.", "output": "Io"}',
        b'{"instruction": "A mark in the middle", "output": "Io <pad> Europa"}',
    ],
)
def test_tokens_that_are_spoken_of_and_other_tags_are_left_alone(row):
    read = RowDecoder([FORMATS["alpaca"]], repair=True).one(row)
    assert isinstance(read, Read) and not read.repairs and read.data is None


def test_a_reply_of_special_tokens_alone_is_empty_once_they_are_off():
    row = b'{"instruction": "Name a moon.", "output": "<|endoftext|>"}'
    problem = RowDecoder([FORMATS["alpaca"]], repair=True).one(row)
    assert isinstance(problem, Problem) and problem.code == "E202"


def test_the_fast_path_repairs_too(tmp_path, curate):
    rows = [b'{"instruction": "Name moon %d.", "output": "Io %d<|endoftext|>"}' % (i, i) for i in range(50)]
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b"\n".join(rows) + b"\n")
    result = curate("convert", source, out, "--to", "sft", "--on-invalid", "repair")
    assert result.returncode == 0, result.stderr
    assert b"endoftext" not in out.read_bytes()
    assert "E209" in result.stderr and "50" in result.stderr


@pytest.mark.parametrize(
    ("name", "row", "said"),
    [
        ("sharegpt", share(("human ", "a"), ("gpt", "b")), "role 'human ' is none of"),
        ("sft", b'{"messages": [{"role": "\\tuser", "content": "a"}]}', r"role '\tuser' is none of"),
        (
            "chatml",
            rendered("<|im_start|>user\na<|im_end|>\n\n\n<|im_start|>assistant\nb<|im_end|>"),
            r"a turn: '\n\n'",
        ),
    ],
)
def test_white_space_that_is_the_fault_is_shown(name, row, said):
    problem = RowDecoder([FORMATS[name]]).one(row)
    assert isinstance(problem, Problem) and said in problem.message and "\n" not in problem.message


def test_a_name_beside_the_role_of_rendered_chatml_is_read():
    turns = ("system name=example_user\na", "user\nb", "assistant\nc")
    row = rendered("".join(f"<|im_start|>{turn}<|im_end|>\n" for turn in turns))
    read = RowDecoder([FORMATS["chatml"]]).one(row)
    assert isinstance(read, Read)
    assert [m.role for m in read.conversation.messages] == ["system", "user", "assistant"]
    assert [m.name for m in read.conversation.messages] == ["example_user", None, None]
