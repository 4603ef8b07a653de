"""Every method of selection on vectors: nested, indifferent to order, and as good as its theory says."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.select import facility_location, greedy_coverage, k_center, neighbourhoods, novelsum, partition, score_first
from curate.select.arrange import METHODS, arrange, ranking
from curate.select.options import plain
from curate.select.pool import MethodContext, Pool

SEEDS = st.integers(0, 100_000)


def unit(seed: int, n: int, d: int = 6, repeated: bool = False) -> np.ndarray:
    """n vectors of unit length, some of them alike, and some twice if asked for."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(max(1, n // 5), d))
    vectors = centres[random.integers(len(centres), size=n)] + 0.4 * random.normal(size=(n, d))
    if repeated:
        vectors[random.integers(n, size=n // 3)] = vectors[0]
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def hashes(n: int) -> list[bytes]:
    return [i.to_bytes(4, "big") for i in range(n)]


def coverage(vectors: np.ndarray, chosen, weights: np.ndarray | None = None) -> float:
    chosen = list(chosen)
    similar = np.maximum(vectors @ vectors[chosen].T, 0).astype(float)
    return float((similar * (1 if weights is None else weights[chosen])).max(axis=1, initial=0).sum())


@pytest.mark.parametrize("method", sorted(METHODS))
@given(seed=SEEDS, n=st.integers(1, 40), data=st.data())
@settings(deadline=None, max_examples=20)
def test_smaller_selections_begin_larger_ones(method, seed, n, data):
    vectors, quality = unit(seed, n, repeated=True), np.random.default_rng(seed).random(n).round(1)
    labels = data.draw(st.none() | st.lists(st.sampled_from("abc"), min_size=n, max_size=n))
    allocation = data.draw(st.sampled_from(["equal", "square-root", "proportional", "lima"]))
    pool = Pool(vectors, quality, hashes(n))

    def order(size: int) -> list[int]:
        context = MethodContext(plain(method=method, size=size, allocation=allocation))
        return arrange(pool, labels, context).order.tolist()

    whole = order(n)
    assert sorted(whole) == list(range(n))
    size = data.draw(st.integers(1, n))
    assert order(size) == whole[:size]


@pytest.mark.parametrize("method", sorted(METHODS))
@given(seed=SEEDS, n=st.integers(2, 30), data=st.data())
@settings(deadline=None, max_examples=20)
def test_ties_go_by_hash_whatever_the_order_of_the_rows(method, seed, n, data):
    vectors, quality = unit(seed, n, repeated=True), np.random.default_rng(seed).integers(0, 3, n) / 2
    groups = ["ab"[i % 2] for i in range(n)]
    permutation = np.array(data.draw(st.permutations(range(n))))
    names = hashes(n)
    first = ranking(vectors, quality, groups, n // 2 + 1, 3, method, names)
    second = ranking(
        vectors[permutation],
        quality[permutation],
        [groups[i] for i in permutation],
        n // 2 + 1,
        3,
        method,
        [names[i] for i in permutation],
    )
    assert first.tolist() == permutation[second].tolist()


@given(SEEDS, st.integers(3, 8), st.booleans())
@settings(deadline=None, max_examples=40)
def test_facility_location_keeps_its_bound_to_the_best_subset(seed, n, weighted):
    vectors = unit(seed, n, 3)
    weights = np.random.default_rng(seed).random(n) if weighted else None
    k = n // 2
    best = max(coverage(vectors, some, weights) for some in combinations(range(n), k))
    found = greedy_coverage.greedy(vectors, k, weights)
    assert coverage(vectors, found.order, weights) >= (1 - 1 / np.e) * best - 1e-5
    assert found.gains.sum() == pytest.approx(coverage(vectors, found.order, weights), rel=1e-4)
    assert (np.diff(found.gains) <= 1e-5).all()


@pytest.fixture
def as_large_pool(monkeypatch):
    """Makes small pools go the way of large ones: an opening by a sample, then exact gains."""
    monkeypatch.setattr(greedy_coverage, "DENSE", 4)
    monkeypatch.setattr(greedy_coverage, "SAMPLE", 16)
    monkeypatch.setattr(greedy_coverage, "OPENING", 3)
    monkeypatch.setattr(greedy_coverage, "BLOCK", 7)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("weighted", [False, True])
def test_after_its_opening_every_row_of_a_large_pool_is_the_best_there_is(as_large_pool, seed, weighted):
    vectors = unit(seed, 90)
    weights = np.random.default_rng(seed).random(90) if weighted else None
    selection = greedy_coverage.greedy(vectors, 40, weights)
    assert selection.opening == 3 and len(set(selection.order.tolist())) == 40
    for k in range(3, 40):
        before = selection.order[:k].tolist()
        best = max(coverage(vectors, [*before, i], weights) for i in range(90) if i not in before)
        assert coverage(vectors, selection.order[: k + 1], weights) == pytest.approx(best, rel=1e-5)
    assert selection.gains.sum() == pytest.approx(coverage(vectors, selection.order, weights), rel=1e-4)
    shorter = greedy_coverage.greedy(vectors, 20, weights)
    assert shorter.order.tolist() == selection.order[:20].tolist()


def test_near_clusters_hold_nearly_all_there_is_to_gain(as_large_pool, monkeypatch):
    vectors = unit(4, 1600, 3)
    whole = greedy_coverage.greedy(vectors, 60)
    monkeypatch.setattr(neighbourhoods, "LEAST", 0)
    found = greedy_coverage.greedy(vectors, 60)
    assert neighbourhoods.NEAR <= found.share < 1
    assert coverage(vectors, found.order) > 0.995 * coverage(vectors, whole.order)
    assert greedy_coverage.greedy(vectors, 30).order.tolist() == found.order[:30].tolist()


def test_the_opening_goes_on_until_what_is_left_fits(as_large_pool, monkeypatch):
    monkeypatch.setattr(greedy_coverage, "ENTRIES", 200)
    assert greedy_coverage.greedy(unit(1, 90), 60).opening > 3


@pytest.mark.parametrize("seed", range(3))
def test_parts_come_near_the_whole(monkeypatch, seed):
    monkeypatch.setattr(partition, "PART", 100)
    monkeypatch.setattr(partition, "COVERED", 200)
    monkeypatch.setattr(partition, "LEAST", 16)
    vectors = unit(seed, 600, 12)
    whole = greedy_coverage.greedy(vectors, 30)
    parts, note = partition.greedy_in_parts(vectors, 30)
    assert coverage(vectors, parts.order) > 0.95 * whole.gains.sum()
    assert "6 parts" in note
    assert partition.greedy_in_parts(vectors, 20)[0].order.tolist() == parts.order[:20].tolist()
    assert partition.gains_of(vectors[whole.order], vectors) == pytest.approx(whole.gains, abs=1e-3)


def farthest(vectors: np.ndarray, k: int) -> float:
    """The radius of plain k-center greedy from the same first row."""
    chosen = [int((vectors @ vectors.mean(axis=0)).argmax())]
    near = vectors @ vectors[chosen[0]]
    while len(chosen) < k:
        chosen.append(int(near.argmin()))
        near = np.maximum(near, vectors @ vectors[chosen[-1]])
    return float(1 - near.min())


@pytest.mark.parametrize("seed", range(10))
def test_k_center_is_the_plain_greedy(monkeypatch, seed):
    monkeypatch.setattr(k_center, "ACTIVE", 5)
    vectors = unit(seed, 80, repeated=True)
    chosen, distances = k_center.greedy(vectors, 30)
    assert len(set(chosen.tolist())) == 30
    assert (np.diff(distances) <= 1e-6).all()
    for k in range(1, 31):
        assert 1 - (vectors @ vectors[chosen[:k]].T).max(axis=1).min() == pytest.approx(farthest(vectors, k), abs=1e-5)


@given(SEEDS, st.integers(3, 8))
@settings(deadline=None, max_examples=30)
def test_k_center_is_within_twice_the_smallest_radius(seed, n):
    vectors = unit(seed, n, 3)

    def radius(chosen) -> float:
        # Twice the smallest holds for a metric: the straight distance, which cosine orders alike.
        return float(np.sqrt(np.maximum(2 - 2 * (vectors @ vectors[list(chosen)].T).max(axis=1), 0)).max())

    k = n // 2
    best = min(radius(some) for some in combinations(range(n), k))
    assert radius(k_center.greedy(vectors, k)[0]) <= 2 * best + 1e-3


@given(SEEDS, st.integers(1, 60), st.floats(0.1, 1))
@settings(deadline=None, max_examples=30)
def test_score_first_takes_the_best_of_those_unlike_it(seed, n, threshold):
    vectors, quality = unit(seed, n), np.random.default_rng(seed).random(n)
    picks = score_first.order(Pool(vectors, quality, hashes(n)), n, MethodContext(plain(threshold=threshold)))
    taken: list[int] = []
    passed: list[int] = []
    for i in np.argsort(-quality).tolist():
        like = taken and (vectors[taken] @ vectors[i]).max() >= threshold
        (passed if like else taken).append(i)
    assert picks.order.tolist() == taken + passed
    assert bool(picks.note) == bool(passed)


def novelty(vectors: np.ndarray, density: np.ndarray, chosen: list[int], i: int) -> float:
    products = np.sort((density[chosen] + density[i]) * (1 - vectors[chosen] @ vectors[i]))
    return float((np.maximum(products, 0) / np.arange(1, len(chosen) + 1)).sum() / len(chosen))


@pytest.mark.parametrize(("exact", "close"), [(64, 1e-4), (8, 0.1)])
def test_novelsum_takes_the_newest_row(monkeypatch, exact, close):
    monkeypatch.setattr(novelsum, "EXACT", exact)
    vectors = unit(5, 80)
    density = novelsum.density(vectors, vectors)
    chosen, novelties = novelsum.greedy(vectors, density, 30)
    for k in range(1, 30):
        before = chosen[:k].tolist()
        best = max(novelty(vectors, density, before, i) for i in range(80) if i not in before)
        assert novelties[k] == pytest.approx(novelty(vectors, density, before, int(chosen[k])), rel=close)
        assert novelties[k] == pytest.approx(best, rel=close)


def test_density_is_that_of_the_nearest_rows_of_the_reference():
    vectors = unit(2, 50)
    distances = np.sort(1 - vectors @ vectors.T, axis=1)[:, 1:11]
    assert novelsum.density(vectors[:7], vectors) == pytest.approx(distances[:7].mean(axis=1) ** -0.5, rel=1e-3)


def test_quality_wins_where_coverage_is_equal():
    vectors = np.repeat(np.eye(3, dtype=np.float32), 2, axis=0)
    quality = np.array([0.1, 0.9, 0.9, 0.1, 0.1, 0.9])
    picks = facility_location.order(Pool(vectors, quality, hashes(6)), 3, MethodContext(plain()))
    assert sorted(picks.order.tolist()) == [1, 2, 5]
    blind = facility_location.order(Pool(vectors, quality, hashes(6)), 3, MethodContext(plain(trade_off=0)))
    assert sorted(blind.order.tolist()) == [0, 2, 4]


def test_clusters_take_turns():
    pytest.importorskip("sklearn")
    vectors = np.repeat(np.eye(4, dtype=np.float32), [9, 5, 3, 1], axis=0)
    pool = Pool(vectors, np.linspace(0, 1, 18), hashes(18))
    picks = METHODS["clustered"](pool, 18, MethodContext(plain(clusters=4, trade_off=0)))
    assert picks.order[:4].tolist() == [8, 13, 16, 17]
    assert picks.order[4:7].tolist() == [7, 12, 15]


@pytest.mark.parametrize("method", sorted(METHODS))
def test_odd_pools_are_no_matter(method):
    for n in (1, 2):
        same = np.ones((n, 4), np.float32) / 2
        assert len(ranking(same, None, None, 5, method=method)) == n
