"""The loss of rows under a model: packed into one sequence where that gives the model's own loss, else padded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from curate.models.language_model import LanguageModel
from train.lora import attention
from train.lora.fused import HeadLoss, fuse
from train.lora.masking import TrainingExample
from train.lora.packing import pack

# How far a packed token's loss may be from its loss in the plain model, in nats, by precision.
NEAR = {"fp32": 1e-3, "bf16": 0.3}
_made: WeakKeyDictionary[Any, Forward] = WeakKeyDictionary()


class Forward:
    """Losses of rows under one model.

    Args:
        packed: whether rows are laid one after the other; found out by trying on two short rows of random tokens, since
            models with a state (Mamba) or logits that are not the head's output (Gemma's are capped) are left as they
            are.
    """

    def __init__(self, model: Any, loaded: LanguageModel, packed: bool = True) -> None:
        """Args:
        packed: whether to try; if not, the model is left as it is.
        """
        self.model, self.loaded = model, loaded
        self.packed = False
        if not packed:
            return
        self.causal = model.get_base_model() if hasattr(model, "get_base_model") else model
        self.packed = True
        examples = _trial(self.causal)
        try:
            with torch.no_grad():
                plain = [self._padded([example], each=True) for example in examples]
                attention.register()
                fuse(model)
                with self.attending():
                    found = self._packed(examples, each=True)
            self.packed = float((torch.cat(plain) - found).abs().max()) <= NEAR[loaded.precision]
        except (AttributeError, ImportError, KeyError, RuntimeError, TypeError, ValueError, NotImplementedError):
            self.packed = False

    def __call__(self, examples: Sequence[TrainingExample]) -> Tensor:
        """(rows,) weighted loss of each row, summed over its learnt tokens, in nats."""
        return self._packed(examples) if self.packed else self._padded(examples)

    @contextmanager
    def attending(self) -> Iterator[None]:
        """While this lasts, the model looks at packed rows, and at nothing else."""
        found = [module.config for module in self.causal.modules() if hasattr(module, "config")]
        configs = {id(c): c for c in found if hasattr(c, "_attn_implementation")} if self.packed else {}
        was = {key: config._attn_implementation for key, config in configs.items()}
        for config in configs.values():
            config._attn_implementation = attention.NAME
        try:
            yield
        finally:
            for key, config in configs.items():
                config._attn_implementation = was[key]

    def _packed(self, examples: Sequence[TrainingExample], each: bool = False) -> Tensor:
        made = pack(examples)
        device = self.loaded.device
        ids, positions, at, targets, weights, rows = (
            torch.from_numpy(array).to(device)
            for array in (made.ids, made.positions, made.at, made.targets, made.weights, made.rows)
        )
        attention.set_layout(made.groups)
        hidden = self.causal.get_decoder()(
            input_ids=ids[None], position_ids=positions[None], use_cache=False
        ).last_hidden_state[0]
        loss = self._head(hidden[at], targets) * weights
        if each:
            return loss[weights != 0]
        return loss.new_zeros(len(examples)).index_add(0, rows, loss)

    def _head(self, hidden: Tensor, targets: Tensor) -> Tensor:
        head = self.causal.get_output_embeddings()
        if type(head) is nn.Linear and not head.weight.requires_grad:
            return HeadLoss.apply(hidden, head.weight, head.bias, targets)
        return F.cross_entropy(head(hidden).float(), targets, reduction="none")

    def _padded(self, examples: Sequence[TrainingExample], each: bool = False) -> Tensor:
        """By the model's own forward pass, with all its logits; rows are padded at their ends to one length."""
        width = max(map(len, examples))
        ids, mask = np.zeros((len(examples), width), np.int64), np.zeros((len(examples), width), np.int64)
        weights = np.zeros((len(examples), width), np.float32)
        for i, example in enumerate(examples):
            ids[i, : len(example)], mask[i, : len(example)] = example.ids, 1
            weights[i, : len(example)] = example.weights
        token_ids, shares = (torch.from_numpy(array).to(self.loaded.device) for array in (ids, weights))
        known = torch.from_numpy(mask).to(self.loaded.device)
        with torch.autocast(self.loaded.device, torch.bfloat16, enabled=self.loaded.precision == "bf16"):
            logits = self.model(input_ids=token_ids, attention_mask=known, use_cache=False).logits
        rows, at = (shares[:, 1:] != 0).nonzero(as_tuple=True)
        loss = F.cross_entropy(logits[rows, at].float(), token_ids[rows, at + 1], reduction="none")
        loss = loss * shares[rows, at + 1]
        return loss if each else loss.new_zeros(len(examples)).index_add(0, rows, loss)


def forward_of(model: Any, loaded: LanguageModel) -> Forward:
    """The losses of this model, tried once."""
    if model not in _made:
        _made[model] = Forward(model, loaded)
    return _made[model]


def _trial(model: Any) -> list[TrainingExample]:
    """Two short rows of random tokens, the longer one first."""
    size = int(model.get_input_embeddings().num_embeddings)
    random = np.random.default_rng(0)
    return [
        TrainingExample(random.integers(0, size, n).astype(np.int32), np.r_[0, np.ones(n - 1)].astype(np.float32))
        for n in (9, 21)
    ]
