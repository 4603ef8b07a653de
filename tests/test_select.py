"""Laws of selection: nested, balanced, exact, and the same whatever the order of the rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.select import arrange, greedy_coverage, quotas
from curate.select import selection as select
from curate.select.options import METHODS, plain
from curate.table import ledger, table
from schemas.problems import Problem
from tests.builders.tables import pool

SIZES = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 30), min_size=1)


@given(SIZES, st.integers(1, 100))
def test_shares_are_as_equal_as_the_pool_allows(sizes, size):
    shares = quotas.allocate(sizes, size)
    assert sum(shares.values()) == min(size, sum(sizes.values()))
    assert all(0 <= shares[g] <= sizes[g] for g in sizes)
    short = [g for g in sizes if shares[g] < sizes[g]]
    # No group that has rows left is more than one row behind any other.
    assert all(shares[g] >= max(shares.values()) - 1 for g in short)


@given(SIZES, st.integers(1, 100), st.data())
def test_quotas_are_exact_whatever_the_other_groups_have(sizes, size, data):
    group = data.draw(st.sampled_from(sorted(sizes)))
    number = data.draw(st.integers(0, min(size, sizes[group])))
    least = data.draw(st.dictionaries(st.sampled_from(sorted(sizes)), st.integers(0, 5)))
    others = {g: n for g, n in sizes.items() if g != group}
    minima = sum(min(least.get(g, 0), n) for g, n in others.items())
    if number + minima > size:
        with pytest.raises(ValueError, match="more than the size"):
            quotas.allocate(sizes, size, {group: number}, at_least=least)
        return
    shares = quotas.allocate(sizes, size, {group: number}, at_least=least)
    assert shares[group] == number
    assert sum(shares.values()) == min(size, number + sum(others.values()))


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 30), min_size=1))
def test_every_beginning_of_the_order_is_balanced(wanted):
    orders = {g: [i * 1000 + ord(g) for i in range(n)] for g, n in wanted.items()}
    merged = quotas.interleave(orders, wanted)
    total = sum(wanted.values())
    assert sorted(merged.tolist()) == sorted(i for order in orders.values() for i in order)
    for n in range(1, total + 1):
        for group, number in wanted.items():
            got = sum(i % 1000 == ord(group) for i in merged[:n])
            assert abs(got - n * number / total) < 1


@given(SIZES, st.integers(0, 100))
def test_taking_turns_gives_the_equal_shares(sizes, size):
    orders = {g: [i * 1000 + ord(g) for i in range(n)] for g, n in sizes.items()}
    merged = quotas.in_turn(orders, size)
    shares = quotas.allocate(sizes, size)
    assert {g: sum(i % 1000 == ord(g) for i in merged) for g in sizes} == shares


@given(st.integers(0, 10_000), st.integers(2, 30))
@settings(deadline=None)
def test_lazy_greedy_is_greedy(seed, n):
    vectors = np.random.default_rng(seed).normal(size=(n, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    similar = np.maximum(vectors @ vectors.T, 0)

    order = greedy_coverage.greedy(vectors, n // 2).order.tolist()
    assert len(set(order)) == n // 2
    covered = np.zeros(n)
    for chosen in order:
        gains = np.maximum(similar - covered[:, None], 0).sum(axis=0)
        assert gains[chosen] == pytest.approx(gains.max(), rel=1e-5, abs=1e-6)  # rounding may settle a tie either way
        covered = np.maximum(covered, similar[:, chosen])


ROWS = [(f"question {i} about {'cooking' if i % 3 else 'space'}", f"answer {i * 7}", "ab"[i % 2]) for i in range(40)]


def test_every_method_has_a_name_and_a_function():
    assert tuple(arrange.METHODS) == METHODS


@pytest.mark.parametrize("method", sorted(METHODS))
@given(permutation=st.permutations(range(len(ROWS))))
@settings(deadline=None, max_examples=5)
def test_the_order_of_the_rows_does_not_matter(method, permutation):
    pytest.importorskip("sklearn")
    options = plain(method=method, size=10, balance="category")
    shuffled = [ROWS[i] for i in permutation]
    first = [ROWS[i] for i in select.order(pool(ROWS), options, 3, "tfidf")]
    second = [shuffled[i] for i in select.order(pool(shuffled), options, 3, "tfidf")]
    if method == "random":
        assert first == second
    else:
        # The embedder's own rounding depends on row order; the balance and the rows' spread may not.
        assert [row[2] for row in first] == [row[2] for row in second]


@pytest.mark.parametrize("size", [1, 5, 10])
def test_smaller_selections_begin_larger_ones(size):
    def order(size: int) -> list[int]:
        return select.order(pool(ROWS), plain(method="random", balance="category", size=size)).tolist()

    assert order(40)[:size] == order(size)


def test_a_small_pool_gives_all_it_has():
    chosen = select.choose(pool(ROWS), plain(method="random", size=1000, balance="category"))
    assert len(chosen.order) == 40
    assert chosen.shortfalls == {"a": (500, 20), "b": (500, 20)}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "best"}, "method is 'best'; it must be one of facility_location, random"),
        ({"balance": "colour"}, "no column 'colour'"),
        ({"balance": "category", "quotas": {"c": 2}}, "the groups are a, b"),
        ({"balance": "category", "quotas": {"a": 2000}}, "more than the size"),
        ({"size": 0}, "size is 0; it must be at least 1"),
    ],
)
def test_bad_requests_say_what_is_there(options, message):
    with pytest.raises(CurateError, match=message):
        select.choose(pool(ROWS), plain(**{"method": "random", **options}))


def test_the_ledger_accounts_for_every_row():
    from curate.dedup import exact

    rows = pool([*ROWS, (f"{ROWS[7][0]} \n", ROWS[7][1], "b")])
    bad = table.batch("bad.jsonl", [1], [Problem("E202", "$.output", "the response is empty")])
    marked = exact.mark(pa.concat_tables([rows, pa.Table.from_batches([bad])]))
    ranked = ledger.with_rank(marked, select.order(marked, plain(method="random", size=5)))
    fates = [ledger.fate(ranked, i) for i in range(ranked.num_rows)]
    assert sum(fate.startswith("selected, rank ") for fate in fates) == 5
    assert sum(fate.startswith("exact duplicate of f.jsonl row ") for fate in fates) == 1
    assert sum(fate == "valid and unique, but not selected" for fate in fates) == 35
    assert fates[-1] == "invalid: E202 at $.output: the response is empty"
    assert ledger.funnel(ranked) == [("read", 42), ("valid", 41), ("unique", 40), ("selected", 5)]
