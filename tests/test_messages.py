"""What commands say where something is wrong: what was found, where, and what to do."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from curate.errors import CurateError
from curate.filter.none_left import none_left
from curate.filter.where import where
from curate.models.hub_model import check_hub_model
from curate.run.recipe_file import load
from curate.run.verdict import remarks
from curate.score.faults.sample_counts import first_rows_faults
from curate.table import ledger, table
from curate.text.counted import counted

REFUSAL = "I'm sorry, but I can't help with that."


def rows_file(path, outputs, **fields):
    rows = [{"instruction": f"Say {i}.", "input": "", "output": text, **fields} for i, text in enumerate(outputs)]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


@pytest.mark.parametrize(
    ("count", "words", "text"),
    [
        (0, ("row",), "0 rows"),
        (1, ("row",), "1 row"),
        (1200, ("input file",), "1,200 input files"),
        (1, ("row is", "rows are"), "1 row is"),
        (2, ("process", "processes"), "2 processes"),
    ],
)
def test_counts_agree_with_what_is_counted(count, words, text):
    assert counted(count, *words) == text


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("turns => 2", "condition 'turns => 2': there is no operator =>; write >="),
        ("turns > 'x'", "at `'x'`: 'x' is a text and not a number; turns is a number; write a number without quotes"),
        ("prompt > 3", "a text is compared with a number; prompt is a text; texts stand in single quotes"),
        ("prompt + 3 > 4", "at `+`: + does not take a text and a number; prompt is a text"),
        ("turns > 1 and lenth(prompt) > 3", "at `lenth(prompt)`: a function lenth does not exist; did you mean"),
        ("turns > > 1", 'syntax error at or near ">", character 9'),
        ("提示 = '中文'", "unknown column '提示'"),
    ],
)
def test_a_condition_that_is_wrong_is_named_with_the_place_and_a_remedy(tmp_path, condition, message):
    pool = table.read([rows_file(tmp_path / "数据 集.jsonl", ["One.", "Two."])])
    with pytest.raises(CurateError) as raised:
        where(pool, [condition])
    said = str(raised.value)
    assert message in said and "Error:" not in said and "INT" not in said and "VARCHAR" not in said


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("turns = 2 and source = '网'", "`source = '网'` holds in no row of 2"),
        ("prompt = 'Say 0.' and response = 'Two.'", "no row of 2 fulfils all parts; `prompt = 'Say 0.'` holds in 1, "),
        ("response like '%z%' and turns = 2", "`response like '%z%'` holds in no row of 2"),
        ("contains(prompt, 'zz') and mark", "`contains(prompt, 'zz')` holds in no row of 2"),
        ("mark and (turns = 3 or turns = 4)", "`(turns = 3) OR (turns = 4)` holds in no row of 2"),
    ],
)
def test_of_a_compound_condition_the_part_is_named_that_leaves_no_row(tmp_path, condition, message):
    pool = table.read([rows_file(tmp_path / "a.jsonl", ["One.", "Two."], mark=True)])
    said = str(none_left(where(pool, [condition]).table))
    assert message in said and f"left out by the condition `{condition}`: 2" in said


def test_refusals_alone_say_that_they_are_refusals(tmp_path):
    pool = table.read([rows_file(tmp_path / "a.jsonl", [REFUSAL] * 3)])
    said = str(none_left(where(pool, ["not faulty"]).table))
    assert "of 3" in said and "`not faulty`: 3" in said and "refusal 3" in said and "--with faults" in said


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("detect", []),
        ("validate", []),
        ("stats", []),
        ("conflicts", []),
        ("convert", ["OUT", "--to", "sft"]),
        ("dedup", ["OUT"]),
        ("score", ["OUT", "--with", "length"]),
        ("filter", ["OUT", "--where", "turns > 1"]),
    ],
)
def test_a_file_without_rows_is_the_same_error_everywhere(tmp_path, curate, command, more):
    (tmp_path / "empty.jsonl").write_text("")
    done = curate(command, tmp_path / "empty.jsonl", *[str(tmp_path / "o.jsonl") if m == "OUT" else m for m in more])
    assert done.returncode == 1 and f"error: {tmp_path / 'empty.jsonl'}: the file has no rows; look" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["select", "IN", "OUT", "--method", "random", "--balance", "categry"], "did you mean 'category'?"),
        (["select", "IN", "OUT", "--method", "limma"], "Did you mean 'lima'?"),
        (["convert", "IN", "OUT"], "Missing option '--to'. The format to write"),
        (["detect", "一 行.jsnl"], "did you mean"),
    ],
)
def test_names_that_are_nearly_right_get_the_right_one(tmp_path, curate, arguments, message):
    names = {"IN": rows_file(tmp_path / "一 行.jsonl", ["One."]), "OUT": tmp_path / "o.jsonl"}
    done = curate(*[names.get(a, tmp_path / a if a.endswith(".jsnl") else a) for a in arguments])
    assert done.returncode == 2 and message in done.stderr


def test_errors_of_a_change_name_the_change():
    with pytest.raises(CurateError, match=r"^--set select\.method=limma: .*did you mean 'lima'"):
        load("lima-1000", ["seed=3", "select.method=limma"])
    assert load("lima-1000", ["seed=3", "select.size=7"]).select.size == 7


def test_a_model_of_the_hub_fails_at_once_where_the_hub_is_off(monkeypatch, tmp_path):
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(CurateError, match=r"the embedder 'statc': .* did you mean 'static'"):
        check_hub_model("statc", "the embedder", ["static", "minilm"])
    check_hub_model(str(tmp_path), "the embedder")


def test_faults_of_the_first_rows_are_counted(tmp_path):
    path = rows_file(tmp_path / "a.jsonl", [REFUSAL, "The sky is blue because of scattered light.", REFUSAL])
    assert first_rows_faults([str(path)], None) == (3, {"refusal": 2})


def test_rows_below_the_floor_are_said_to_be_so(tmp_path):
    pool = table.read([rows_file(tmp_path / "a.jsonl", ["One."])])
    reason = f"quality 0.1 {ledger.BELOW_FLOOR}, 0.4"
    ranked = table.with_columns(pool, rank=pa.nulls(1, pa.int64()), select_reason=pa.array([reason]))
    assert ledger.fates(ranked) == [ledger.fate(ranked, 0)] == [f"left out before the selection: {reason}"]
    facts = {"selected": 1, "candidates": 9, "faults": [], "measures": [], "conflicts": None}
    assert ("none", "Quality floor: 1 row is below it and left out.") in remarks(facts, 1)
    assert not any("floor" in sentence for _, sentence in remarks(facts))
