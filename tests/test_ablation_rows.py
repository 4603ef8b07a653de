"""What an ablation trains on and measures on: arms, held-out sets, and that they share nothing."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from curate.errors import CurateError
from curate.table import table
from train.answers.answer_scores import rouge_l, scores
from train.study import arms, heldout

SUBJECTS = ["rivers", "trains", "honey", "glass", "maps", "paper", "salt", "clocks", "bridges", "tea"]


def rows_of(tmp_path, rows, name="pool.jsonl"):
    path = tmp_path / name
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return table.read([path])


def row(i, kind="a"):
    """Rows that share few words."""
    words = " ".join(f"{SUBJECTS[(i * k + k) % 10]}{i * k % 97}" for k in range(1, 9))
    return {"instruction": f"Tell me of {words}", "output": f"About {i}: {words[::-1]}", "category": kind}


@pytest.fixture
def pool(tmp_path):
    return rows_of(tmp_path, [row(i, "abc"[i % 3 if i % 6 else 0]) for i in range(60)])


def test_the_share_is_stratified_and_apart(pool):
    pool_rows, heldout_rows = heldout.split(pool, 0.2)
    assert (pool_rows.num_rows, heldout_rows.num_rows) == (48, 12)
    whole = dict(zip(*(c.to_pylist() for c in pool["category"].combine_chunks().value_counts().flatten()), strict=True))
    part = dict(
        zip(*(c.to_pylist() for c in heldout_rows["category"].combine_chunks().value_counts().flatten()), strict=True)
    )
    assert all(abs(part[name] - count / 5) <= 1 for name, count in whole.items())
    assert not set(pool_rows["row"].to_pylist()) & set(heldout_rows["row"].to_pylist())


def test_rows_like_held_out_ones_leave_the_pool(tmp_path):
    test = row(1)
    same = {**test, "output": "another answer"}
    near = {**test, "instruction": test["instruction"] + " please", "output": test["output"] + "."}
    quoted = {"instruction": "Is this right?", "output": "It says: " + test["instruction"] + " " + test["output"]}
    long = {"instruction": "x", "output": " ".join(f"w{i}" for i in range(30))}
    part = {"instruction": "Read", "output": "before " + " ".join(f"w{i}" for i in range(24)) + " after this"}
    pool = rows_of(tmp_path, [row(2), same, near, quoted, part, row(3)])
    sets = {"test": rows_of(tmp_path, [test, long, test], "test.jsonl")}
    separated = heldout.separate(pool, sets)
    assert separated.pool_positions.tolist() == [0, 5]
    assert sum(separated.removed.values()) == 4
    assert separated.duplicates == {"test": 1}
    check = heldout.check_contamination(pool.take(pa.array(separated.pool_positions)), list(separated.heldout.values()))
    assert (check.trained_rows, check.heldout_rows) == (2, 2)
    assert (check.same_prompt, check.near_duplicates, check.ngram) == (0, 0, 0)
    with pytest.raises(CurateError, match="like held-out ones"):
        heldout.check_contamination(pool, list(separated.heldout.values()))


def test_an_empty_held_out_set_is_a_clear_error(tmp_path, pool):
    with pytest.raises(CurateError, match="the held-out set test is empty"):
        heldout.separate(pool, {"test": rows_of(tmp_path, [{"instruction": "x", "output": ""}], "t.jsonl")})


def test_every_arm_orders_its_rows(tmp_path, pool):
    mine = tmp_path / "mine.v1.jsonl"
    mine.write_text("".join(json.dumps(row(100 + i)) + "\n" for i in range(7)), encoding="utf-8")
    names = arms.parse_names(f"random,selected,k_center,full,file:{mine}")
    pool_rows = arms.arm_rows(pool, names)
    assert pool_rows.rows.num_rows == 67 and pool_rows.files == ["mine"]
    orders = arms.arm_orders(pool_rows, names, 20, embedder="tfidf")
    assert list(orders) == ["random", "selected", "k_center", "full", "mine"]
    assert sorted(orders["full"](0)) == list(range(60))
    assert sorted(orders["mine"](0)) == list(range(60, 67))
    for arm in ("random", "full", "mine"):
        assert orders[arm](0).tolist() != orders[arm](1).tolist()
        assert orders[arm](0).tolist() == arms.arm_orders(pool_rows, names, 20)[arm](0).tolist()
    assert set(orders["selected"](0)) <= set(range(60)) and len(orders["selected"](0)) >= 20


def test_a_ledgers_rank_is_the_selection(pool):
    ranked = pool.append_column("rank", pa.array([None] * 50 + list(range(10, 0, -1)), pa.int64()))
    given = arms.arm_rows(ranked, ["selected"])
    assert arms.arm_orders(given, ["selected"], 5)["selected"](3).tolist() == list(range(59, 49, -1))


def test_an_unknown_arm_is_a_clear_error():
    with pytest.raises(CurateError, match="unknown arm 'best'; arms are selected, full, facility_location"):
        arms.parse_names("random,best")


def test_answers_in_both_scripts_are_scored():
    pytest.importorskip("sacrebleu")
    assert rouge_l("the cat sat", "the cat sat down") == pytest.approx(2 * 3 / 7)
    assert rouge_l("今天天气很好", "今天天气好") == pytest.approx(2 * 5 / 11)
    assert rouge_l("", "a") == 0
    found = scores(["Paris ", "no"], ["paris", "yes"])
    assert found["exact_match"] == 0.5 and found["rouge_l"] == 0.5
    assert scores(["北京"], ["北京"]) == {"exact_match": 1.0, "rouge_l": 1.0, "chrf": pytest.approx(100)}


def test_rouge_l_is_the_longest_common_subsequence():
    """Against the textbook's table, on random words."""
    random = np.random.default_rng(0)
    for _ in range(30):
        a, b = (random.choice(list("abcd"), random.integers(1, 12)).tolist() for _ in range(2))
        best = np.zeros((len(a) + 1, len(b) + 1))
        for i, x in enumerate(a):
            for j, y in enumerate(b):
                best[i + 1, j + 1] = best[i, j] + 1 if x == y else max(best[i, j + 1], best[i + 1, j])
        assert rouge_l(" ".join(a), " ".join(b)) == pytest.approx(2 * best[-1, -1] / (len(a) + len(b)))
