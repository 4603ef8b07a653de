"""Quality in every method of selection: a weight or a gate, never ignored."""

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
from curate.filter.where import where
from curate.score.column import Column
from curate.select import k_center, novelsum, quality
from curate.select import selection as select
from curate.select.arrange import LOOKS_AT_QUALITY, METHODS, arrange
from curate.select.options import plain
from curate.select.pool import MethodContext, Pool
from curate.table import ledger, table
from curate.table.counting import rows_that_count
from tests.builders.tables import pool
from tests.test_select_methods import SEEDS, hashes, novelty, unit

PROBABILITY = Column("quality", "probability that a row is good", "probability, 0 to 1", "higher", "a test")


def chosen(method: str, vectors: np.ndarray, grades: np.ndarray, size: int, **options) -> list[int]:
    rows = Pool(vectors, grades, hashes(len(vectors)))
    return arrange(rows, None, MethodContext(plain(method=method, size=size, **options))).order.tolist()


def graded(values: list[float | None], column: Column = PROBABILITY) -> pa.Table:
    rows = pool([(f"question {i} about {i * 7}", f"answer {i}", "QA") for i in range(len(values))])
    return rows.append_column(column.field(), pa.array(values, pa.float64()))


@pytest.mark.parametrize("method", sorted(LOOKS_AT_QUALITY))
@given(seed=SEEDS, n=st.integers(2, 40), data=st.data())
@settings(deadline=None, max_examples=25)
def test_a_row_that_gets_better_never_leaves_the_selection(method, seed, n, data):
    vectors, grades = unit(seed, n), np.random.default_rng(seed).random(n).round(2)
    size = data.draw(st.integers(1, n))
    before = chosen(method, vectors, grades, size)
    row = data.draw(st.sampled_from(before))
    better = grades.copy()
    better[row] = data.draw(st.floats(grades[row], 1))
    assert row in chosen(method, vectors, better, size)


@pytest.mark.parametrize("method", sorted(LOOKS_AT_QUALITY))
@given(seed=SEEDS, n=st.integers(2, 40), worthless=st.integers(1, 20))
@settings(deadline=None, max_examples=25)
def test_rows_of_no_quality_come_after_all_others(method, seed, n, worthless):
    vectors, grades = unit(seed, n, repeated=True), np.random.default_rng(seed).random(n) + 0.01
    grades[:worthless] = 0
    order = chosen(method, vectors, grades / 2, n)
    assert sorted(order) == list(range(n))
    assert all(i < worthless for i in order[n - min(worthless, n) :])


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"random", "top_score", "score_first"}))
def test_novelty_does_not_make_up_for_quality(method):
    pytest.importorskip("sklearn")
    vectors = np.concatenate([np.pad(unit(3, 60, 6), ((0, 0), (0, 3))), np.eye(9, dtype=np.float32)[6:]])
    grades = np.append(np.full(60, 0.9), [0.05] * 3)
    assert set(chosen(method, vectors, grades, 10, clusters=8)).isdisjoint({60, 61, 62})
    blind = chosen(method, vectors, grades, 10, clusters=8, trade_off=0)
    assert method != "k_center" or not set(blind).isdisjoint({60, 61, 62})


@pytest.mark.parametrize("method", ["novelsum", "k_center", "clustered", "facility_location"])
def test_rows_from_full_quality_on_count_alike(method):
    pytest.importorskip("sklearn")
    vectors = unit(7, 40)
    grades = np.random.default_rng(7).uniform(0.8, 1, 40)
    full = Pool(vectors, grades, hashes(40), full=0.8)
    alike = Pool(vectors, np.ones(40) if method != "clustered" else grades, hashes(40))
    context = MethodContext(plain(method=method, size=40))
    blind = MethodContext(plain(method=method, size=40, trade_off=0))
    assert arrange(full, None, context).order.tolist() == arrange(alike, None, blind).order.tolist()


@pytest.mark.parametrize("seed", range(4))
def test_weighted_novelsum_takes_the_row_of_most_novelty_times_weight(seed):
    vectors, weights = unit(seed, 60), np.random.default_rng(seed).random(60)
    density = novelsum.density(vectors, vectors)
    order, novelties = novelsum.greedy(vectors, density, 30, weights)
    for k in range(1, 30):
        before = order[:k].tolist()
        worth = {i: novelty(vectors, density, before, i) * weights[i] for i in range(60) if i not in before}
        assert worth[int(order[k])] == pytest.approx(max(worth.values()), rel=1e-4)
        assert novelties[k] == pytest.approx(worth[int(order[k])], rel=1e-4)


@pytest.mark.parametrize("seed", range(6))
def test_weighted_k_center_takes_the_row_of_most_distance_times_weight(monkeypatch, seed):
    monkeypatch.setattr(k_center, "ACTIVE", 5)
    vectors, weights = unit(seed, 80, repeated=True), np.random.default_rng(seed).random(80).round(1)
    order, distances = k_center.greedy(vectors, 30, weights)
    assert len(set(order.tolist())) == 30
    for k in range(1, 30):
        before = order[:k].tolist()
        far = (1 - (vectors @ vectors[before].T).max(axis=1)) * weights
        far[before] = -1
        assert distances[k] == pytest.approx(far.max(), abs=1e-5)
        assert far[order[k]] == pytest.approx(far.max(), abs=1e-5)


def test_a_probability_counts_by_value_and_gates_by_value():
    values = [0.9] * 20 + [0.6] * 3 + [0.05] * 17
    made = quality.row_quality(graded(values), [], None)
    assert made.values.tolist() == values
    assert (made.gate, made.full) == pytest.approx((0.54, 0.9))
    selection = select.choose(graded(values), plain(method="top_score", size=40))
    assert sorted(selection.order.tolist()) == list(range(23)) and selection.below == 17
    assert selection.columns["select_reason"][30].as_py() == "quality 0.050 is below the floor, 0.54"
    assert selection.columns["select_quality"][30].as_py() == 0.05
    assert "a probability" in "\n".join(selection.notes)


@given(
    seed=st.integers(0, 99), shares=st.lists(st.sampled_from((0.0, 0.1, 0.3, 0.6)), min_size=2, max_size=2, unique=True)
)
def test_the_automatic_floor_is_higher_the_more_rows_are_bad(seed, shares):
    """Evidence is normal with means of +4.5 for good and -4.5 for bad rows, in natural logarithms of odds."""
    random, floors = np.random.default_rng(seed), []
    for share in sorted(shares):
        bad = round(share * 600)
        evidence = 3 * np.r_[random.normal(1.5, 1, 600 - bad), random.normal(-1.5, 1, bad)]
        probabilities = 1 / (1 + np.exp(-evidence))
        floor = quality.automatic_floor(probabilities)
        below = probabilities < floor
        assert below[: 600 - bad].mean() < (0.03 if share == 0 else 0.5)
        assert not bad or below[-bad:].mean() > 0.75
        floors.append(floor)
    assert floors[0] < floors[1]


@pytest.mark.parametrize("method", sorted(METHODS))
def test_no_method_takes_rows_that_are_surely_bad(method):
    pytest.importorskip("sklearn")
    values = [0.9 if i % 5 < 2 else 0.05 for i in range(60)]  # 60 % dirt
    selection = select.choose(graded(values), plain(method=method, size=20), embedder="tfidf")
    assert len(selection.order) == 20 and all(values[i] == 0.9 for i in selection.order)


def test_a_share_as_floor_holds_for_probabilities_as_well():
    values = [i / 40 for i in range(40)]
    selection = select.choose(graded(values), plain(method="random", size=40, floor=0.25))
    assert selection.below == 10 and min(selection.order) == 10
    assert select.choose(graded(values), plain(method="random", size=40, floor=None)).below == 0


def test_ranks_are_weights_and_gate_nothing_unless_asked():
    of_ranks = Column("score", "mean rank", "mean rank less faults", "higher", "a test")
    values = [0.9] * 20 + [0.05] * 20
    made = quality.row_quality(graded(values, of_ranks), [], None)
    assert made.gate == 0 and made.full == 1 and sorted(set(made.values.tolist())) == [0, 1]
    selection = select.choose(graded(values, of_ranks), plain(method="top_score", size=40))
    assert selection.below == 0 and len(selection.order) == 40


def test_quality_comes_before_the_combined_score():
    rows = graded([0.1, 0.9, 0.5]).append_column("score", pa.array([3.0, 1.0, 2.0]))
    assert select.order(rows, plain(method="top_score", size=2, floor=None)).tolist() == [1, 2]
    assert select.order(rows, plain(method="top_score", size=2, quality="score")).tolist() == [0, 2]


def test_a_probability_turned_around_is_a_rank():
    made = quality.row_quality(graded([0.1, 0.9, 0.5]), [], "-quality")
    assert made.values.tolist() == [1, 0, 0.5] and made.gate == 0


def test_rows_without_a_probability_count_as_the_median():
    made = quality.row_quality(graded([0.1, None, 0.9, 0.8]), [], None)
    assert made.values.tolist() == [0.1, 0.8, 0.9, 0.8]
    assert "1 row without one counts as the median" in made.rest


def with_field(tmp_path, values: list) -> str:
    rows = [
        {"instruction": f"question {i % 3} 问", "output": f"answer {i % 3}", "quality": value}
        for i, value in enumerate(values)
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({k: v for k, v in row.items() if v is not None}) + "\n" for row in rows))
    return str(path)


def test_the_field_quality_of_the_rows_counts_for_every_step_as_the_column_does(tmp_path):
    rows = table.read([with_field(tmp_path, [1, 5, None, 9, 0.5, 7])])
    by_column = rows.append_column("quality", pa.array([1, 5, None, 9, 0.5, 7], pa.float64()))
    for marked in (exact.mark(rows), mark(rows, Dedup(near=0.7)).table):
        assert rows_that_count(marked, "unique").tolist() == [1, 3, 5]
    for method in ("top_score", "facility_location"):
        options = plain(method=method, size=3)
        chosen = [select.choose(exact.mark(pool), options, embedder="tfidf") for pool in (rows, by_column)]
        assert chosen[0].order.tolist() == chosen[1].order.tolist()
        assert "quality: the rank of quality, a field of the rows, higher is better" in chosen[0].notes
        assert "quality: the rank of quality, higher is better" in chosen[1].notes
    assert where(rows, ["quality >= 5"]).counts == where(by_column, ["quality >= 5"]).counts


@pytest.mark.parametrize("values", [["good", 3, 4], [None, None, None], [True, 2, 3]])
def test_a_field_that_holds_no_numbers_is_no_quality(tmp_path, values):
    rows = table.read([with_field(tmp_path, values)])
    chosen = select.choose(exact.mark(rows), plain(method="top_score", size=2))
    assert chosen.notes[0].startswith("no row has a quality score")
    assert "longer" in mark(rows, Dedup()).table.schema.metadata[b"curate.dedup"].decode()
    scored = rows.append_column("score", pa.array([3.0, 2.0, 1.0]))
    assert select.choose(scored, plain(method="top_score", size=3)).order.tolist() == [0, 1, 2]


def test_the_column_comes_before_the_field_and_the_field_before_the_score(tmp_path):
    rows = table.read([with_field(tmp_path, [1, 2, 3])]).append_column("score", pa.array([3.0, 2.0, 1.0]))
    options = plain(method="top_score", size=3)
    assert select.choose(rows, options).order.tolist() == [2, 1, 0]
    measured = rows.append_column(PROBABILITY.field(), pa.array([0.7, 0.9, 0.6]))
    assert select.choose(measured, options).order.tolist() == [1, 0, 2]


@pytest.mark.parametrize(
    ("floor", "said", "below"),
    [
        ("auto", "rows from 0.81 on count alike, the automatic floor is 0.49", 5),
        (0.5, "rows from 0.81 on count alike, the floor 0.5 leaves out rows below 0.50", 5),
        (0.99, "rows from 0.81 on count alike, the floor 0.99 leaves out rows below 0.90", 9),
        (0, "rows from 0.81 on count alike, there is no floor", 0),
        (None, "rows from 0.81 on count alike, there is no floor", 0),
    ],
)
def test_what_is_said_of_the_floor_is_said_of_the_one_that_counts(floor, said, below):
    chosen = select.choose(graded([i / 10 for i in range(10)]), plain(method="top_score", floor=floor))
    assert chosen.notes[0] == f"quality: quality, a probability; {said}" and chosen.below == below


def test_an_automatic_floor_that_leaves_out_no_row_is_told_so():
    note = select.choose(graded([0.9 + i / 1000 for i in range(50)]), plain(method="top_score")).notes[0]
    assert note.endswith("rows from 0.94 on count alike, the automatic floor leaves out no row")


def test_a_floor_of_ranks_is_told_as_one():
    rows = graded([float(i) for i in range(9)] + [None], Column("worth", "", "stars", "higher", "a test"))
    notes = [
        select.choose(rows, plain(method="top_score", quality="worth", floor=floor)).notes[0]
        for floor in (0.25, "auto")
    ]
    before, after = "quality: the rank of worth, higher is better", "; 1 row without one counts as the median"
    assert notes == [f"{before}, the floor 0.25 leaves out rows of a rank below 0.25{after}", before + after]


def test_a_copy_of_a_row_that_was_not_selected_says_where_that_one_ended(tmp_path):
    texts = [
        ("讲个笑话", "好"),
        ("讲个笑话", "好"),
        ("Name a planet.", "Mars"),
        ("Name a planet.", "Mars"),
        ("Say hi.", "Hi"),
    ]
    rows = pool([(prompt, answer, None) for prompt, answer in texts])
    rows = exact.mark(rows.append_column(PROBABILITY.field(), pa.array([0.1, 0.05, 0.8, 0.7, 0.9])))
    chosen = select.choose(rows, plain(method="top_score", size=1)).ledger(rows)
    told = ledger.fates(chosen)
    assert told == [ledger.fate(chosen, position) for position in range(5)]
    place = f"{rows['file'][0]} row"
    floor = chosen["select_reason"][0].as_py()
    assert "is below the floor" in floor
    assert told[1] == f"exact duplicate of {place} 1, which was kept of its group and then left out: {floor}"
    assert told[3].startswith(
        f"exact duplicate of {place} 3, which was kept of its group and then left out: the selection"
    )
    chosen = select.choose(rows, plain(method="top_score", size=3)).ledger(rows)
    assert ledger.fate(chosen, 3) == f"exact duplicate of {place} 3, which is kept"
    assert ledger.comparison(chosen, 3).other_title == f"{place} 3 (kept)"
    assert "was kept of its group and then left out" in ledger.comparison(chosen, 1).other_title
