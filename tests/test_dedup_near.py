"""Near-duplicates: shingles as a plain program would make them, exact similarities, and the laws of what is kept."""

from __future__ import annotations

import json
import random
import re
import unicodedata
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.dedup import banding, exact, large_buckets, minhash, near
from curate.dedup.jaccard import intersections, jaccard, merged_intersections
from curate.dedup.mark import mark
from curate.dedup.mark_columns import ELSEWHERE
from curate.dedup.minhash import bands_for
from curate.dedup.options import Dedup
from curate.dedup.rethreshold import rethreshold
from curate.dedup.shingles import SIZE, elements, shingles
from curate.dedup.units import SPECIAL, describe_character, units
from curate.errors import CurateError
from curate.table import table
from curate.table.ledger import METADATA
from curate.text import normal
from curate.text.key_texts import KEYS
from schemas.decode import Read
from schemas.record import Conversation, Message
from schemas.registry import FORMATS
from tests.builders.processes import PROGRESS
from tests.builders.tables import pool
from tests.builders.texts import KEY, ROWS, families, plain_units

FOLDER = Path(__file__).parent.parent / "sample_data"
ODD = [
    "",
    " ",
    "a",
    "一",
    "!?",
    "…",
    "\ud800",
    "a\ud800b",
    "é" * 1_000_000,
    "\x00",
    "\n\n",
    "😀",
    "क्या हाल है",
    "ß ẞ ſ ﬁ",
]
TEXT = st.text(
    st.sampled_from(
        "ab cB.\n，一二三四éßﬁ＿Ａ9\u0301\ud800…´①㍿İ=\u0338각²₂⁼×∬½⩵＋-*(）=;[&\u3000{\u1100\u1161\u11a8か\u3099ｶﾞ"
    ),
    max_size=40,
)
# A duplicate in other case or width is one of the same shingles, but no exact one.
METHODS = {"exact_duplicate": "exact", "exact_duplicate_normalised": "near", "near_duplicate": "near"}


def plain_set(text: str) -> set[tuple[str, ...]]:
    parts = plain_units(text, signs=True)
    if not parts:
        return {("whole", normal.normal(text))} if text.strip() else set()
    return {tuple(parts[i : i + SIZE]) for i in range(max(1, len(parts) - SIZE + 1))}


def similarity(one: set, other: set) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0


@given(st.lists(st.one_of(TEXT, st.sampled_from(ODD[:8])), max_size=12))
@settings(deadline=None, max_examples=200)
def test_shingles_are_those_of_a_plain_program(texts):
    sets = shingles(texts)
    plain = [plain_set(text) for text in texts]
    assert sets.sizes.tolist() == [len(p) for p in plain]
    left, right = np.triu_indices(len(texts), 1)
    expected = [similarity(plain[i], plain[j]) for i, j in zip(left, right, strict=True)]
    assert jaccard(sets, left, right).tolist() == pytest.approx(expected)
    assert [[unit.text for unit in units(text)] for text in texts] == [plain_units(text) for text in texts]


def test_a_character_that_may_join_the_one_before_it_has_the_whole_text_folded():
    seconds = set()
    for code in range(0x110000):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            seconds.add(chr(int(parts[1], 16)))
    assert len(seconds) > 50
    assert [c for c in seconds if not describe_character(c) & int(SPECIAL)] == []


def test_signatures_agree_as_often_as_sets_share():
    r = random.Random(5)
    texts, expected = [], []
    for n in (3, 8, 20, 60, 200, 900):
        for _ in range(40):
            shared, own = r.randint(1, n), r.randint(0, n)
            common = [str(r.getrandbits(60)) for _ in range(shared)]
            texts += [" ".join(common + [str(r.getrandbits(60)) for _ in range(own)]) for _ in range(2)]
            expected.append(shared / (shared + 2 * own))
    sets = shingles(texts, size=1)
    exact_similarity = jaccard(sets, np.arange(0, len(texts), 2), np.arange(1, len(texts), 2))
    signed = minhash.signatures(sets, np.arange(len(texts)))
    seen = minhash.agreeing(signed, np.arange(0, len(texts), 2), np.arange(1, len(texts), 2)) / minhash.SLOTS
    assert exact_similarity == pytest.approx(expected)
    assert abs((seen - exact_similarity).mean()) < 0.01
    spread = (exact_similarity * (1 - exact_similarity) / minhash.SLOTS) ** 0.5
    assert (np.abs(seen - exact_similarity) <= 4.5 * spread + 1e-9).all()


def test_chinese_is_no_single_token_and_english_no_bag_of_letters():
    sets = shingles(
        [
            "我今天去了北京的图书馆借书。",
            "我今天去了上海的图书馆借书。",
            "the rat ate the cheese",
            "the cat ate the rat",
        ]
    )
    assert sets.sizes[0] > 5
    assert jaccard(sets, np.array([0, 2]), np.array([1, 3])).tolist() == pytest.approx([4 / 14, 0], abs=0.1)


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_are_like_themselves_only(text):
    found = near.pairs([text, "quite another text of seven words", text], 0.5)
    pairs = list(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert pairs == ([(0, 2)] if text.strip() else [])


def test_similarities_of_large_families_and_of_single_pairs_agree():
    texts = families(1, 600)
    sets = shingles(texts)
    plain = [plain_set(text) for text in texts]
    left, right = np.triu_indices(len(texts), 1)
    shared = intersections(sets, left, right)
    some = np.random.default_rng(0).choice(len(left), 3000, replace=False)
    assert shared[some].tolist() == [len(plain[i] & plain[j]) for i, j in zip(left[some], right[some], strict=True)]
    assert (merged_intersections(sets, left[some], right[some]) == shared[some]).all()


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.9])
def test_bands_find_what_they_promise_and_nothing_else(threshold, monkeypatch):
    texts = families(2, 1400)
    truth = near.pairs(texts, threshold)
    assert truth.note == "all pairs compared"
    plain = [plain_set(text) for text in texts[:300]]
    brute = {(i, j) for i in range(300) for j in range(i + 1, 300) if 1 > similarity(plain[i], plain[j]) >= threshold}
    pairs = {p for p in zip(truth.left.tolist(), truth.right.tolist(), strict=True)}
    single = set(range(300)) - {j for i, j in pairs if similarity(plain_set(texts[i]), plain_set(texts[j])) == 1}
    assert {(i, j) for i, j in pairs if j < 300 and {i, j} <= single} == {p for p in brute if set(p) <= single}
    monkeypatch.setattr(near, "EXACT_TEXTS", 0)
    found = near.pairs(texts, threshold)
    got = {p for p in zip(found.left.tolist(), found.right.tolist(), strict=True)}
    assert got <= pairs
    assert len(got) >= 0.99 * len(pairs)
    assert bands_for(threshold).recall(threshold) >= 0.99


@pytest.mark.parametrize("seed", [3, 4])
def test_buckets_too_large_for_all_pairs_leave_the_same_rows(seed, monkeypatch):
    rows = [(text, text, None) for text in families(seed, 1700)]
    monkeypatch.setattr(near, "EXACT_TEXTS", 0)
    whole = mark(pool(rows), Dedup(near=0.7)).table
    monkeypatch.setattr(banding, "MOST_CANDIDATES", 500)
    monkeypatch.setattr(large_buckets, "HUBS", 4)
    monkeypatch.setattr(large_buckets, "AT_ONCE", 100)
    part = mark(pool(rows), Dedup(near=0.7))
    assert not json.loads(part.table.schema.metadata[METADATA])["complete"]
    assert part.table["duplicate_of"].is_null().equals(whole["duplicate_of"].is_null())
    # What such a ledger does not hold is looked for again.
    again = rethreshold(part.table, Dedup(near=0.9)).table
    assert again["duplicate_of"].equals(mark(pool(rows), Dedup(near=0.9)).table["duplicate_of"])


@pytest.mark.parametrize("texts", [["same words here"] * 3000, [f"row {i} " + "x" * i for i in range(3000)]])
def test_all_alike_and_all_different(texts):
    marked = mark(pool([(text, text, None) for text in texts]), Dedup(near=0.8)).table
    assert marked["duplicate_of"].null_count == len(set(texts))


def marks_by_text(marked: pa.Table) -> set:
    """What a table marks of each row, without positions."""
    texts = list(zip(marked["prompt"].to_pylist(), marked["response"].to_pylist(), strict=True))
    of = marked["duplicate_of"].to_pylist()
    columns = [marked[name].to_pylist() for name in ("duplicate_method", "duplicate_similarity", "duplicate_cluster")]
    marks = zip(texts, of, *columns, strict=True)
    return {(text, None if i is None else texts[i], *rest) for text, i, *rest in marks}


@given(ROWS, st.sampled_from([0.3, 0.5, 1.0]), KEY, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60)
def test_the_order_of_rows_changes_nothing(rows, threshold, key, r):
    shuffled = r.sample(rows, len(rows))
    options = Dedup(near=threshold, key=key)
    assert marks_by_text(mark(pool(rows), options).table) == marks_by_text(mark(pool(shuffled), options).table)


@given(ROWS, st.sampled_from([0.3, 0.5, 0.8]), KEY)
@settings(deadline=None, max_examples=60)
def test_twice_is_once(rows, threshold, key):
    options = Dedup(near=threshold, key=key)
    marked = mark(pool(rows), options).table
    kept_rows = [row for row, of in zip(rows, marked["duplicate_of"].to_pylist(), strict=True) if of is None]
    assert mark(pool(kept_rows), options).table["duplicate_of"].null_count == len(kept_rows)
    assert mark(marked, options).table.equals(marked)
    # Exact duplicates looked for afterwards leave these marks alone.
    later = exact.mark(marked)["duplicate_of"].to_pylist()
    of = marked["duplicate_of"].to_pylist()
    assert all(new is not None for new, old in zip(later, of, strict=True) if old is not None)
    if key == "conversation":
        assert later == of


@given(ROWS, st.sampled_from([0.2, 0.4]), st.sampled_from([0.4, 0.6, 0.75, 1.0]), KEY)
@settings(deadline=None, max_examples=60)
def test_a_tighter_threshold_from_the_ledger_is_the_same_as_anew(rows, loose, tight, key):
    again = rethreshold(mark(pool(rows), Dedup(near=loose, key=key)).table, Dedup(near=tight)).table
    assert again.equals(mark(pool(rows), Dedup(near=tight, key=key)).table)


@given(ROWS, st.sampled_from([0.3, 0.5, 0.8]))
@settings(deadline=None, max_examples=60)
def test_each_row_is_dropped_for_one_like_it_and_no_two_kept_are_alike(rows, threshold):
    marked = mark(pool(rows), Dedup(near=threshold)).table
    sets = [plain_set(f"{prompt}\n{response}") for prompt, response, _ in rows]
    of = marked["duplicate_of"].to_pylist()
    for i, (other, degree) in enumerate(zip(of, marked["duplicate_similarity"].to_pylist(), strict=True)):
        if other is not None:
            assert of[other] is None
            assert degree == pytest.approx(similarity(sets[i], sets[other])) and degree >= threshold - 1e-6
    kept_rows = [i for i, other in enumerate(of) if other is None]
    assert all(similarity(sets[i], sets[j]) < threshold for i in kept_rows for j in kept_rows if i < j)


@given(ROWS)
@settings(deadline=None, max_examples=60)
def test_near_at_1_finds_at_least_the_exact_ones(rows):
    exactly = {i for i, of in enumerate(exact.mark(pool(rows))["duplicate_of"].to_pylist()) if of is not None}
    nearly = {
        i for i, of in enumerate(mark(pool(rows), Dedup(near=1.0)).table["duplicate_of"].to_pylist()) if of is not None
    }
    assert exactly <= nearly
    found = near.pairs([f"{prompt}\n{response}" for prompt, response, _ in rows], 1.0)
    kept = exact.mark(pool(rows))["duplicate_of"].to_pylist()
    classes = {}
    for i, j in zip(found.left.tolist(), found.right.tolist(), strict=True):
        classes[j] = i
    assert all(classes.get(i, i) == classes.get(of, of) for i, of in enumerate(kept) if of is not None)


def sample(*names: str) -> pa.Table:
    manifest = json.loads((FOLDER / "MANIFEST.json").read_text(encoding="utf-8"))
    return table.read([FOLDER / n for n in names or sorted(n for n in manifest["files"] if n != "heldout.jsonl")])


@pytest.mark.parametrize("by_bands", [False, True])
def test_planted_duplicates_are_found_and_nothing_else(by_bands, monkeypatch):
    if by_bands:
        monkeypatch.setattr(near, "EXACT_TEXTS", 0)
    manifest = json.loads((FOLDER / "MANIFEST.json").read_text(encoding="utf-8"))
    marked = mark(sample(), Dedup(near=0.7)).table
    files = [Path(name).name for name in marked["file"].to_pylist()]
    places = list(zip(files, marked["row"].to_pylist(), strict=True))
    of, how = marked["duplicate_of"].to_pylist(), marked["duplicate_method"].to_pylist()
    found = {frozenset([places[i], places[of[i]]]): how[i] for i in range(len(of)) if of[i] is not None}
    planted = {
        frozenset([(d["file"], d["row"]), (d["of"]["file"], d["of"]["row"])]): METHODS[d["kind"]]
        for d in manifest["defects"]
        if "duplicate" in d["kind"]
    }
    assert found == planted


def test_the_best_row_is_kept():
    rows = [("tell me a b c d", "x", None), ("tell me a b c d \n", "x", None), ("tell me a b c d", "x", None)]
    rows = pool(rows).append_column("quality", pa.array([0.1, 0.9, None]))
    assert mark(rows, Dedup(near=None)).table["duplicate_of"].to_pylist() == [1, None, 1]
    rows = rows.append_column("other", pa.array([1, 0, 2]))
    assert mark(rows, Dedup(near=None, best="other")).table["duplicate_of"].to_pylist() == [2, 2, None]
    with pytest.raises(CurateError, match="no column 'grade'"):
        mark(rows, Dedup(near=None, best="grade"))
    with pytest.raises(CurateError, match="must be numbers"):
        mark(rows, Dedup(near=None, best="prompt"))


def test_a_chain_does_not_take_a_row_that_is_not_like_the_one_kept():
    words = [f"w{i}" for i in range(40)]
    texts = [" ".join(words[i : i + 24]) for i in (0, 4, 8)]
    rows = [(text, answer, None) for text, answer in zip(texts, ["y", "a longer answer", "z"], strict=True)]
    marked = mark(pool(rows), Dedup(near=0.6, key="prompt")).table
    assert marked["duplicate_of"].to_pylist() == [1, None, 1]
    rows = [(text, answer, None) for text, answer in zip(texts, ["a longer answer", "y", "z"], strict=True)]
    marked = mark(pool(rows), Dedup(near=0.6, key="prompt")).table
    assert marked["duplicate_of"].to_pylist() == [None, 0, None]
    assert len(set(marked["duplicate_cluster"].to_pylist())) == 1


def conversation(*turns: str) -> Conversation:
    return Conversation([Message(("user", "assistant")[i % 2], text) for i, text in enumerate(turns)])


def test_keys_of_conversations_of_many_turns():
    sft = FORMATS["sft"]
    said = [
        conversation("Name a prime number", "two", "And the next one please", "three"),
        conversation("Name a prime number", "seven", "And one that is larger", "eleven of course"),
        conversation("Greet me in Latin now", "salve", "And the next one please", "three"),
    ]
    rows = pa.Table.from_batches([table.batch("f", [1, 2, 3], [Read(c, sft, sft.shapes[0]) for c in said])])
    found = {key: mark(rows, Dedup(near=None, key=key)).table["duplicate_of"].to_pylist() for key in KEYS}
    assert found["conversation"] == [None] * 3
    assert found["first-prompt"] == [1, None, None]
    assert found["prompt"] == [None] * 3
    assert found["exchange"] == [2, None, None] or found["exchange"] == [None, None, 0]


def test_against_leaves_the_other_file_as_it_is():
    rows = pool([("a b c d e f g", "x", None), ("q", "y", None), ("q", "y", None)])
    others = pool([("a b c d e f g", "x", None), ("A b c d e f g", "x", None)], "old.jsonl")
    marked = mark(rows, Dedup(near=0.7), against=others).table
    assert marked["duplicate_of"].to_pylist()[0] == ELSEWHERE
    assert sorted(marked["duplicate_of"].to_pylist()[1:], key=str) in ([1, None], [2, None])
    assert marked["duplicate_place"].to_pylist()[0].startswith("old.jsonl:")
    again = rethreshold(marked, Dedup(near=0.9)).table
    assert again["duplicate_of"].equals(marked["duplicate_of"])
    assert again["duplicate_text"].equals(marked["duplicate_text"])


def test_errors_say_what_to_do():
    rows = mark(pool([("a", "b", None)]), Dedup(near=0.7)).table
    with pytest.raises(CurateError, match=r"similarities from 0\.7 on.*run `curate dedup`"):
        rethreshold(rows, Dedup(near=0.5))
    with pytest.raises(CurateError, match="no semantic similarities"):
        rethreshold(rows, Dedup(near=None, semantic=0.9))
    with pytest.raises(CurateError, match="no ledger"):
        rethreshold(pool([("a", "b", None)]), Dedup(near=0.9))
    with pytest.raises(CurateError, match=re.escape("near is 70; it must be in (0, 1]")):
        mark(rows, Dedup(near=70))
    with pytest.raises(CurateError, match="key is 'turns'; it must be one of conversation"):
        mark(rows, Dedup(key="turns"))


def test_command_line(curate, tmp_path):
    names = ["alpaca.json", "chatml.jsonl", "sft.jsonl"]
    out = tmp_path / "out.jsonl"
    done = curate("dedup", *(FOLDER / n for n in names), out, "--near", 0.7)
    assert done.returncode == 0, done.stderr
    said = PROGRESS.sub("", done.stderr).splitlines()
    assert said[0].startswith("near 0.7: ")
    unique = int(next(line for line in said if line.startswith("unique")).split()[1].replace(",", ""))
    assert len(out.read_text(encoding="utf-8").splitlines()) == unique
    summary = json.loads(
        curate("dedup", *(FOLDER / n for n in names), tmp_path / "j.jsonl", "--near", 0.7, "--json").stdout
    )
    assert summary["unique"] == unique and summary["duplicates"].keys() == {"exact", "near"}
    ledger = f"{out}.ledger.parquet"
    shown = curate("explain", ledger, "alpaca.json:11").stdout
    assert "near duplicate of" in shown and "(similarity 0.767)" in shown
    assert "[-this-]" in shown and "{+the+}" in shown
    tighter = curate("dedup", ledger, tmp_path / "t.jsonl", "--rethreshold", "--near", 0.8)
    assert tighter.returncode == 0
    anew = curate("dedup", *(FOLDER / n for n in names), tmp_path / "n.jsonl", "--near", 0.8)
    assert anew.returncode == 0
    assert (tmp_path / "t.jsonl").read_bytes() == (tmp_path / "n.jsonl").read_bytes()
    looser = curate("dedup", ledger, tmp_path / "l.jsonl", "--rethreshold", "--near", 0.6)
    assert looser.returncode == 2 and looser.stderr.startswith("error: the ledger holds similarities from 0.7 on")
    assert not (tmp_path / "l.jsonl").exists()


def test_templated_public_data_do_not_collapse(real_data):
    rows = table.read([real_data / "t0_train_50k.prompt_completion.jsonl.gz"]).slice(0, 4000)
    marked = mark(rows, Dedup(near=0.7)).table
    sets = {}
    of = marked["duplicate_of"].to_pylist()
    prompts, responses = rows["prompt"].to_pylist(), rows["response"].to_pylist()
    for i, other in enumerate(of):
        if other is not None and marked["duplicate_method"][i].as_py() == "near" and i % 20 == 0:
            for j in (i, other):
                sets[j] = sets.get(j) or plain_set(f"{prompts[j]}\n{responses[j]}")
            assert similarity(sets[i], sets[other]) == pytest.approx(marked["duplicate_similarity"][i].as_py())
            assert similarity(sets[i], sets[other]) >= 0.7
    assert len(sets) > 50


FORMAL = [
    ("Work out 3⁴ and say how you did it.", "Work out 34 and say how you did it."),
    ("What is 12 + 30?", "What is 12 - 30?"),
    ("12×30等于多少？", "12÷30等于多少？"),
    ("if (a <= b) { return a; }", "if (a >= b) { return a; }"),
    ("SELECT x FROM t WHERE x != 1 AND y = 2", "SELECT x FROM t WHERE x = 1 AND y = 2"),
    ("Solve f(x) = x + 1 for x", "Solve f(x) = x * 1 for x"),
    ("把x₁和x₂相加", "把x1和x2相加"),
    ("b = a[i]", "b = a(i)"),
]
PROSE = [
    ("He - who was old - came in, and left.", "He, who was old, came in and left!"),
    ("Bread and/or butter (salted) for *you*", "bread and or butter salted for you"),
    ("他来了（很晚），然后走了。", "他来了，很晚，然后走了！"),
]


@pytest.mark.parametrize(("one", "other"), FORMAL)
def test_operators_and_superscripts_count_in_code_and_mathematics(one, other):
    sets = shingles([one, other, f"Well. {one}", f"Well. {other}"], size=2)
    assert similarity(*(set(elements(sets, np.array([i]))[0].tolist()) for i in (0, 1))) < 1
    assert similarity(*(set(elements(sets, np.array([i]))[0].tolist()) for i in (2, 3))) < 1


@pytest.mark.parametrize(("one", "other"), PROSE)
def test_punctuation_of_prose_does_not_count(one, other):
    sets = shingles([one, other])
    assert similarity(*(set(elements(sets, np.array([i]))[0].tolist()) for i in (0, 1))) == 1


def test_size_of_shingles_and_dropping_whole_clusters():
    rows = pool([(text, "x", None) for text in ("a b c d e f", "f e d c b a", "p q", "p q ")])
    by_words = mark(rows, Dedup(near=0.9, shingle=1)).table
    assert by_words["duplicate_of"].null_count == 2
    assert mark(rows, Dedup(near=0.9)).table["duplicate_of"].null_count == 3
    dropped = mark(rows, Dedup(near=0.9, shingle=1, cluster="drop")).table
    assert dropped["duplicate_of"].to_pylist() == [1, 0, 3, 2]
    assert dropped["duplicate_method"].to_pylist() == ["near", "near", "exact", "exact"]


@pytest.mark.parametrize("cluster", ["best", "drop"])
@given(ROWS, st.integers(1, 6))
@settings(deadline=None, max_examples=30)
def test_a_size_is_reached_by_the_highest_threshold_that_leaves_no_more_rows(cluster, rows, size):
    rows = pool(rows)
    lowest = Dedup(near=0.1, shingle=2, cluster=cluster)

    def left(threshold: float) -> int:
        options = msgspec.structs.replace(lowest, near=threshold)
        return mark(rows, options).table["duplicate_of"].null_count

    if left(0.1) > size:
        with pytest.raises(CurateError, match="give a lower --near"):
            mark(rows, msgspec.structs.replace(lowest, size=size))
        return
    sized = mark(rows, msgspec.structs.replace(lowest, size=size)).table
    threshold = json.loads(sized.schema.metadata[b"curate.dedup"])["near"]
    assert sized["duplicate_of"].null_count == left(threshold) <= size
    assert threshold == 1 or left(float(np.nextafter(np.float32(threshold), np.float32(2)))) > size
    ledger = mark(rows, lowest).table
    assert rethreshold(ledger, Dedup(near=None, size=size)).table["duplicate_of"].equals(sized["duplicate_of"])


def test_rows_dropped_with_their_whole_cluster_are_all_like_a_row_of_it_and_kept_ones_like_none():
    texts = families(9, 300)
    rows = pool([(text, "x", None) for text in texts])
    best, drop = (mark(rows, Dedup(near=0.6, cluster=how)).table for how in ("best", "drop"))
    alone = [name is None for name in best["duplicate_cluster"].to_pylist()]
    assert [of is None for of in drop["duplicate_of"].to_pylist()] == alone
    assert 0 < sum(alone) < best["duplicate_of"].null_count
    sets = [plain_set(f"{text}\nx") for text in texts]
    for i, of in enumerate(drop["duplicate_of"].to_pylist()):
        assert of is None or similarity(sets[i], sets[of]) >= 0.6


def test_explain_names_every_row_that_a_kept_one_stands_for(curate, tmp_path):
    texts = ["a b c d e f g", "a b c d e f h", "a b c d e f g ", "x"]
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps({"prompt": text, "completion": "y"}) + "\n" for text in texts))
    for cluster, best in (("best", "kept"), ("drop", "dropped with all that are alike")):
        out = tmp_path / f"{cluster}.jsonl"
        done = curate("dedup", source, out, "--near", "0.4", "--shingle", "2", "--cluster", cluster)
        assert done.returncode == 0, done.stderr
        assert len(out.read_text().splitlines()) == (2 if cluster == "best" else 1)
        explained = [curate("explain", f"{out}.ledger.parquet", str(i)).stdout for i in (1, 2, 3, 4)]
        if cluster == "best":
            head = next(text for text in explained[::2] if "stands for" in text)
            assert "stands for 2 rows that were dropped:" in head and "row 2 (near 0.556)" in head
            assert f"row {3 if head is explained[0] else 1} (exact)" in head
        else:
            assert not any("stands for" in text for text in explained)
        assert f"which is {best}" in explained[1]
        assert "kept" in explained[3].splitlines()[0]
