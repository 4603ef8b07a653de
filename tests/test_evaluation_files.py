"""Evaluation files as people have them: prompts only, fields of any names, choices, CSV, plain text."""

from __future__ import annotations

import gzip
import json
import sys
from types import SimpleNamespace

import pytest

from curate.dedup.decontaminate import decontaminate
from curate.dedup.evaluation_files import plain_items, read_items
from curate.dedup.options import Decontaminate
from curate.errors import CurateError
from curate.text import chinese
from schemas.record import loads
from tests.builders.tables import pool

ROW = ("Name the largest moon of Saturn.", "Titan", None)
QUESTION = "Name the largest moon of Saturn"


def written(path, rows) -> str:
    path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")
    return str(path)


def contaminated(items, row=ROW, **options) -> bool:
    return len(decontaminate(pool([row, ("Else?", "No.", None)]), items, Decontaminate(**options)).overlaps.first) == 1


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": QUESTION},
        {"question": QUESTION, "answer": "Titan"},
        {"Problem": QUESTION, "solution": "Titan", "level": 3},
        {"query": QUESTION, "id": 7},
        {"question": QUESTION, "choices": ["Rhea", "Titan"], "answer": 1},
        {"question": QUESTION, "choices": {"text": ["Rhea", "Titan"], "label": ["A", "B"]}, "answerKey": "B"},
        {"question": {"stem": QUESTION, "choices": [{"text": "Rhea", "label": "A"}]}, "answerKey": "A"},
        {"question": QUESTION, "A": "Rhea", "B": "Titan", "answer": "B"},
        {"prompt": [QUESTION, "And of Jupiter?"], "question_id": 1},
        {"prompt": [{"role": "user", "content": QUESTION}], "reference": "Titan"},
        {"ctx": QUESTION, "endings": ["Rhea", "Titan"]},
        {"input": QUESTION, "target": "Titan"},
        {"task_id": 3, "text": QUESTION, "code": "print('Titan')"},
        {"问题": QUESTION},
        {"instruction": QUESTION, "input": "", "output": "Titan"},
        QUESTION,
    ],
    ids=str,
)
def test_an_item_is_found_whatever_its_fields_are_called(row, tmp_path):
    items = read_items([written(tmp_path / "eval.jsonl", [row])])
    first = loads(items["record"][0].as_py()).turns("user")[0]
    assert first == QUESTION
    if row != {"prompt": [QUESTION, "And of Jupiter?"], "question_id": 1}:
        assert contaminated(items)


def test_choices_and_context_are_looked_for_with_the_prompt(tmp_path):
    items = read_items([written(tmp_path / "eval.jsonl", [{"question": "Which one?", "choices": ["Rhea", "Io"]}])])
    for prompt in ("Which one?", "which one: Rhea, Io", "Which one?\nA. Rhea\nB. Io", "Rhea. Io. Which one"):
        assert contaminated(items, (prompt, "x", None))
    for prompt in ("Which?", "Which one?\nA. Io\nB. Rhea", "Rhea"):
        assert not contaminated(items, (prompt, "x", None))


def test_maps_name_the_fields_that_do_not_tell(tmp_path):
    path = written(tmp_path / "eval.jsonl", [{"Aufgabe": QUESTION, "question": "no", "Loesung": "Titan"}])
    items = read_items([path], ["prompt=Aufgabe", "answer=Loesung"])
    record = loads(items["record"][0].as_py())
    assert (record.prompt(), record.response()) == (QUESTION, "Titan")
    for entry in ("Aufgabe", "prompt=", "stem=x"):
        with pytest.raises(CurateError, match="must be PART=FIELD"):
            read_items([path], [entry])
    with pytest.raises(CurateError, match="no text in 'stem'; its fields are 'Aufgabe', 'question', 'Loesung'"):
        read_items([path], ["prompt=stem"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("eval.csv", f'id,question,answer\n1,"{QUESTION}",Titan\n2,"Who, then?",Me\n'),
        ("eval.tsv", f"question\tanswer\n{QUESTION}\tTitan\n"),
        ("eval.txt", f"{QUESTION}\nWho, then?\n"),
        ("eval.json", json.dumps([{"question": QUESTION}])),
        ("eval.md", f"\nWho,\nthen?\n\n  {QUESTION}\n"),
    ],
)
def test_files_of_other_kinds(name, text, tmp_path):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8-sig")
    assert contaminated(read_items([path]))
    packed = tmp_path / f"{name}.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    assert read_items([packed])["prompt"].equals(read_items([path])["prompt"])


def test_plain_text_is_cut_into_lines_or_at_blank_lines():
    assert plain_items("a\nb\n") == ([1, 2], ["a", "b"])
    assert plain_items("\n\na\nb\n\n \nc\r\n") == ([3, 7], ["a\nb", "c"])
    assert plain_items(" \n") == ([], [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"question": "a"}\n{"id": 1, "level": 2}\n', "row 2: no prompt in it; its fields are 'id', 'level'"),
        ('{"question": "a"}\n{"question": " "}\n', "row 2: no prompt in it"),
        ('{"question": "a"}\n{"question\n', "row 2: no JSON"),
        ('{"question": "a"}\n17\n', "row 2: neither an object nor a text"),
        ("", "no evaluation row in it"),
    ],
)
def test_what_cannot_be_read_fails_before_the_pool_is_read(text, message, tmp_path, curate):
    path = tmp_path / "eval.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CurateError, match=message):
        read_items([path])
    done = curate("decontaminate", tmp_path / "no_such_pool.jsonl", tmp_path / "out.jsonl", "--against", path)
    assert done.returncode == 1 and message.split(":")[-1].strip() in done.stderr
    assert "no_such_pool" not in done.stderr
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        f"inputs: [{written(tmp_path / 'p.jsonl', [{'prompt': 'a', 'completion': 'b'}])}]\n"
        f"decontaminate: {{against: [{path}]}}\nselect: {{size: 1}}\n"
    )
    done = curate("run", recipe, "--out", tmp_path / "run")
    assert done.returncode == 1 and message.split(":")[-1].strip() in done.stderr
    assert not (tmp_path / "run").exists() or not list((tmp_path / "run").rglob("*.parquet"))


@pytest.mark.parametrize(
    ("prompt", "item", "same"),
    [
        ("7 + 5?", "7+5", True),
        ("7 - 5?", "7+5", False),
        ("2⁵", "25", False),
        ("天空为何是蓝色？", "天空为何是蓝色", True),
        ("ＳＯＳ", "sos", True),
        ("?!", "?!", True),
        ("?!", "!?", False),
        ("a b", "ab", False),
        ("😀", "😀", True),
    ],
)
def test_whole_prompts_count_however_short(prompt, item, same):
    assert contaminated(pool([(item, "y", None)]), (prompt, "x", None)) == same
    assert contaminated(pool([(item, "", None)]), (prompt, "x", None), ngram=None) == same


def test_every_turn_of_a_row_is_compared(tmp_path):
    from curate.table import table

    turns = [("user", "Hello!"), ("assistant", "Hi."), ("user", f"{QUESTION}!"), ("assistant", "Titan")]
    row = {"messages": [{"role": role, "content": text} for role, text in turns]}
    rows = table.read([written(tmp_path / "pool.jsonl", [row])])
    for item in (QUESTION, f"Hello. {QUESTION}"):
        found = decontaminate(rows, read_items([written(tmp_path / "eval.jsonl", [{"prompt": item}])]), Decontaminate())
        assert [hit.method for hit in found.overlaps] == ["prompt"]


LONG = "Please tell me in your own words why leaves turn red and yellow in the autumn months"


def test_items_without_an_answer_are_compared_by_their_prompts():
    answer = "Chlorophyll is broken down, and carotenoids and anthocyanins show. " * 9
    rows = pool([(LONG.replace("Please tell", "Tell"), answer, None), ("Who?", LONG, None)])
    for options in (Decontaminate(ngram=None, near=0.6), Decontaminate(ngram=None, semantic=0.6)):
        found = decontaminate(rows, pool([(LONG, "", None)]), options, "tfidf")
        assert [hit.row for hit in found.overlaps] == [0], options
        by_conversation = decontaminate(rows, pool([(LONG, "They are tired.", None)]), options, "tfidf").overlaps
        assert 0 not in [hit.row for hit in by_conversation]
        by_prompt = decontaminate(
            rows, pool([(LONG, "Tired.", None)]), Decontaminate(**_but(options), key="prompt"), "tfidf"
        )
        assert [hit.row for hit in by_prompt.overlaps] == [0]


def _but(options: Decontaminate) -> dict:
    return {"ngram": options.ngram, "near": options.near, "semantic": options.semantic}


def test_by_prompt_answers_do_not_count_for_ngrams_either():
    rows, items = pool([("Who?", LONG, None)]), pool([("What?", LONG, None)])
    assert contaminated(items, ("Who?", LONG, None))
    assert not decontaminate(rows, items, Decontaminate(key="prompt")).overlaps
    assert decontaminate(
        pool([(f"Now: {LONG}", "x", None)]), pool([(LONG, "y", None)]), Decontaminate(key="prompt")
    ).overlaps


TRADITIONAL, SIMPLE = "請說明為什麼樹葉在秋天會變成紅色和黃色", "请说明为什么树叶在秋天会变成红色和黄色"


@pytest.fixture
def opencc(monkeypatch):
    """OpenCC's interface with a table of these few characters, where the package is not installed."""
    try:
        import opencc  # noqa: F401
    except ImportError:
        pairs = str.maketrans(TRADITIONAL, SIMPLE)
        converter = SimpleNamespace(convert=lambda text: text.translate(pairs))
        monkeypatch.setitem(sys.modules, "opencc", SimpleNamespace(OpenCC=lambda name: converter))
    chinese.simplified_characters.cache_clear()
    yield
    chinese.simplified_characters.cache_clear()


@pytest.mark.parametrize(("row", "item"), [(TRADITIONAL, SIMPLE), (SIMPLE, TRADITIONAL)])
def test_traditional_and_simplified_chinese_are_one(row, item, opencc):
    from curate.text.exact_form import check_folds, exact_form

    items = pool([(item, "x", None)])
    whole = decontaminate(pool([(row, "y", None)]), items, Decontaminate(near=0.5))
    assert {hit.method for hit in whole.overlaps} == {"ngram", "prompt", "near"}
    assert next(iter(whole.overlaps)).text == row
    assert not any("opencc" in note for note in whole.notes)
    longer = decontaminate(pool([(f"好，{row}，谢谢", "y", None)]), items, Decontaminate())
    assert [(hit.method, hit.text) for hit in longer.overlaps] == [("ngram", row)]
    check_folds(["chinese"])
    assert exact_form(row) != exact_form(item) and exact_form(row, ["chinese"]) == exact_form(item, ["chinese"])


def test_without_opencc_one_line_says_so(monkeypatch):
    from curate.text.exact_form import check_folds

    monkeypatch.setitem(sys.modules, "opencc", None)
    chinese.simplified_characters.cache_clear()
    found = decontaminate(pool([(TRADITIONAL, "x", None)]), pool([(SIMPLE, "x", None)]), Decontaminate())
    assert not found.overlaps and sum("pip install 'curate-sft[chinese]'" in note for note in found.notes) == 1
    english = decontaminate(pool([("a", "x", None)]), pool([("b", "x", None)]), Decontaminate())
    assert not any("opencc" in note for note in english.notes)
    with pytest.raises(CurateError, match="curate-sft"):
        check_folds(["chinese"])
    with pytest.raises(CurateError, match="unknown fold 'cases'"):
        check_folds(["cases"])
    chinese.simplified_characters.cache_clear()
