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
from schemas.record import Conversation, Message
from tests.builders.tables import pool

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
    assert len(kept[0]) == len({(normal.normal(p), normal.normal(r)) for p, r, _ in rows})


@given(ROWS.filter(bool))
@settings(deadline=None)
def test_twice_is_once(rows):
    once = exact.mark(pool(rows))
    unique = [row for row, of in zip(rows, once["duplicate_of"].to_pylist(), strict=True) if of is None]
    assert exact.mark(pool(unique))["duplicate_of"].null_count == len(unique)
    assert exact.mark(once).equals(once)


def test_planted_duplicates_are_found_and_nothing_else():
    manifest = json.loads((FOLDER / "MANIFEST.json").read_text(encoding="utf-8"))
    files = sorted(name for name in manifest["files"] if name != "heldout.jsonl")
    marked = exact.mark(table.read([FOLDER / name for name in files]))
    places = [(Path(f).name, r) for f, r in zip(marked["file"].to_pylist(), marked["row"].to_pylist(), strict=True)]
    duplicates = {
        frozenset([places[i], places[of]]) for i, of in enumerate(marked["duplicate_of"].to_pylist()) if of is not None
    }
    planted = {
        frozenset([(d["file"], d["row"]), (d["of"]["file"], d["of"]["row"])])
        for d in manifest["defects"]
        if d["kind"] in ("exact_duplicate", "exact_duplicate_normalised")
    }
    assert duplicates == planted


@pytest.mark.parametrize("text", ["", " ", "一", "é" * 1_000_000, "\ud800"])
def test_odd_texts_have_a_key(text):
    assert len(normal.key(Conversation([Message("user", text), Message("assistant", text)]))) == 16


def test_rows_that_differ_in_their_tool_calls_are_no_duplicates():
    def asking(call: str) -> Conversation:
        return Conversation([Message("user", "do it"), Message("assistant", tool_calls=call)])

    assert normal.key(asking('[{"function":{"name":"open"}}]')) != normal.key(asking('[{"function":{"name":"close"}}]'))


def test_ledgers_read_together_point_at_the_right_rows(tmp_path):
    marked = exact.mark(pool([("a", "x", None), ("A", "x", None)]))
    for name in ("one.parquet", "two.parquet"):
        table.write(marked, tmp_path / name)
    both = table.read([tmp_path / "one.parquet", tmp_path / "two.parquet"])
    first = marked["duplicate_of"].to_pylist()
    assert both["duplicate_of"].to_pylist() == first + [None if of is None else of + 2 for of in first]
