"""Decontamination: planted leaks are found with the text that they share, and nothing is lost on the way."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from unittest import mock

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.dedup import exact, ngram_index, ngrams
from curate.dedup.decontaminate import decontaminate
from curate.dedup.mark import mark
from curate.dedup.ngram_index import NgramIndex
from curate.dedup.options import Decontaminate, Dedup
from curate.errors import CurateError
from curate.select import selection as select
from curate.select.options import plain
from curate.table import ledger, table
from curate.table.counting import rows_that_count
from tests.builders.tables import pool
from tests.builders.texts import plain_units

FOLDER = Path(__file__).parent.parent / "sample_data"
MANIFEST = json.loads((FOLDER / "MANIFEST.json").read_text(encoding="utf-8"))
POOL = sorted(name for name in MANIFEST["files"] if name != "heldout.jsonl")
LEAKS = {
    (d["file"], d["row"]): (d["of"]["file"], d["of"]["row"]) for d in MANIFEST["defects"] if d["kind"] == "contaminated"
}


def hits_of(found, rows: pa.Table, items: pa.Table) -> dict:
    def place(t: pa.Table, position: int) -> tuple:
        return Path(t["file"][position].as_py()).name, t["row"][position].as_py()

    return {place(rows, hit.row): place(items, hit.item) for hit in found.overlaps}


@pytest.mark.parametrize("options", [Decontaminate(share=0.5), Decontaminate(ngram=None, near=0.7)])
def test_planted_leaks_are_found_and_nothing_else(options):
    rows, items = table.read([FOLDER / name for name in POOL]), table.read([FOLDER / "heldout.jsonl"])
    found = decontaminate(rows, items, options)
    assert hits_of(found, rows, items) == LEAKS
    assert len(rows_that_count(found.table, "unique")) == len(rows_that_count(rows, "unique")) - len(LEAKS)


WORDS = st.lists(st.sampled_from(["a", "b", "c", "d", "一", "二", "é，"]), max_size=14).map(" ".join)


@given(st.lists(WORDS, max_size=6), st.lists(WORDS, max_size=4), st.sampled_from([2, 3, 9]), st.sampled_from([1, 256]))
@settings(deadline=None, max_examples=150)
def test_overlap_is_that_of_a_plain_program(rows, items, n, many):
    with mock.patch.object(ngram_index, "MANY", many):
        overlaps = {o.row: o for o in NgramIndex([[item] for item in items], n).overlaps([row] for row in rows)}
    shortest = min(8, n)
    for i, row in enumerate(rows):
        units = plain_units(row)
        shared, counts = {}, {}
        for j, item in enumerate(items):
            parts = plain_units(item)
            length = min(n, len(parts))
            if length < shortest:
                continue
            grams = {tuple(parts[k : k + length]) for k in range(len(parts) - length + 1)}
            own = {tuple(units[k : k + length]) for k in range(len(units) - length + 1)}
            if grams & own:
                shared[j], counts[j] = len(grams & own) / len(grams), len(grams & own)
        assert (i in overlaps) == bool(shared)
        if shared:
            assert overlaps[i].share == pytest.approx(shared[overlaps[i].item])
            assert overlaps[i].item == min(counts, key=lambda j: (-counts[j], j))
            stretch = plain_units(overlaps[i].text)
            assert len(stretch) == overlaps[i].units >= shortest
            assert " ".join(stretch) in " ".join(units)


@given(st.lists(WORDS, max_size=6), WORDS, st.sampled_from([2, 3]))
@settings(deadline=None, max_examples=100)
def test_hashes_that_meet_by_chance_make_no_overlap(rows, item, n):
    def few(sums, length, windows=ngrams.hash_windows):
        return windows(sums, length) & np.uint64(7)

    with mock.patch.object(ngrams, "hash_windows", few):
        found = {o.row: o.text for o in NgramIndex([[item]], n).overlaps([row] for row in rows)}
    parts = plain_units(item)
    grams = {tuple(parts[k : k + n]) for k in range(len(parts) - n + 1)}
    for i, row in enumerate(rows):
        own = plain_units(row)
        assert (i in found) == any(tuple(own[k : k + n]) in grams for k in range(len(own) - n + 1))
        units = plain_units(found.get(i, ""))
        true = [k for k in range(len(units) - n + 1) if tuple(units[k : k + n]) in grams]
        assert {k + j for k in true for j in range(n)} == set(range(len(units)))


def test_a_stretch_ends_with_its_turn_and_the_first_of_the_longest_is_shown():
    item = ["a b c d e f g h", "A B"]
    rows = [["x a b c", "d e f", "F G H"], [], ["。", "c d e f y", "a b c d"]]
    assert [(o.row, o.text, o.units, o.share) for o in NgramIndex([item], 2).overlaps(rows)] == [
        (0, "a b c", 3, 6 / 7),
        (2, "c d e f", 4, 5 / 7),
    ]


def test_half_width_kana_are_the_same_words_as_full_width_ones():
    row, item = "ガ ギ グ ゲ ゴ ザ ジ ズ ゼ", "ｶﾞ ｷﾞ ｸﾞ ｹﾞ ｺﾞ ｻﾞ ｼﾞ ｽﾞ ｾﾞ"
    found = NgramIndex([[item]]).overlaps([[row], [item], [row[:-2]]])
    assert [(o.row, o.share) for o in found] == [(0, 1), (1, 1)] and found[0].text == row


@pytest.mark.parametrize(
    ("row", "item", "shared"),
    [
        (
            "He wrote: The QUICK brown fox, jumps over the lazy dog and then it sleeps all day.",
            "the quick brown fox jumps over the lazy dog and then it sleeps",
            "The QUICK brown fox, jumps over the lazy dog and then it sleeps",
        ),
        (
            "请回答：我们今天下午三点在图书馆门口见面吧，好吗？",
            "我们今天下午三点在图书馆门口见面。",
            "我们今天下午三点在图书馆门口见面",
        ),
    ],
)
def test_the_shared_text_is_shown_as_the_row_writes_it(row, item, shared):
    found = decontaminate(pool([(row, "x", None)]), pool([(item, "y", None)], "eval.jsonl"), Decontaminate())
    assert [hit.text for hit in found.overlaps] == [shared]
    assert found.table["contaminated_by"].to_pylist() == ["eval.jsonl:1"]


def test_items_too_short_for_an_ngram_are_counted_and_looked_for_as_whole_prompts():
    rows = pool([("What is two plus two", "4", None), ("so what is two plus two", "4", None)])
    items = pool([("what is two plus two?", "4", None)])
    found = decontaminate(rows, items, Decontaminate())
    assert [(hit.row, hit.method, hit.similarity, hit.text) for hit in found.overlaps] == [
        (0, "prompt", 1.0, "what is two plus two?")
    ]
    assert "1 have fewer than 8 and are looked for as whole prompts only" in found.notes[0]
    by_near = decontaminate(rows, items, Decontaminate(near=0.3)).overlaps
    assert {(hit.row, hit.method) for hit in by_near} == {(0, "prompt"), (0, "near"), (1, "near")}


def test_rows_that_are_flagged_are_kept_and_those_removed_are_not_selected():
    leak = "one two three four five six seven eight nine ten eleven twelve thirteen"
    rows, items = pool([(leak, "x", None), ("else", "y", None), ("else ", "y", None)]), pool([(leak, "z", None)])
    flagged = decontaminate(rows, items, Decontaminate(flag=True)).table
    assert len(rows_that_count(flagged, "unique")) == 3 and flagged["contaminated_by"].null_count == 2
    removed = decontaminate(rows, items, Decontaminate()).table
    assert rows_that_count(removed, "unique").tolist() == [1, 2]
    assert select.order(exact.mark(removed), plain(method="random", size=3)).tolist() in ([1], [2])
    assert ledger.fate(removed, 0).startswith("removed as contaminated by f.jsonl:1 (ngram 1.00)")
    # Whatever looks for duplicates afterwards leaves it out.
    later = mark(removed, Dedup(near=0.7)).table
    assert later["duplicate_method"].to_pylist()[0] == "contaminated"
    assert ledger.funnel(later) == [("read", 3), ("valid", 3), ("unique", 2), ("clean", 1)]
    marked = mark(rows, Dedup(near=None)).table
    assert decontaminate(marked, items, Decontaminate()).table["duplicate_method"].to_pylist().count("exact") == 1


def test_hits_are_the_same_in_batches_of_any_size_and_through_files(monkeypatch):
    files = [FOLDER / name for name in POOL]
    rows, items = table.read(files), table.read([FOLDER / "heldout.jsonl"])
    options = Decontaminate(ngram=5, near=0.5)
    expected = decontaminate(rows, items, options)
    assert len(expected.overlaps) == len(list(expected.overlaps)) > len(expected.overlaps.first) > len(LEAKS)
    counts = Counter(item for item, _ in {(hit.item, hit.row) for hit in expected.overlaps})
    assert (
        expected.overlaps.commonest_item()[1] == max(counts.values()) == counts[expected.overlaps.commonest_item()[0]]
    )
    assert expected.overlaps.most_similar(9) == sorted(expected.overlaps, key=lambda hit: -round(hit.similarity, 4))[:9]
    for module, name, size in (
        ("engine.local_rows", "BATCH", 7),
        ("dedup.decontaminate", "AT_ONCE", 5),
        ("dedup.decontaminate", "HELD_BYTES", 0),
        ("dedup.contamination_columns", "HELD_BYTES", 0),
        ("dedup.contamination_columns", "ROW_GROUP", 11),
        ("dedup.decontaminate", "BATCH", 2),
        ("dedup.overlaps", "HELD_BYTES", 0),
        ("dedup.overlaps", "BATCH", 3),
    ):
        monkeypatch.setattr(f"curate.{module}.{name}", size)
    parts = decontaminate(rows, items, options)
    assert list(parts.overlaps) == list(expected.overlaps) and parts.overlaps[-1] == list(expected.overlaps)[-1]
    assert parts.table.equals(expected.table)
    by_row = {hit.row: hit for hit in reversed(list(expected.overlaps))}
    for row, text in enumerate(expected.table["contamination_text"].to_pylist()):
        assert text == (by_row[row].text if row in by_row else None)


def test_no_valid_item_is_an_error():
    with pytest.raises(CurateError, match="no valid row"):
        decontaminate(pool([("a", "b", None)]), pool([("a", "b", None)]).slice(0, 0), Decontaminate())
    with pytest.raises(CurateError, match="at least 2"):
        decontaminate(pool([("a", "b", None)]), pool([("a", "b", None)]), Decontaminate(ngram=1))


def test_command_line(curate, tmp_path):
    out, report = tmp_path / "clean.jsonl", tmp_path / "hits.jsonl"
    inputs = [FOLDER / "alpaca.json", FOLDER / "sft.jsonl"]
    options = ["--against", FOLDER / "heldout.jsonl", "--share", "0.5"]
    done = curate("decontaminate", *inputs, out, *options, "--report", report)
    assert done.returncode == 0, done.stderr
    assert "removed 2 contaminated rows" in done.stderr
    hits = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    assert {(Path(h["file"]).name, h["row"]): (Path(h["eval_file"]).name, h["eval_row"]) for h in hits} == {
        place: of for place, of in LEAKS.items() if place[0] != "dolly.jsonl"
    }
    shown = curate("explain", f"{out}.ledger.parquet", "sft.jsonl:48").stdout
    assert "removed as contaminated by" in shown and "Greet them with a set-up desk" in shown
    summary = json.loads(curate("decontaminate", *inputs, out, *options, "--flag", "--json").stdout)
    assert summary["hits"] == hits
    assert summary["contaminated"] == 2 and summary["clean"] == summary["valid"] if "clean" in summary else True
    nothing = curate("decontaminate", FOLDER / "alpaca.json", out)
    assert nothing.returncode == 2 and "--against" in nothing.stderr
