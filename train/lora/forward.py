"""The loss of rows under a model: packed into one sequence where that gives the model's own loss, else padded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from curate.models.language_model import LanguageModel
from curate.models.masking import TrainingExample
from train.lora import attention, gpu
from train.lora.fused import HeadLoss, fuse
from train.lora.packing import ROW_STEP, pack

# Where transformers keeps the name of a model's attention function.
ATTENTION_FIELD = "_attn_implementation"
# How far a packed token's loss may be from its loss in the plain model, in nats, by precision.
NEAR = {"fp32": 1e-3, "bf16": 0.3}
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
FORWARD_FIELD = "curate_forward"


class Forward:
    """Losses of rows under one model.

    Packing is tried on two short rows of random tokens, since models with a state (Mamba) or logits that are not the
    head's output (Gemma's are capped) have to be left as they are.

    Attributes:
        uses_packing: whether rows are laid one after the other.
    """

    def __init__(self, lm: LanguageModel, try_packing: bool = True) -> None:
        self.lm = lm
        self.uses_packing = False
        if not try_packing:
            return
        self.causal = lm.model.get_base_model() if hasattr(lm.model, "get_base_model") else lm.model
        self.uses_packing = True
        self.any_lengths = gpu.takes_any_lengths(lm.device, DTYPES[lm.precision])
        self.four_bit = bool(getattr(self.causal, "is_quantized", False))
        examples = _trial(self.causal)
        try:
            with torch.no_grad():
                padded = [self._padded([example], per_token=True) for example in examples]
                attention.register()
                fuse(lm.model)
                with self.attending():
                    packed = self._packed(examples, per_token=True)
            self.uses_packing = float((torch.cat(padded) - packed).abs().max()) <= NEAR[lm.precision]
        except (AttributeError, ImportError, KeyError, RuntimeError, TypeError, ValueError, NotImplementedError):
            self.uses_packing = False

    def __call__(self, examples: Sequence[TrainingExample]) -> Tensor:
        """(rows,) weighted loss of each row, summed over its trained tokens, in nats."""
        return self._packed(examples) if self.uses_packing else self._padded(examples)

    @contextmanager
    def attending(self) -> Iterator[None]:
        """While this lasts, the model's attention is that over packed rows."""
        modules = self.causal.modules() if self.uses_packing else ()
        configs = {id(module.config): module.config for module in modules if hasattr(module, "config")}
        configs = {key: config for key, config in configs.items() if hasattr(config, ATTENTION_FIELD)}
        earlier = {key: getattr(config, ATTENTION_FIELD) for key, config in configs.items()}
        for config in configs.values():
            setattr(config, ATTENTION_FIELD, attention.NAME)
        try:
            with gpu.rotary(self.causal) if self.uses_packing else nullcontext():
                yield
        finally:
            for key, config in configs.items():
                setattr(config, ATTENTION_FIELD, earlier[key])

    def _packed(self, examples: Sequence[TrainingExample], per_token: bool = False) -> Tensor:
        sequence = pack(examples, 1 if self.any_lengths else ROW_STEP)
        device = self.lm.device
        ids, positions, at, targets, weights, rows = (
            gpu.to_device(array, device)
            for array in (
                sequence.ids,
                sequence.positions,
                sequence.at,
                sequence.targets,
                sequence.weights,
                sequence.rows,
            )
        )
        attention.set_layout(sequence.groups, gpu.row_bounds(sequence.groups, device) if self.any_lengths else None)
        # Adapters of weights in 4 bits are peft's own, which compute in fp32 unless they are told otherwise.
        with torch.autocast(device, torch.bfloat16, enabled=self.any_lengths and self.four_bit):
            hidden = self.causal.get_decoder()(
                input_ids=ids[None], position_ids=positions[None], use_cache=False
            ).last_hidden_state[0]
        loss = self._head(hidden[at], targets) * weights
        if per_token:
            return loss[weights != 0]
        return loss.new_zeros(len(examples)).index_add(0, rows, loss)

    def _head(self, hidden: Tensor, targets: Tensor) -> Tensor:
        head = self.causal.get_output_embeddings()
        if type(head) is nn.Linear and not head.weight.requires_grad:
            return HeadLoss.apply(hidden, head.weight, head.bias, targets)
        return F.cross_entropy(head(hidden).float(), targets, reduction="none")

    def _padded(self, examples: Sequence[TrainingExample], per_token: bool = False) -> Tensor:
        """By the model's own forward pass, with all its logits; rows are padded at their ends to one length."""
        width = max(map(len, examples))
        ids, mask = np.zeros((len(examples), width), np.int64), np.zeros((len(examples), width), np.int64)
        weights = np.zeros((len(examples), width), np.float32)
        for i, example in enumerate(examples):
            ids[i, : len(example)], mask[i, : len(example)] = example.ids, 1
            weights[i, : len(example)] = example.weights
        token_ids, shares = (torch.from_numpy(array).to(self.lm.device) for array in (ids, weights))
        attended = torch.from_numpy(mask).to(self.lm.device)
        with torch.autocast(self.lm.device, torch.bfloat16, enabled=self.lm.precision == "bf16"):
            logits = self.lm.model(input_ids=token_ids, attention_mask=attended, use_cache=False).logits
        rows, at = (shares[:, 1:] != 0).nonzero(as_tuple=True)
        loss = F.cross_entropy(logits[rows, at].float(), token_ids[rows, at + 1], reduction="none")
        loss = loss * shares[rows, at + 1]
        return loss if per_token else loss.new_zeros(len(examples)).index_add(0, rows, loss)


def forward_of(lm: LanguageModel) -> Forward:
    """The losses of this model; packing is tried once for each."""
    # It lies on the model, so that both are freed together; not by getattr, which peft sends on to the base model.
    if FORWARD_FIELD not in vars(lm.model):
        setattr(lm.model, FORWARD_FIELD, Forward(lm))
    return vars(lm.model)[FORWARD_FIELD]


def _trial(model: Any) -> list[TrainingExample]:
    """Two short rows of random tokens, the longer one first."""
    size = int(model.get_input_embeddings().num_embeddings)
    random = np.random.default_rng(0)
    return [
        TrainingExample(random.integers(0, size, n).astype(np.int32), np.r_[0, np.ones(n - 1)].astype(np.float32))
        for n in (9, 21)
    ]
