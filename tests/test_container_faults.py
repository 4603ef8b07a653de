"""Files that are not what their names say, and rows that do not lie one a line: named, and mended when asked."""

from __future__ import annotations

import json
import time

import pytest

from curate.errors import UnknownData
from curate.io import blocks, ranges
from curate.table.reading import detect_file
from schemas.container import listed_rows, rows_of_line, values_of
from schemas.decode import RowDecoder
from schemas.registry import FORMATS

A = '{"instruction": "Name a tree, ]", "output": "Oak }"}'
B = '{"instruction": "Name a bird", "output": "Wren"}'
BOTH = [json.loads(A), json.loads(B)]
NAME_IT_JSON = "name it .json, or let `curate convert` read it with --on-invalid repair"


def pretty(row: str) -> str:
    return json.dumps(json.loads(row), indent=2)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.jsonl", f"[{A},\n{B}]\n", f"this is a JSON array, not JSON lines; {NAME_IT_JSON}"),
        ("a.jsonl", f"[{A}\n,{B}]\n".replace("\n,", ",\n"), "this is a JSON array"),
        ("a.jsonl", json.dumps(BOTH, indent=2).replace("[\n", "[", 1), "this is a JSON array"),
        (
            "a.jsonl",
            f"{pretty(A)}\n{pretty(B)}\n",
            f"a row takes several lines, as in no file of JSON lines; {NAME_IT_JSON}",
        ),
        (
            "a.csv",
            "instruction;output\nName a tree, ];Oak }\nName a bird;Wren\n",
            "separated by semicolons (';'); write",
        ),
        (
            "a.csv",
            "instruction|output\nName a tree, ]|Oak }\nName a bird|Wren\n",
            "separated by vertical bars ('|'); write",
        ),
        (
            "a.csv",
            "instruction\toutput\nName a tree, ]\tOak }\nName a bird\tWren\n",
            "by tabs ('\\t'); name it .tsv, or",
        ),
        (
            "a.tsv",
            'instruction,output\n"Name a tree, ]",Oak }\nName a bird,Wren\n',
            "by commas (','); name it .csv, or",
        ),
    ],
)
def test_a_file_that_is_no_such_container_is_named_and_read_when_asked(curate, tmp_path, name, text, said):
    path = tmp_path / name
    path.write_text(text)
    for command in (["detect"], ["validate"], ["stats"], ["convert", "--to", "sft"]):
        done = curate(*command, path, *([tmp_path / "no.jsonl"] if "--to" in command else []))
        assert done.returncode == 2 and f"error: {path}: " in done.stderr and said in done.stderr
    out = tmp_path / "out.jsonl"
    done = curate("convert", path, out, "--to", "alpaca", "--on-invalid", "repair")
    assert done.stderr.splitlines()[-1] == "read 2, wrote 2, rejected 0"
    assert list(map(json.loads, out.read_text().splitlines())) == BOTH


@pytest.mark.parametrize(
    ("text", "code", "valid"),
    [
        (f"{A},\n{B},\n", "E020", 0),
        (f"{A}{B}\n", "E021", 0),
        (f"{A} , {B} ,\n", "E021", 0),
        (f"{B}\n{A}\t{B}\n", "E021", 1),
        (f"[{A}, {B}]\n", "E022", 0),
        (f"[{A}]\n[{B}]\n", "E022", 0),
        (f"{B}\n\ufeff{A}\n", "E001", 1),
    ],
)
def test_rows_that_do_not_lie_one_a_line_are_told_and_taken_apart(curate, tmp_path, text, code, valid):
    path, out = tmp_path / "a.jsonl", tmp_path / "out.jsonl"
    path.write_text(text, encoding="utf-8")
    told = detect_file(str(path))
    assert told.shares == {"alpaca": 1.0} and told.faults == {code: told.rows - valid}
    assert f"{code} " in curate("detect", path).stdout
    done = curate("validate", path)
    assert done.returncode == 1 and f"{valid} valid, {told.rows - valid} invalid" in done.stderr
    assert done.stdout.count(f"$: {code} ") == told.rows - valid
    done = curate("convert", path, out, "--to", "alpaca", "--on-invalid", "repair")
    rows = list(map(json.loads, out.read_text("utf-8").splitlines()))
    assert all(row in rows for row in BOTH) and ", rejected 0" in done.stderr


def test_rows_of_one_line_have_its_number(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(f"{A}\n{A}{B}\n[{B}, {A}]\n")
    found = [pair for block in blocks(str(path), mend=True) for pair in zip(block.numbers, block.rows, strict=True)]
    assert [number for number, _ in found] == [1, 2, 2, 3, 3]
    assert [number for block in blocks(str(path)) for number in block.numbers] == [1, 2, 3]


def test_conversations_and_broken_rows_stay_rows(tmp_path):
    chat = '[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]'
    for line in (chat, "[]", "[{}]", "[1, 2]", f"[{A}, 1]", f"{A} x", f'{{"a": {A}', f'"a"{A}', "x", A):
        assert rows_of_line(line.encode()) == [line.encode()]
    assert values_of(f"{A},".encode()) == [A.encode()] and listed_rows(chat.encode()) == 0
    path = tmp_path / "a.jsonl"
    for text in (f'{{"broken\n{A}\n', f"[{{broken\n{chat}\n", f"{chat}\n{chat}\n", f'{{"instruction": "a,\n{A}\n'):
        path.write_text(text)
        assert [row for block in blocks(str(path)) for row in block.rows] == text.encode().splitlines()
        assert ranges(str(path), 1, 1)
    path.write_text(f"[{A},\n{B}]\n")
    assert ranges(str(path), 2, 1) == []


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<!DOCTYPE html>\n<html><body>Sign in</body></html>", "this is HTML, a web page and no data"),
        ("\n <!-- x --> <HTML lang='en'>", "this is HTML"),
        ("<?xml version='1.0'?><Error/>", "this is XML"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "git lfs pull"),
    ],
)
def test_pages_and_pointers_in_place_of_data(tmp_path, name, text, said):
    (tmp_path / name).write_text(text)
    with pytest.raises(UnknownData, match=said):
        list(blocks(str(tmp_path / name), mend=True))


def test_a_header_that_only_looks_like_another_delimiter_is_left_alone(tmp_path):
    path = tmp_path / "a.csv"
    for header in ("text", "what; how? or why", "a,b;c"):
        path.write_text(f"{header}\nx{',y' if ',' in header else ''}\n")
        assert len([row for block in blocks(str(path)) for row in block.rows]) == 1


def test_records_that_are_too_short_or_too_long_are_named(curate, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "instruction,input,output\nName a tree,,Oak\nName a bird,Wren\nName a fish,,Cod,x\nName a bee,,Bee,,\n"
    )
    done = curate("validate", path)
    assert f'{path}:2: $: E023 2 cells under 3 names: ["Name a bird","Wren"]; give the record a cell' in done.stdout
    assert f'{path}:3: $: E023 4 cells under 3 names: ["Name a fish","","Cod","x"]' in done.stdout
    assert "read 4 rows, 2 valid, 2 invalid" in done.stderr


def test_a_line_of_many_values_takes_linear_time():
    began = time.perf_counter()
    line = b"{}," * 200_000
    assert len(values_of(line)) == 200_000 and len(rows_of_line(line[:-1] + b" {}")) == 200_001
    RowDecoder(list(FORMATS.values()), repair=True).one(line)
    assert time.perf_counter() - began < 20
