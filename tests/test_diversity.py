"""Diversity of sets: formulas by brute force, reference code, what must raise and lower them, and the comparison."""

from __future__ import annotations

import json
import math
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.models.vectors import unit
from curate.score.diversity.cluster_entropy import clusters
from curate.score.diversity.facility import facility
from curate.score.diversity.measure import MetricComparison, MetricValue, compare, measure, verdict
from curate.score.diversity.metric import Sample
from curate.score.diversity.nearest import nearest
from curate.score.diversity.novelsum import densities, novelsum
from curate.score.diversity.pairwise import pairwise
from curate.score.diversity.prepare import prepare
from curate.score.diversity.radius import radius
from curate.score.diversity.registry import METRICS, metric, names
from curate.score.diversity.self_bleu import self_bleu
from curate.score.diversity.vendi import vendi
from curate.table import table
from curate.text.words import words

SAMPLE = Path(__file__).parent.parent / "sample_data"


def vectors(n: int, d: int, seed: int = 0) -> np.ndarray:
    """(n, d) random vectors of unit length."""
    return unit(np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32))


def sample(n: int = 40, seed: int = 0) -> Sample:
    """A set with all that measures look at."""
    random = np.random.default_rng(seed)
    v = vectors(n, 8, seed)
    texts = [" ".join(f"w{i}" for i in random.integers(0, 40, 12)) for _ in range(n)]
    categories = [None if i % 7 == 0 else f"c{i % 3}" for i in range(n)]
    pool = vectors(60, 8, 9)
    grams = frozenset(range(5))
    return Sample(v, texts, texts, categories, densities(v, pool), clusters(v, pool), pool, grams, ["write story"] * n)


@pytest.mark.parametrize("n, d", [(5, 8), (8, 5), (30, 30), (200, 16)])
def test_vendi_is_the_same_from_either_side(n, d):
    x = vectors(n, d)
    p = np.linalg.eigvalsh((x @ x.T).astype(np.float64) / n)
    p = p[p > 1e-12]
    assert vendi(x) == pytest.approx(math.exp(-(p * np.log(p)).sum()), rel=1e-4)


def test_vendi_counts_what_is_different():
    assert vendi(np.eye(7, dtype=np.float32)) == pytest.approx(7)
    assert vendi(np.repeat(np.eye(7, dtype=np.float32), 3, axis=0)) == pytest.approx(7)
    assert vendi(np.ones((5, 1), np.float32)) == pytest.approx(1)
    assert vendi(np.zeros((0, 3), np.float32)) == 0


def test_novelsum_by_brute_force():
    x, pool = vectors(23, 6), vectors(50, 6, 1)
    total = 0.0
    for i in range(23):
        squared = sorted(((x[i] - row) ** 2).sum() for row in pool)
        density = 1 / (np.mean(squared[1:11]) + 1e-9) ** 0.5
        distances = sorted(0.0 if j == i else 1 - float(x[i] @ x[j]) for j in range(23))
        weights = [1 / rank for rank in range(1, 24)]
        total += density * np.average(distances, weights=weights)
    assert novelsum(x, densities(x, pool)) == pytest.approx(total / 23, rel=1e-5)


def test_distances_by_brute_force():
    x = vectors(31, 5)
    d = 1 - (x @ x.T).astype(np.float64)
    others = d[~np.eye(31, dtype=bool)].reshape(31, 30)
    assert pairwise(x) == pytest.approx(others.mean(), rel=1e-5)
    assert nearest(x) == pytest.approx(others.min(1).mean(), rel=1e-5)
    assert pairwise(x[:1]) == nearest(x[:1]) == 0


def test_facility_and_radius_by_brute_force():
    x = vectors(14, 4)
    cosines = x @ x.T
    selection: list[int] = []
    for _ in range(3):

        def gain(j: int) -> float:
            return float(np.maximum(cosines[:, [*selection, j]].max(1), 0).sum())

        selection.append(max(range(14), key=gain))
    assert facility(x, 3) == pytest.approx(np.maximum(cosines[:, selection].max(1), 0).mean(), rel=1e-5)
    centers = [int((x @ x.mean(0)).argmax())]
    while len(centers) < 3:
        centers.append(int((1 - cosines[:, centers].max(1)).argmax()))
    assert radius(x, 3) == pytest.approx((1 - cosines[:, centers].max(1)).max(), rel=1e-4)
    assert radius(x, 14) == 0


def test_self_bleu_by_brute_force():
    texts = [
        words(t) for t in ("the cat sat on the mat", "the cat sat on a red mat today", "a dog ran", "the the the cat")
    ]

    def grams(tokens, n):
        return [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]

    scores = []
    for i, tokens in enumerate(texts):
        others = texts[:i] + texts[i + 1 :]
        total = 0.0
        for n in range(1, 5):
            matched = sum(
                min(grams(tokens, n).count(g), max(grams(other, n).count(g) for other in others))
                for g in set(grams(tokens, n))
            )
            total += math.log((matched or 0.1) / max(1, len(grams(tokens, n))))
        closest = min((abs(len(o) - len(tokens)), len(o)) for o in others)[1]
        scores.append(math.exp(total / 4 + min(0.0, 1 - closest / len(tokens))))
    assert self_bleu(texts) == pytest.approx(np.mean(scores))
    assert self_bleu([["a", "b", "c", "d", "e"]] * 3) == pytest.approx(1)
    assert self_bleu([["a"]]) == self_bleu([]) == 0


def test_counts_of_words_and_categories():
    one = Sample(vectors(4, 2), ["a b a b", "a b", "", "你好吗"], [""] * 4, ["x", "x", "y", None])
    assert metric("distinct_1").value(one) == pytest.approx(5 / 9)
    assert metric("distinct_2").value(one) == pytest.approx(4 / 6)
    assert metric("category_entropy").value(one) == pytest.approx(
        -(2 / 3) * math.log2(2 / 3) - (1 / 3) * math.log2(1 / 3)
    )
    assert metric("category_evenness").value(one) == metric("category_entropy").value(one)
    raw = "\n你好吗\na b\na b a b".encode()
    assert metric("compression").value(one) == pytest.approx(
        len(raw) / len(zlib.compress("\na b\n你好吗\na b a b".encode(), 6)), rel=0.2
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 40))
def test_measures_do_not_depend_on_the_order_of_rows(seed, n):
    one = sample(n, seed)
    other = one.take(np.random.default_rng(seed).permutation(n))
    for name in METRICS:
        value = metric(name).value
        assert value(other) == pytest.approx(value(one), rel=1e-4, abs=1e-6), name


@pytest.mark.parametrize(
    "name", ["vendi", "novelsum", "nearest", "distinct_1", "distinct_2", "distinct_3", "self_bleu", "compression"]
)
def test_copies_of_a_row_lower_diversity(name):
    one = sample(30)
    copied = one.take(np.concatenate([np.arange(30), np.zeros(30, np.int64)]))
    before, after = metric(name).value(one), metric(name).value(copied)
    assert after < before if metric(name).direction == "higher" else after > before


@pytest.mark.parametrize("name", ["vendi", "novelsum", "pairwise", "nearest", "radius"])
def test_a_far_row_raises_diversity(name):
    first, last = np.eye(7, dtype=np.float32)[[0, 6]]
    near = np.random.default_rng(0).normal(size=(50, 7)).astype(np.float32) * 0.2 + first
    near[:, 6] = 0
    near = unit(near)
    far = np.concatenate([near, last[None]])  # at a right angle to all others
    value = metric(name).value
    if name == "radius":  # of its 32 centers one would be spent on the far row
        assert radius(far, 1) > radius(near, 1)
    else:
        assert value(Sample(far)) > value(Sample(near))


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_tiny_sets_have_numbers_too(n):
    tiny = Sample(vectors(n, 3), ["", "a", "你"][:n], ["", "a", "你"][:n], [None] * n, clusters=np.zeros(n, np.int64))
    for name in METRICS:
        value = metric(name).value(tiny)
        assert value is None or math.isfinite(value), name


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    whole = vectors(4000, 3, 1) + np.float32([1, 0, 0])
    whole = unit(whole)
    truth = pairwise(whole)
    covered = 0
    for seed in range(40):
        rows = np.random.default_rng(seed).choice(4000, 120, replace=False)
        found = measure(Sample(whole[rows]), ["pairwise"], halves=30, seed=seed)[0]
        assert found.low is not None and found.high is not None
        covered += found.low <= truth <= found.high
    assert covered >= 33


def test_a_narrow_set_is_told_from_a_wide_one():
    wide, narrow = sample(60, 1), sample(200, 2)
    same = unit(narrow.vectors * 0.2 + np.eye(8, dtype=np.float32)[0])
    narrow = Sample(same, ["the same words again"] * 200, categories=["a"] * 200)
    wide = Sample(wide.vectors, wide.texts, categories=wide.categories)
    chosen = ["vendi", "pairwise", "distinct_2", "self_bleu", "category_entropy"]
    found = compare(wide, narrow, chosen)
    assert [c.more for c in found] == ["a"] * 5
    assert {c.a.of for c in found} == {c.b.of for c in found} == {60}
    said = verdict(found, "wide", "narrow")
    assert said[0] == "wide is the more diverse by 5 of 5 measures; none say the opposite."
    assert verdict(compare(narrow, wide, chosen), "narrow", "wide")[0].startswith("wide is the more diverse by 5")


def test_a_set_against_itself_is_a_draw():
    one = sample(50)
    found = compare(one, one, ["vendi", "distinct_1"])
    assert all(c.more == "" and c.factor == 1 for c in found)
    assert "Neither" in verdict(found, "x", "y")[0]


def test_large_sets_are_measured_on_a_stated_sample():
    x = Sample(vectors(6000, 4))
    found = measure(x, ["nearest"], halves=0)[0]
    assert (found.rows, found.of) == (metric("nearest").most, 6000)
    assert found.value == pytest.approx(nearest(x.vectors), rel=0.25)


def test_samples_do_not_depend_on_the_order_of_files(tmp_path):
    lines = (SAMPLE / "instruction_json.jsonl").read_text("utf-8").splitlines(keepends=True)
    for name, part in (("a", lines[:20]), ("b", lines[20:40]), ("pool", lines[10:70])):
        (tmp_path / f"{name}.jsonl").write_text("".join(part), "utf-8")
    files = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    chosen = names(["vendi,novelsum,cluster_entropy,distinct_2,coverage,pool_radius"])
    values = []
    for order in (files, files[::-1]):
        pool = table.read(order)
        samples, _ = prepare([pool], chosen, reference=table.read([tmp_path / "pool.jsonl"]), embedder="tfidf")
        values.append([m.value for m in measure(samples[0], chosen, halves=0)])
    assert None not in values[0]
    assert values[0] == values[1]


def test_command_compares_and_says_so(curate):
    files = SAMPLE / "instruction_json.jsonl", "--against", SAMPLE / "heldout.jsonl"
    done = curate("diversity", *files, "--embedder", "tfidf", "--halves", "4", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert "measures" in said["verdict"][0]
    assert {m["a"]["of"] for m in said["measures"]} == {m["b"]["of"] for m in said["measures"]} == {134}


def test_command_lists_and_refuses(curate):
    shown = curate("diversity", "--list").stdout
    assert all(f"{name}: " in shown for name in METRICS)
    assert curate("diversity").returncode == 2
    bad = curate("diversity", SAMPLE / "dolly.jsonl", "--with", "vendy")
    assert bad.returncode == 2 and "did you mean 'vendi'" in bad.stderr


def test_verbs_and_nouns_where_a_parser_is():
    pytest.importorskip("spacy")
    from curate.score.diversity.verb_noun import pairs, parser

    if parser() is None:
        pytest.skip("no English parser is installed")
    assert pairs(["Write a story about a cat.", "写一个故事"]) == ["write story", None]


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        (0.3, 0.2, "nearest 0.3 against 0.2 (50% more)"),
        (0.9, 0.2, "nearest 0.9 against 0.2 (4.5 times as much)"),
        (0.012, 1.8e-9, "nearest 0.012 against 1.8e-09."),  # next to nothing: a ratio says nothing
        (0.012, 0.0, "nearest 0.012 against 0."),
    ],
)
def test_differences_are_in_percent_or_times(a, b, said):
    sides = [MetricValue("nearest", value, value, value, 1e-12, 50, 50) for value in (a, b)]
    assert (
        verdict([MetricComparison(*sides, "a", a / b if b else None)], "x", "y")[1]
        == f"For x: {said}".rstrip(".") + "."
    )
