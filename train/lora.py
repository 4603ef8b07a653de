"""LoRA training: a plain loop whose output head looks only at the tokens that are learnt.

Source: Hu et al. 2021, LoRA.  The adapters are peft's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from curate.errors import CurateError
from curate.models import Loaded
from train.masking import Example


@dataclass(frozen=True)
class LoraSettings:
    """rank, alpha, dropout, targets: of the adapters, as peft calls them (`all-linear` leaves out the output head).

    learning_rate: at its peak.  epochs: passes over the rows.  batch_size: rows in a step.
    warmup: share of the steps in which the rate rises; then it falls to zero by a cosine.
    clip: largest norm of the gradient.  seed: of the adapters' beginning and the order of the rows.
    """

    rank: int = 8
    alpha: int = 16
    dropout: float = 0.0
    targets: str | tuple[str, ...] = "all-linear"
    learning_rate: float = 1e-3
    epochs: int = 3
    batch_size: int = 8
    warmup: float = 0.1
    clip: float = 1.0
    weight_decay: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class TrainResult:
    """losses: (steps,) mean loss of each step, nats a token.  trained_tokens: in all epochs.  seconds: in all."""

    losses: list[float] = field(repr=False)
    trained_tokens: int
    seconds: float

    @property
    def steps(self) -> int:
        """Optimiser steps taken."""
        return len(self.losses)


def attach(loaded: Loaded, settings: LoraSettings) -> Any:
    """The model with fresh adapters, the rest frozen.  Raises CurateError for target modules that it does not have."""
    import peft

    targets = settings.targets if isinstance(settings.targets, str) else list(settings.targets)
    config = peft.LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=targets,
        task_type="CAUSAL_LM",
    )
    try:
        model = peft.get_peft_model(loaded.model, config)
    except ValueError as error:
        raise CurateError(f"LoRA cannot be put on {loaded.name}: {error}") from None
    reset(model, settings.seed)
    return model


def reset(model: Any, seed: int) -> None:
    """Give the adapters the beginning that peft gives fresh ones, from a seed: A random, B zero.

    After this the model says what the base model says, so that many runs can share one loaded model.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_A" in name:
                bound = 1 / math.sqrt(weight.shape[1])
                weight.copy_(torch.empty(weight.shape).uniform_(-bound, bound, generator=generator))
            elif "lora_B" in name:
                weight.zero_()


def train(
    model: Any,
    loaded: Loaded,
    examples: Sequence[Example],
    settings: LoraSettings,
    on_step: Callable[[int, int, float], None] | None = None,
) -> TrainResult:
    """Train the adapters of `model` (from `attach`) on the examples.

    on_step: called after each step with (step, steps, loss).
    Raises CurateError if there is nothing to train on.
    """
    from transformers import get_cosine_schedule_with_warmup

    if not examples:
        raise CurateError("there is no row to train on", 1)
    began = perf_counter()
    torch.manual_seed(settings.seed)  # dropout draws from it
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=settings.learning_rate, weight_decay=settings.weight_decay)
    steps = settings.epochs * math.ceil(len(examples) / settings.batch_size)
    schedule = get_cosine_schedule_with_warmup(optimizer, max(1, round(settings.warmup * steps)), steps)
    model.train()
    losses: list[float] = []
    tokens = 0
    for batch in _batches(examples, settings):
        total, weight = _loss(model, loaded, batch)
        loss = total.sum() / weight.sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, settings.clip)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(float(loss.detach()))
        tokens += sum(example.trained for example in batch)
        if on_step:
            on_step(len(losses), steps, losses[-1])
    model.eval()
    return TrainResult(losses, tokens, perf_counter() - began)


def evaluate(
    model: Any,
    loaded: Loaded,
    examples: Sequence[Example],
    batch_size: int = 16,
    on_batch: Callable[[int], None] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """(losses, weights), both (n,): each row's loss in nats, summed over its learnt tokens, and their weights' sum.

    on_batch: called after each batch with the number of rows measured so far.
    """
    losses, weights = np.zeros(len(examples)), np.zeros(len(examples))
    by_length = sorted(range(len(examples)), key=lambda i: len(examples[i]))
    model.eval()
    with torch.inference_mode():
        for start in range(0, len(by_length), batch_size):
            rows = by_length[start : start + batch_size]
            total, weight = _loss(model, loaded, [examples[i] for i in rows])
            losses[rows], weights[rows] = total.double().cpu().numpy(), weight.double().cpu().numpy()
            if on_batch:
                on_batch(start + len(rows))
    return losses, weights


def _batches(examples: Sequence[Example], settings: LoraSettings) -> Iterator[list[Example]]:
    """Batches of rows of like length (little padding), in random order, another in each epoch."""
    random = np.random.default_rng(settings.seed)
    size = settings.batch_size
    for _ in range(settings.epochs):
        order = random.permutation(len(examples)).tolist()
        # Sorting within windows of eight batches keeps lengths together and the batches random.
        windows = [order[i : i + 8 * size] for i in range(0, len(order), 8 * size)]
        rows = [i for window in windows for i in sorted(window, key=lambda i: len(examples[i]))]
        batches = [rows[i : i + size] for i in range(0, len(rows), size)]
        for j in random.permutation(len(batches)).tolist():
            yield [examples[i] for i in batches[j]]


def _loss(model: Any, loaded: Loaded, batch: Sequence[Example]) -> tuple[Tensor, Tensor]:
    """(rows,) weighted loss summed over the learnt tokens of each row, and (rows,) sum of their weights."""
    width = max(map(len, batch))
    ids = torch.zeros(len(batch), width, dtype=torch.long)
    mask = torch.zeros(len(batch), width, dtype=torch.long)
    weights = torch.zeros(len(batch), width)
    for i, example in enumerate(batch):
        ids[i, : len(example)] = torch.from_numpy(example.ids.astype(np.int64))
        mask[i, : len(example)] = 1
        weights[i, : len(example)] = torch.from_numpy(example.weights)
    ids, mask, weights = (tensor.to(loaded.device) for tensor in (ids, mask, weights))
    # Position t predicts token t + 1; only positions whose next token is learnt go through the output head, which on
    # a small model with a large vocabulary costs as much as all its layers.
    rows, at = (weights[:, 1:] != 0).nonzero(as_tuple=True)
    with torch.autocast(loaded.device, torch.bfloat16, enabled=loaded.precision == "bf16"):
        causal = model.get_base_model() if hasattr(model, "get_base_model") else model
        hidden = causal.get_decoder()(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state
        logits = causal.get_output_embeddings()(hidden[rows, at])
    loss = F.cross_entropy(logits.float(), ids[rows, at + 1], reduction="none") * weights[rows, at + 1]
    per_row = torch.zeros(len(batch), device=loss.device).index_add(0, rows, loss)
    return per_row, weights.sum(1)
