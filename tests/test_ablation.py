"""The ablation on a tiny real model."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")

from curate.errors import CurateError
from schemas.record import Conversation, Message
from tests import tiny_model
from train import ablation, lora

FAST = lora.LoraSettings(epochs=2, batch_size=4, learning_rate=5e-3)


def talk(prompt: str, response: str, category: str | None = None) -> Conversation:
    return Conversation([Message("user", prompt), Message("assistant", response)], category=category)


POOL = [talk(f"say {i}", f"it is {i}") for i in range(12)]
HELD = [talk(f"tell {i}", f"it is {i}", "ab"[i % 2]) for i in range(4)]


def ablate(out, sizes=(2, 4), seeds=(0, 1), **options):
    arms = {
        "random": lambda seed: np.random.default_rng(seed).permutation(len(POOL)),
        "selected": lambda seed: np.arange(len(POOL)),
    }
    return ablation.run(POOL, HELD, arms, list(sizes), list(seeds), tiny_model.loaded(), out, FAST, **options)


def test_an_ablation_goes_on_where_it_was(tmp_path):
    whole = ablate(tmp_path / "whole")
    ablate(tmp_path / "parts", sizes=[2], seeds=[0])
    told = []
    parts = ablate(tmp_path / "parts", tell=lambda what, done, of: told.append(what))
    assert not any(what.startswith(("base model", "random, 2 rows, seed 0")) for what in told)
    assert {r["key"]: r["heldout_loss"] for r in parts} == {r["key"]: r["heldout_loss"] for r in whole}
    assert len(whole) == 1 + 2 * 2 * 2
    assert ablation.read_results(tmp_path / "parts" / "results.parquet")[0]["arm"] == "base"


def test_held_out_prompts_are_not_trained_on():
    pool = [*POOL, talk("TELL  1", "cheating")]
    assert ablation.overlap(pool, HELD) == {12}


def test_a_size_beyond_the_pool_is_a_clear_error(tmp_path):
    with pytest.raises(CurateError, match="size 13 is more than the 12 rows"):
        ablate(tmp_path, sizes=[13])
