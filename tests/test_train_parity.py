"""The same batch has the same loss and gradient by TRL's SFTTrainer, by a loop written out by hand, and by ours."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")
trl = pytest.importorskip("trl")

from curate.models import masking  # noqa: E402
from schemas.record import Conversation, Message  # noqa: E402
from tests import tiny_model  # noqa: E402
from train.lora import trainer  # noqa: E402

pytestmark = pytest.mark.usefixtures("two_threads")

ROWS = [
    ("What is two and two?", "four"),
    ("数一数", "一二三"),
    ("a rather longer question, to be padded for", "no"),
    ("b", "yes " * 9),
]
STEPS = 3
SETTINGS = trainer.LoraSettings(epochs=STEPS, batch_size=4, learning_rate=1e-2, schedule="constant", warmup=0.0)


def examples(tokenizer):
    pool = [Conversation([Message("user", a), Message("assistant", b)]) for a, b in ROWS]
    return masking.encode(pool, tokenizer).examples


def by_curate() -> list[float]:
    made = tiny_model.loaded()
    return trainer.train(trainer.attach(made, SETTINGS), examples(made.tokenizer), SETTINGS).losses


def by_hand() -> list[float]:
    lm = tiny_model.loaded()
    model = trainer.attach(lm, SETTINGS).model.train()
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=SETTINGS.learning_rate, weight_decay=0.0)
    losses = []
    for _ in range(STEPS):
        total, count = torch.zeros(()), 0
        for example in examples(lm.tokenizer):
            ids = torch.tensor(example.ids[None], dtype=torch.long)
            labels = torch.where(torch.tensor(example.weights) > 0, ids[0], -100)
            logits = model(input_ids=ids).logits[0, :-1]
            total = total + torch.nn.functional.cross_entropy(logits, labels[1:], reduction="sum")
            count += int((labels[1:] >= 0).sum())
        loss = total / count
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


def by_trl(folder) -> list[float]:
    from datasets import Dataset

    lm = tiny_model.loaded()
    rows = examples(lm.tokenizer)
    marks = [(row.weights > 0).astype(int).tolist() for row in rows]
    data = Dataset.from_dict({"input_ids": [row.ids.tolist() for row in rows], "completion_mask": marks})
    arguments = trl.SFTConfig(
        output_dir=str(folder),
        per_device_train_batch_size=4,
        num_train_epochs=STEPS,
        learning_rate=SETTINGS.learning_rate,
        lr_scheduler_type="constant",
        completion_only_loss=True,
        bf16=False,
        use_cpu=True,
        gradient_checkpointing=False,
        report_to=[],
        save_strategy="no",
        logging_steps=1,
        disable_tqdm=True,
    )
    model = trainer.attach(lm, SETTINGS).model
    peer = trl.SFTTrainer(model=model, args=arguments, train_dataset=data, processing_class=lm.tokenizer)
    peer.train()
    return [line["loss"] for line in peer.state.log_history if "loss" in line]


def test_the_loss_is_that_of_a_loop_by_hand():
    assert by_curate() == pytest.approx(by_hand(), abs=1e-4)


def test_the_loss_is_that_of_trl(tmp_path):
    theirs = by_trl(tmp_path)
    assert len(theirs) == STEPS
    assert np.diff(theirs).max() < 0
    assert by_curate() == pytest.approx(theirs, abs=1e-4)
