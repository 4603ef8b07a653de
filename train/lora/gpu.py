"""What a GPU computes by other kernels than a processor: attention over rows of any lengths, and liger-kernel's.

liger-kernel is optional (`pip install 'curate-sft[gpu]'`); without it the forms in `fused` are used on GPUs as well.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

# Flash attention as torch carries it; torch's public name for it (torch.nn.attention.varlen) is new and still changing.
flash_attention = getattr(torch.ops.aten, "_flash_attention_forward")  # noqa: B009
WIDEST_HEAD = 256
ROTARY = "apply_rotary_pos_emb"


@dataclass(frozen=True)
class RowBounds:
    """Where rows lie in a sequence on a GPU.

    Attributes:
        ends: (rows + 1,) int32, the first token of each row and the end of the last.
        longest: tokens of the longest row.
    """

    ends: Tensor
    longest: int


def row_bounds(groups: Sequence[tuple[int, int, int]], device: str) -> RowBounds:
    """The bounds of the rows in groups of (first token, rows, tokens of each)."""
    lengths = np.concatenate([np.full(rows, length) for _, rows, length in groups])
    return RowBounds(to_device(np.r_[0, np.cumsum(lengths)].astype(np.int32), device), int(lengths.max()))


def to_device(array: np.ndarray, device: str) -> Tensor:
    """The array as a tensor; to a GPU from pinned memory, so that nothing waits for the copy."""
    tensor = torch.from_numpy(array)
    return tensor.pin_memory().to(device, non_blocking=True) if device.startswith("cuda") else tensor.to(device)


def takes_any_lengths(device: str, dtype: torch.dtype) -> bool:
    """Whether attention takes rows of any lengths at once: in 16 bits, on GPUs from Ampere on."""
    half = dtype in (torch.bfloat16, torch.float16)
    return device.startswith("cuda") and half and torch.cuda.get_device_capability()[0] >= 8


def varlen_attention(
    query: Tensor, key: Tensor, value: Tensor, bounds: RowBounds, scale: float, dropout: float, window: int | None
) -> Tensor:
    """Causal attention inside each row.

    Args:
        query: (1, H, t, d); heads of `key` and `value`, (1, h, t, d), are shared by H / h of them.
        key: see `query`.
        value: see `query`.
        bounds: of the rows.
        scale: of the scores.
        dropout: share of the weights that is left out, in [0, 1).
        window: tokens that a token looks back on, itself included; None: all.

    Returns:
        (1, t, H, d).
    """
    q, k, v = (x[0].transpose(0, 1) for x in (query, key, value))
    sides = {"window_size_left": window - 1, "window_size_right": 0} if window else {}
    ends, longest = bounds.ends, bounds.longest
    return flash_attention(q, k, v, ends, ends, longest, longest, dropout, True, False, scale=scale, **sides)[0][None]


@lru_cache(1)
def liger() -> Any:
    """liger-kernel's operations; None where it is not installed."""
    if importlib.util.find_spec("liger_kernel") is None:
        return None
    from liger_kernel import ops

    return ops


def norm(x: Tensor, weight: Tensor, epsilon: float) -> Tensor | None:
    """The root-mean-square norm by liger-kernel; None where it cannot."""
    return liger().LigerRMSNormFunction.apply(x, weight, epsilon, 0.0, "llama", False) if _can(x) else None


def gated_unit(gate: Tensor, up: Tensor) -> Tensor | None:
    """silu(gate) * up by liger-kernel; None where it cannot."""
    return liger().LigerSiLUMulFunction.apply(gate, up) if _can(gate) else None


@contextmanager
def rotary(model: nn.Module) -> Iterator[None]:
    """While this lasts, a model on a GPU turns queries and keys by liger-kernel."""
    modules = {sys.modules[type(m).__module__] for m in model.modules() if type(m).__name__.endswith("Attention")}
    plain = {module: getattr(module, ROTARY) for module in modules if hasattr(module, ROTARY)}
    if next(model.parameters()).is_cuda and liger() is not None:
        for module in plain:
            setattr(module, ROTARY, _rotate)
    try:
        yield
    finally:
        for module, function in plain.items():
            setattr(module, ROTARY, function)


def _rotate(q: Tensor, k: Tensor, cos: Tensor, sin: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
    return liger().LigerRopeFunction.apply(q, k, cos, sin)


def _can(x: Tensor) -> bool:
    return x.is_cuda and liger() is not None
