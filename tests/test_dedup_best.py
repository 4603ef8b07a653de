"""Which of rows that are alike is kept: the one of most quality, else with fewer faults, wherever scores come from."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.dedup import exact
from curate.dedup.mark import mark
from curate.dedup.options import Dedup
from curate.dedup.ranking import BY_FAULTS
from curate.dedup.rethreshold import rethreshold
from curate.errors import CurateError
from curate.score.faults.counts import count_faults
from curate.table import ledger, table
from tests.builders import ROOT
from tests.builders.tables import pool

CASES = ROOT.parent / "shared" / "cases" / "curation" / "dedup_keeps_the_bad.jsonl"
MARKS = ["duplicate_of", "duplicate_method", "duplicate_similarity", "duplicate_cluster", "similar"]
WORDS = [f"word{i}" for i in range(30)]


def texts_alike(seed: int, n: int) -> list[tuple[str, str, str | None]]:
    """Rows in families: some the same, some of the same shingles, some near."""
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(n):
        start = int(random.integers(0, 4)) * 2
        prompt = " ".join(WORDS[start : start + 20])
        answer = " ".join(WORDS[start + 2 : start + 16 + int(random.integers(0, 3))])
        rows.append((prompt, answer.upper() if random.random() < 0.3 else answer, None))
    return rows


def counts_by_text(batch: pa.Table) -> pa.Table:
    """Faults that depend on the row alone, as real ones do."""
    records = batch["record"].to_pylist()
    certain = [sum(map(ord, text)) % 3 // 2 for text in records]
    return pa.table({"certain": certain, "suspected": [sum(map(ord, text)) % 2 for text in records]})


@given(seed=st.integers(0, 10_000), n=st.integers(2, 25), key=st.sampled_from(["conversation", "prompt", "exchange"]))
@settings(deadline=None, max_examples=60)
def test_ranking_by_faults_gives_what_a_column_of_them_gives(seed, n, key):
    rows = pool(texts_alike(seed, n))
    counts = counts_by_text(rows)
    worth = [
        -100.0 * a - b for a, b in zip(counts["certain"].to_pylist(), counts["suspected"].to_pylist(), strict=True)
    ]
    dedup = Dedup(near=0.6, semantic=0.9, key=key)
    outside = pool(texts_alike(seed + 1, 3), "g.jsonl") if seed % 2 else None
    by_column = mark(rows.append_column("quality", pa.array(worth)), dedup, outside, "tfidf").table
    by_faults = mark(rows, dedup, outside, "tfidf", count_faults=counts_by_text).table
    assert by_faults["duplicate_of"].to_pylist() == by_column["duplicate_of"].to_pylist()
    assert by_faults["duplicate_cluster"].to_pylist() == by_column["duplicate_cluster"].to_pylist()
    assert by_faults["similar"].to_pylist() == by_column["similar"].to_pylist()
    again = rethreshold(by_faults, Dedup(near=0.6, semantic=None), counts_by_text).table
    assert again["duplicate_of"].to_pylist() == by_faults["duplicate_of"].to_pylist()
    tighter = rethreshold(by_faults, Dedup(near=0.8, semantic=None), counts_by_text).table
    anew = mark(rows, Dedup(near=0.8, semantic=0.9, key=key), outside, "tfidf", count_faults=counts_by_text).table
    assert tighter["duplicate_of"].to_pylist() == anew["duplicate_of"].to_pylist()


@given(seed=st.integers(0, 10_000), n=st.integers(2, 25))
@settings(deadline=None, max_examples=30)
def test_exact_first_and_near_after_scores_is_near_at_once_where_quality_does_not_differ(seed, n):
    rows = pool(texts_alike(seed, n))
    once = mark(rows, Dedup(near=0.6)).table
    first = exact.mark(rows)
    kept = first["duplicate_of"].is_null().to_pylist()
    scored = first.append_column("quality", pa.array([0.5 if is_kept else None for is_kept in kept]))
    later = mark(scored, Dedup(near=0.6)).table
    for name in MARKS:
        assert later[name].to_pylist() == once[name].to_pylist(), name


def test_the_same_text_as_a_contaminated_row_is_dropped_with_it():
    rows = exact.mark(pool([("a b c d e f g", "x", None), ("a b c d e f g", "x", None), ("else", "y", None)]))
    of = rows["duplicate_of"].to_pylist()
    best = of.index(None)
    method = [m if i != best else "contaminated" for i, m in enumerate(rows["duplicate_method"].to_pylist())]
    of[best] = -(1 << 62)
    columns = {"duplicate_of": pa.array(of), "duplicate_method": pa.array(method)}
    dropped = rows.drop_columns([*columns]).append_column("duplicate_of", columns["duplicate_of"])
    dropped = dropped.append_column("duplicate_method", columns["duplicate_method"])
    marked = mark(dropped, Dedup(near=0.7)).table
    assert marked["duplicate_of"].to_pylist() == of and marked["duplicate_method"].to_pylist() == method


FAULTY = [
    ("Name three rivers of Europe.", "The Danube, the Rhine and the Volga are three rivers of Europe that many know"),
    ("Why is the sky blue in the daytime?", "Air scatters blue light far more than red light, so the sky looks blue"),
]


@pytest.mark.parametrize("ending", [". As an AI language model, I cannot", "<|endoftext|><|im_start|>user\nGo on"])
def test_a_longer_faulty_twin_is_dropped(curate, tmp_path, ending):
    rows = [
        {"instruction": prompt, "input": "", "output": text}
        for prompt, answer in FAULTY
        for text in (f"{answer}.", f"{answer}{ending}")
    ]
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = curate("dedup", source, out, "--near", "0.4", "--key", "prompt")
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in out.read_text().splitlines()] == rows[::2]
    marked = table.read([str(tmp_path / "out.jsonl.ledger.parquet")])
    assert f"of its cluster the best row: {BY_FAULTS}" in ledger.explain(marked, 2)


@pytest.mark.skipif(not CASES.exists(), reason="needs the shared cases")
def test_of_a_good_row_and_its_faulty_twin_the_good_one_is_kept():
    kinds = [json.loads(line)["kind"] for line in CASES.read_text(encoding="utf-8").splitlines()]
    marked = mark(table.read([str(CASES)]), Dedup(near=0.7), count_faults=count_faults).table
    pairs = [(kinds[i], kinds[of]) for i, of in enumerate(marked["duplicate_of"].to_pylist()) if of is not None]
    of_twins = [kept for dropped, kept in pairs if (dropped, kept) != ("good", "good")]
    assert len(of_twins) == 30 and of_twins.count("good") == 30


def test_scored_faults_are_not_looked_for_again():
    def never(batch: pa.Table) -> pa.Table:
        raise AssertionError("faults are in the table")

    rows = pool([("tell me a b c d", "a short one", None), ("tell me a b c d", "a much longer one", None)])
    rows = rows.append_column("faults", pa.array([[], ["loop"]], pa.list_(pa.string())))
    rows = rows.append_column("suspicions", pa.array([["loop"], []], pa.list_(pa.string())))
    marked = mark(rows, Dedup(near=None, key="prompt"), count_faults=never).table
    assert marked["duplicate_of"].to_pylist() == [None, 0]
    # A row that was not scored, as the copy of one that was, does not take its place.
    unscored = rows.set_column(rows.schema.get_field_index("faults"), "faults", pa.array([None, ["loop"]]))
    marked = mark(unscored, Dedup(near=None, key="prompt"), count_faults=never).table
    assert marked["duplicate_of"].to_pylist() == [1, None]


def test_the_best_by_a_field_of_the_rows(tmp_path):
    rows = [{"instruction": "i", "output": "o" * (9 - i), "stars": stars} for i, stars in enumerate([2, 5, 3])]
    (tmp_path / "f.json").write_text(json.dumps([*rows, {"instruction": "i", "output": "oooooooooooo"}]))
    read = table.read([tmp_path / "f.json"])

    def kept(best: str | None) -> list[int]:
        marked = mark(read, Dedup(near=None, key="prompt", best=best), count_faults=count_faults).table
        return [i for i, of in enumerate(marked["duplicate_of"].to_pylist()) if of is None]

    assert kept("stars") == [1] and kept("-stars") == [0]
    with pytest.raises(CurateError, match="no column 'moons'"):
        kept("moons")


def test_quality_comes_before_score_and_both_before_faults():
    rows = pool([("the same prompt", "an answer", None), ("the same prompt", "a longer answer", None)])
    rows = rows.append_column("score", pa.array([0.9, 0.1]))
    dedup = Dedup(near=None, key="prompt")
    assert mark(rows, dedup).table["duplicate_of"].to_pylist() == [None, 0]
    rows = rows.append_column("quality", pa.array([0.2, 0.3]))
    assert mark(rows, dedup).table["duplicate_of"].to_pylist() == [1, None]
