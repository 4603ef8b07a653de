"""Masks, the trainer and the ablation, on a tiny real model."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from curate.errors import CurateError  # noqa: E402
from curate.models import masking  # noqa: E402
from schemas.record import Conversation, Message  # noqa: E402
from tests import tiny_model  # noqa: E402
from train.lora import trainer  # noqa: E402
from train.lora.forward import Forward  # noqa: E402

pytestmark = pytest.mark.usefixtures("two_threads")

FAST = trainer.LoraSettings(epochs=2, batch_size=4, learning_rate=5e-3)


def talk(prompt: str, response: str, category: str | None = None) -> Conversation:
    return Conversation([Message("user", prompt), Message("assistant", response)], category=category)


POOL = [talk(f"say {i}", f"it is {i}") for i in range(12)]
HELDOUT = [talk(f"tell {i}", f"it is {i}", "ab"[i % 2]) for i in range(4)]


def trained_text(example: masking.TrainingExample, tokenizer) -> str:
    return tokenizer.decode(example.ids[example.weights > 0])


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("auto", "好的。</s>42</s>"),
        ("chatml", "好的。<|im_end|>\n42<|im_end|>\n"),
        ("alpaca", "好的。</s>\n\n42</s>\n\n"),
        ("default", "好的。</s>\n42</s>\n"),
    ],
)
def test_what_is_learnt_is_what_the_assistant_says(template, expected):
    turns = [
        ("system", "Be brief."),
        ("user", "数一数"),
        ("assistant", "好的。"),
        ("user", "more"),
        ("assistant", "42"),
    ]
    conversation = Conversation([Message(role, text) for role, text in turns])
    tokenizer = tiny_model.tokenizer()
    (example,) = masking.encode([conversation], tokenizer, template).examples
    assert trained_text(example, tokenizer) == expected


def test_a_turn_of_weight_zero_is_not_learnt():
    conversation = talk("a", "no")
    conversation.messages[1].weight = 0
    conversation.messages += [Message("user", "b"), Message("assistant", "yes")]
    tokenizer = tiny_model.tokenizer()
    (example,) = masking.encode([conversation], tokenizer).examples
    assert trained_text(example, tokenizer) == "yes</s>"


def test_a_row_cut_before_its_answer_is_dropped_with_a_reason():
    encoded = masking.encode([talk("long " * 50, "x"), talk("a", "b")], tiny_model.tokenizer(), max_length=40)
    assert [example.index for example in encoded.examples] == [1]
    assert encoded.dropped[0].index == 0
    assert "beyond the maximum length of 40" in encoded.dropped[0].reason


def test_loss_is_that_of_the_full_logits():
    model = tiny_model.loaded()
    examples = masking.encode([*POOL[:3], talk("a longer question than the others", "no")], model.tokenizer).examples
    losses, weights = trainer.evaluate(model, examples)
    for i, example in enumerate(examples):
        ids = torch.tensor(example.ids[None], dtype=torch.long)
        logits = model.model(ids).logits.detach()[0, :-1].log_softmax(-1)
        each = -logits[torch.arange(len(example) - 1), ids[0, 1:]]
        kept = torch.tensor(example.weights[1:])
        assert losses[i] == pytest.approx(float((each * kept).sum()), abs=1e-4)
        assert weights[i] == example.trained


@pytest.mark.parametrize("packed", [True, False])
def test_masked_tokens_do_not_train(packed):
    """With nothing but masked tokens changed after the last learnt one, the gradient stays the same."""
    model = tiny_model.loaded()
    adapted = trainer.attach(model, FAST)
    (example,) = masking.encode([talk("a", "b")], model.tokenizer).examples
    tails = [np.append(example.ids, other).astype(np.int32) for other in (7, 9)]
    gradients = []
    for ids in tails:
        adapted.model.zero_grad()
        longer = masking.TrainingExample(ids, np.append(example.weights, 0).astype(np.float32))
        forward = Forward(adapted)
        forward.uses_packing &= packed
        with forward.attending():
            forward([longer]).sum().backward()
        gradients.append([p.grad.clone() for p in adapted.model.parameters() if p.grad is not None])
    assert gradients[0] and all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))


def test_it_learns_eight_rows_by_heart():
    model = tiny_model.loaded()
    examples = masking.encode(POOL[:8], model.tokenizer).examples
    settings = trainer.LoraSettings(rank=32, alpha=64, epochs=400, batch_size=8, learning_rate=7e-3)
    result = trainer.train(trainer.attach(model, settings), examples, settings)
    assert result.losses[0] > 3
    assert result.losses[-1] < 0.1


def test_a_reset_model_trains_as_a_fresh_one():
    examples = masking.encode(POOL, tiny_model.tokenizer()).examples
    adapted = trainer.attach(tiny_model.loaded(), FAST)
    trainer.train(adapted, examples[::-1], FAST)
    trainer.reset(adapted, FAST.seed)
    fresh = trainer.attach(tiny_model.loaded(), FAST)
    assert trainer.train(adapted, examples, FAST).losses == trainer.train(fresh, examples, FAST).losses


def test_unknown_target_modules_are_a_clear_error():
    with pytest.raises(CurateError, match="LoRA cannot be put on tiny"):
        trainer.attach(tiny_model.loaded(), trainer.LoraSettings(targets=("nothing",)))
