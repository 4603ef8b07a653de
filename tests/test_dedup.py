"""Exact duplicates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.dedup import exact
from curate.table import table
from curate.text import normal
from curate.text.exact_form import exact_form, exact_key
from schemas.record import Conversation, Message
from tests.builders.tables import pool

FOLDS = ["width", "compatibility", "case", "punctuation", "space"]
FOLDER = Path(__file__).parent.parent / "sample_data"
ROWS = st.lists(st.tuples(st.sampled_from(["a", "A", " a ", "ａ", "b"]), st.sampled_from(["x", "X  ", "y"]), st.none()))


@given(ROWS.filter(bool), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_what_is_kept_does_not_depend_on_the_order(rows, random):
    shuffled = random.sample(rows, len(rows))
    kept = []
    for order in (rows, shuffled):
        marked = exact.mark(pool(order))
        kept.append(sorted(order[i] for i, of in enumerate(marked["duplicate_of"].to_pylist()) if of is None))
    assert kept[0] == kept[1]
    assert len(kept[0]) == len({(p.rstrip(), r.rstrip()) for p, r, _ in rows})
    folded = exact.mark(pool(rows), ["compatibility", "case", "space"])
    assert folded["duplicate_of"].null_count == len({(normal.normal(p), normal.normal(r)) for p, r, _ in rows})


@given(ROWS.filter(bool))
@settings(deadline=None)
def test_twice_is_once(rows):
    once = exact.mark(pool(rows))
    unique = [row for row, of in zip(rows, once["duplicate_of"].to_pylist(), strict=True) if of is None]
    assert exact.mark(pool(unique))["duplicate_of"].null_count == len(unique)
    assert exact.mark(once).equals(once)


@pytest.mark.parametrize(
    ("folds", "kinds"),
    [
        ((), ("exact_duplicate",)),
        (("compatibility", "case", "space"), ("exact_duplicate", "exact_duplicate_normalised")),
    ],
)
def test_planted_duplicates_are_found_and_nothing_else(folds, kinds):
    manifest = json.loads((FOLDER / "MANIFEST.json").read_text(encoding="utf-8"))
    files = sorted(name for name in manifest["files"] if name != "heldout.jsonl")
    marked = exact.mark(table.read([FOLDER / name for name in files]), folds)
    places = [(Path(f).name, r) for f, r in zip(marked["file"].to_pylist(), marked["row"].to_pylist(), strict=True)]
    duplicates = {
        frozenset([places[i], places[of]]) for i, of in enumerate(marked["duplicate_of"].to_pylist()) if of is not None
    }
    planted = {
        frozenset([(d["file"], d["row"]), (d["of"]["file"], d["of"]["row"])])
        for d in manifest["defects"]
        if d["kind"] in kinds
    }
    assert duplicates == planted


@pytest.mark.parametrize("text", ["", " ", "一", "é" * 1_000_000, "\ud800"])
def test_odd_texts_have_a_key(text):
    assert len(exact_key(Conversation([Message("user", text), Message("assistant", text)]), FOLDS)) == 16


def test_rows_that_differ_in_their_tool_calls_are_no_duplicates():
    def asking(call: str) -> Conversation:
        return Conversation([Message("user", "do it"), Message("assistant", tool_calls=call)])

    assert exact_key(asking('[{"function":{"name":"open"}}]')) != exact_key(asking('[{"function":{"name":"close"}}]'))


def test_ledgers_read_together_point_at_the_right_rows(tmp_path):
    marked = exact.mark(pool([("a", "x", None), ("a ", "x", None)]))
    for name in ("one.parquet", "two.parquet"):
        table.write(marked, tmp_path / name)
    both = table.read([tmp_path / "one.parquet", tmp_path / "two.parquet"])
    first = marked["duplicate_of"].to_pylist()
    assert both["duplicate_of"].to_pylist() == first + [None if of is None else of + 2 for of in first]


DIFFERENT = [
    ("What is 3⁴?", "What is 34?"),
    ("The formula is CO₂.", "The formula is CO2."),
    ("while a:\n    b()\n    c()", "while a:\n    b()\nc()"),
    ("Is 7 > 3?", "Is 7 < 3?"),
    ("print(x)", "Print(x)"),
    ("价格是５元", "价格是5元"),
    ("如果a：\n\t返回", "如果a：\n返回"),
    ("a  b", "a b"),
    ("\nfirst", "first"),
]
SAME = [("one  \r\ntwo\t\n\n", "one\ntwo"), ("caf\u0065\u0301 ", "caf\u00e9"), ("が。\u3000", "か\u3099。")]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
@pytest.mark.parametrize("answer", [True, False])
def test_rows_that_mean_something_else_are_no_exact_duplicates(one, other, answer):
    rows = [("say", text, None) if answer else (text, "yes", None) for text in (one, other)]
    assert exact.mark(pool(rows))["duplicate_of"].null_count == 2


@pytest.mark.parametrize(("one", "other"), SAME)
def test_white_space_at_line_ends_and_the_composition_of_characters_do_not_count(one, other):
    assert exact.mark(pool([(one, "x", None), (other, "x", None)]))["duplicate_of"].null_count == 1


@pytest.mark.parametrize(
    ("fold", "one", "other", "another"),
    [
        ("case", "ON War", "on war", "on  war"),
        ("width", "ＡＢ１", "AB1", "ab1"),
        ("width", "ｶﾞ", "ガ", "か"),
        ("compatibility", "3⁴ ﬁ Ａ", "34 fi A", "34 fi a"),
        ("space", " a\n\n  b", "a b", "A b"),
        ("punctuation", "“Well”, yes. 好！", "Well yes 好", "Well + yes 好"),
    ],
)
def test_each_fold_folds_that_and_nothing_else(fold, one, other, another):
    assert exact_form(one) != exact_form(other)
    assert exact_form(one, [fold]) == exact_form(other, [fold]) != exact_form(another, [fold])


def test_punctuation_is_left_out_but_operators_are_not():
    assert exact_form("a - b, c", ["punctuation"]) == "a - b c" != exact_form("a * b, c", ["punctuation"])
