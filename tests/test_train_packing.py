"""Packed rows: each has the loss that it has alone, whatever lies beside it, and whatever the model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

import transformers  # noqa: E402

from curate.models.language_model import LanguageModel  # noqa: E402
from curate.models.masking import TrainingExample  # noqa: E402
from tests import tiny_model  # noqa: E402
from train.lora import attention, fused, trainer  # noqa: E402
from train.lora.forward import Forward  # noqa: E402
from train.lora.packing import pack, share_out  # noqa: E402

pytestmark = pytest.mark.usefixtures("two_threads")

SMALL = {
    "vocab_size": 64,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 256,
    "pad_token_id": 0,
}


def example(length: int, seed: int = 0, vocabulary: int = 64) -> TrainingExample:
    random = np.random.default_rng(seed)
    weights = (random.random(length) < 0.5).astype(np.float32) * random.choice([1.0, 0.5], length).astype(np.float32)
    weights[0], weights[-1] = 0, 1
    return TrainingExample(random.integers(1, vocabulary, length).astype(np.int32), weights)


def alone(model, example: TrainingExample) -> float:
    """The loss by hand from the model's own logits."""
    ids = torch.tensor(example.ids[None], dtype=torch.long)
    with torch.no_grad():
        logs = model(input_ids=ids, use_cache=False).logits[0, :-1].float().log_softmax(-1)
    each = -logs[torch.arange(len(example) - 1), ids[0, 1:]].numpy()
    return float((each * example.weights[1:]).sum())


@given(st.lists(st.integers(2, 70), min_size=1, max_size=9))
def test_a_pack_holds_every_row_once(lengths):
    rows = [example(length, i) for i, length in enumerate(lengths)]
    sequence = pack(rows)
    covered = [t for start, count, length in sequence.groups for t in range(start, start + count * length)]
    assert covered == list(range(len(sequence.ids))) and len(sequence.ids) % 64 == 0
    for i, row in enumerate(rows):
        mine = (sequence.rows == i) & (sequence.weights != 0)
        learnt = np.flatnonzero(row.weights)
        assert sequence.targets[mine].tolist() == row.ids[learnt].tolist()
        assert sequence.weights[mine].tolist() == row.weights[learnt].tolist()
        assert sequence.positions[sequence.at[mine]].tolist() == (learnt - 1).tolist()


@given(st.lists(st.integers(1, 50), min_size=1, max_size=20), st.integers(1, 5), st.integers(40, 200))
def test_every_row_goes_to_one_worker(lengths, workers, most):
    parts = share_out([example(length + 1, 0) for length in lengths], workers, most)
    assert sorted(i for part in parts for i in part) == list(range(len(lengths)))
    assert all(parts)


@settings(deadline=None, max_examples=15)
@given(st.lists(st.integers(2, 90), min_size=1, max_size=6))
def test_a_packed_row_has_the_loss_it_has_alone(lengths):
    made = tiny_model.loaded()
    rows = [example(length, i, 250) for i, length in enumerate(lengths)]
    wanted = [alone(made.model, row) for row in rows]
    losses, _ = trainer.evaluate(made, rows)
    assert losses == pytest.approx(wanted, abs=1e-3, rel=1e-5)


def test_what_lies_beside_a_row_does_not_matter():
    made = tiny_model.loaded()
    forward = Forward(made)
    assert forward.uses_packing
    with forward.attending(), torch.no_grad():
        one = forward([example(20), example(30, 1)])[0]
        other = forward([example(20), example(60, 2), example(11, 3)])[0]
    assert float(one) == pytest.approx(float(other), abs=1e-4)


def test_long_rows_take_the_other_kernel_with_the_same_loss():
    made = tiny_model.loaded()
    rows = [example(300, 0, 250), example(12, 1, 250)]
    wanted = [alone(made.model, row) for row in rows]
    losses, _ = trainer.evaluate(made, rows)
    assert losses == pytest.approx(wanted, rel=1e-5)


def attached(config) -> tuple[LanguageModel, object]:
    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_config(config).eval().float()
    made = LanguageModel(model, None, "small", "cpu", "fp32")
    return made, model


# Whether rows of such a model can be packed, and whether its pieces are those that have a leaner form.
FAMILIES = {
    "qwen2": (transformers.Qwen2Config, {}, True),
    "qwen3": (transformers.Qwen3Config, {}, True),
    "mistral, window of 8": (transformers.MistralConfig, {"sliding_window": 8}, True),
    "phi3": (transformers.Phi3Config, {}, True),
    "gemma2, capped logits": (
        transformers.Gemma2Config,
        {"final_logit_softcapping": 1.0, "attn_logit_softcapping": None, "query_pre_attn_scalar": 8},
        False,
    ),
    "granite, scaled logits": (transformers.GraniteConfig, {"logits_scaling": 8.0}, False),
    "gpt2, learnt positions": (transformers.GPT2Config, None, True),
    "mamba, a state": (transformers.MambaConfig, None, False),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_of_models_gets_its_own_loss_and_gradient(family):
    kind, settings, packs = FAMILIES[family]
    if settings is None:
        sizes = {"vocab_size": 64, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
        gpt = {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 256, "resid_pdrop": 0.0, "attn_pdrop": 0.0}
        mamba = {"hidden_size": 32, "num_hidden_layers": 2, "state_size": 4}
        config = kind(**sizes, **(gpt if "gpt2" in family else mamba))
    else:
        config = kind(**{**SMALL, **settings})
    made, model = attached(config)
    rows = [example(23), example(40, 1), example(9, 2)]
    expected = [alone(model, row) for row in rows]
    targets = ("in_proj", "x_proj") if "mamba" in family else "all-linear"
    adapted = trainer.attach(made, trainer.LoraSettings(rank=4, targets=targets))
    parameters = [p for p in adapted.model.parameters() if p.requires_grad]
    for parameter in parameters:
        torch.nn.init.normal_(parameter, std=0.02)
    adapted.model.eval()
    ids = [torch.tensor(row.ids[None], dtype=torch.long) for row in rows]
    total = sum(
        (
            torch.nn.functional.cross_entropy(
                adapted.model(input_ids=i, use_cache=False).logits[0, :-1], i[0, 1:], reduction="none"
            )
            * torch.tensor(row.weights[1:])
        ).sum()
        for i, row in zip(ids, rows, strict=True)
    )
    by_hand = torch.autograd.grad(total, parameters)
    forward = Forward(adapted)
    assert forward.uses_packing == packs
    with forward.attending():
        ours = torch.autograd.grad(forward(rows).sum(), parameters)
    for one, other in zip(by_hand, ours, strict=True):
        assert torch.allclose(one, other, rtol=1e-3, atol=1e-4)
    with adapted.model.disable_adapter():
        losses, _ = trainer.evaluate(adapted, rows)
    assert losses == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("window", [0, 5])
@pytest.mark.parametrize("heads", [(4, 4), (6, 2)])
def test_attention_is_that_of_torch(window, heads):
    q, k, v = (torch.randn(3, h, 16, 8, requires_grad=True) for h in (heads[0], heads[1], heads[1]))
    mask = attention.causal_mask(16, window, torch.float32)
    ours = attention.Attention.apply(q, k, v, mask, 0.3)
    many = heads[0] // heads[1]
    wide = [x.repeat_interleave(many, 1) for x in (k, v)]
    theirs = torch.nn.functional.scaled_dot_product_attention(q, *wide, mask, scale=0.3)
    assert torch.allclose(ours, theirs, atol=1e-5)
    weight = torch.randn_like(ours)
    for one, other in zip(*(torch.autograd.grad((x * weight).sum(), (q, k, v)) for x in (ours, theirs)), strict=True):
        assert torch.allclose(one, other, atol=1e-4)


def test_gradients_of_the_leaner_forms_are_right():
    torch.manual_seed(0)
    x, gate, up = (torch.randn(5, 6, dtype=torch.float64, requires_grad=True) for _ in range(3))
    frozen = torch.randn(6, dtype=torch.float64)
    assert torch.autograd.gradcheck(fused.GatedUnit.apply, (gate, up))
    # fp32 inside, so these are compared with autograd's own.
    x, head, targets = x.detach().float().requires_grad_(), torch.randn(11, 6), torch.randint(0, 11, (5,))
    fused_output = fused.HeadLoss.apply(x, head, None, targets)
    plain_output = torch.nn.functional.cross_entropy(x @ head.t(), targets, reduction="none")
    assert torch.allclose(fused_output, plain_output, atol=1e-5)
    weight = torch.rand(5)
    for a, b in zip(*(torch.autograd.grad((y * weight).sum(), x) for y in (fused_output, plain_output)), strict=True):
        assert torch.allclose(a, b, atol=1e-5)
    fused_output = fused.Norm.apply(x, frozen.float(), 1e-5)
    plain_output = torch.nn.functional.rms_norm(x, (6,), frozen.float(), 1e-5)
    assert torch.allclose(fused_output, plain_output, atol=1e-5)
    grads = [torch.autograd.grad((y * y).sum(), x)[0] for y in (fused_output, plain_output)]
    assert torch.allclose(*grads, atol=1e-4)


def test_frozen_weights_get_no_gradient():
    made = tiny_model.loaded()
    adapted = trainer.attach(made, trainer.LoraSettings())
    forward = Forward(adapted)
    with forward.attending():
        forward([example(20)]).sum().backward()
    assert {name for name, p in adapted.model.named_parameters() if p.grad is not None} == {
        name for name, _ in adapted.model.named_parameters() if "lora_" in name
    }


def test_dropout_does_not_depend_on_which_thread_is_first():
    rows = [example(90, i, 250) for i in range(8)]
    dropped, whole = (trainer.LoraSettings(dropout=rate, epochs=4, batch_size=8) for rate in (0.3, 0.0))
    was = torch.get_num_threads()
    torch.set_num_threads(4)
    try:
        losses = []
        for chosen in (dropped, dropped, whole):
            made = tiny_model.loaded()
            losses.append(trainer.train(trainer.attach(made, chosen), rows, chosen).losses)
    finally:
        torch.set_num_threads(was)
    assert losses[0] == losses[1]
    assert losses[0][-1] != losses[2][-1]


def test_tokens_are_kept_on_disk(tmp_path, monkeypatch):
    from curate.models import masking
    from schemas.record import Conversation, Message
    from train.lora import cache

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    tokenizer = tiny_model.tokenizer()
    talks = [[Message("user", f"问 {i}"), Message("assistant", "ja" * (i % 3))] for i in range(cache.LEAST)]
    pool = [Conversation(turns[: 1 + i % 9]) for i, turns in enumerate(talks)]
    expected = masking.encode(pool, tokenizer, "auto", 30)
    assert expected.dropped and expected.truncated_rows
    fresh, kept = (cache.encode(pool, tokenizer, "auto", 30) for _ in range(2))
    assert len(list((tmp_path / "curate" / "tokens").iterdir())) == 1
    for found in (fresh, kept):
        assert (found.dropped, found.truncated_rows) == (expected.dropped, expected.truncated_rows)
        for one, other in zip(found.examples, expected.examples, strict=True):
            assert one.index == other.index
            assert np.array_equal(one.ids, other.ids) and np.array_equal(one.weights, other.weights)
    (path,) = (tmp_path / "curate" / "tokens").iterdir()
    path.write_bytes(b"broken")
    assert len(cache.encode(pool, tokenizer, "auto", 30).examples) == len(expected.examples)
    assert cache.cache_path(pool, tokenizer, "auto", 31) != cache.cache_path(pool[::-1], tokenizer, "auto", 30) != path


def test_no_memory_left_is_a_clear_error():
    from curate.errors import CurateError
    from train.lora.workers import workers

    made = tiny_model.loaded()
    with (
        workers(Forward(made)) as threads,
        pytest.raises(CurateError, match=r"out of memory .* lower --batch-size"),
    ):
        threads.map_parts(lambda number, rows: torch.empty(1 << 50), [[0]])
