"""Attention over rows that lie one after the other: each row looks at itself only, and back only."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from train.lora import gpu

NAME = "curate_packed"
# Longest row, in tokens, whose attention is computed by whole matrices; beyond, torch's own kernel is faster on
# processors (it is slow at short rows: its backward pass took 4 times as long at 104 tokens in bf16).
MATRIX_LENGTH = {torch.bfloat16: 512, torch.float32: 256}
Group = tuple[int, int, int]
_layout = threading.local()
# torch names the gradient of its softmax with an underscore, and gives no other way to it.
softmax_backward = getattr(torch, "_softmax_backward_data")  # noqa: B009


class Attention(torch.autograd.Function):
    """Softmax attention by whole matrices, for q (n, H, t, d), k and v (n, h, t, d); h divides H.

    mask: (t, t) added to the scores.  The heads of q that share one of k are multiplied with it at once.
    """

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, mask: Tensor, scale: float) -> Tensor:
        n, heads, t, d = q.shape
        shared = heads // k.shape[1]
        q, k, v = q.reshape(-1, shared * t, d), k.reshape(-1, t, d), v.reshape(-1, t, v.shape[-1])
        p = torch.softmax(torch.baddbmm(mask.repeat(shared, 1), q, k.transpose(1, 2), alpha=scale), -1)
        ctx.save_for_backward(q, k, v, p)
        ctx.scale, ctx.sizes = scale, (n, heads, t)
        return torch.bmm(p, v).view(n, heads, t, -1)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        q, k, v, p = ctx.saved_tensors
        n, heads, t = ctx.sizes
        do = grads[0].reshape(len(q), -1, v.shape[-1])
        dv = torch.bmm(p.transpose(1, 2), do)
        ds = softmax_backward(torch.bmm(do, v.transpose(1, 2)), p, -1, p.dtype)
        dq = torch.bmm(ds, k).mul_(ctx.scale).view(n, heads, t, -1)
        dk = torch.bmm(ds.transpose(1, 2), q).mul_(ctx.scale).view(n, -1, t, k.shape[-1])
        return dq, dk, dv.view(n, -1, t, v.shape[-1]), None, None


def set_layout(groups: Sequence[Group], bounds: gpu.RowBounds | None = None) -> None:
    """Set where the rows lie that this thread attends over next.

    Args:
        groups: (first token, rows, tokens of each) per group.
        bounds: the same for kernels that take rows of any lengths at once.
    """
    _layout.groups, _layout.bounds = groups, bounds


def packed_attention(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    _attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    sliding_window: int | None = None,
    **_options: Any,
) -> tuple[Tensor, None]:
    """An attention function as transformers calls it: q (1, H, t, d) to (1, t, H, d), by the layout that is set."""
    scale = scaling if scaling is not None else 1 / math.sqrt(query.shape[-1])
    if _layout.bounds is not None and query.shape[-1] <= gpu.WIDEST_HEAD:
        rate = dropout if module.training else 0.0
        return gpu.varlen_attention(query, key, value, _layout.bounds, scale, rate, sliding_window), None
    outputs = []
    for start, rows, length in _layout.groups:
        q, k, v = (_rows(x, start, rows, length) for x in (query, key, value))
        window = sliding_window if sliding_window and sliding_window < length else 0
        if dropout == 0 and q.device.type == "cpu" and length <= MATRIX_LENGTH.get(q.dtype, 0):
            out = Attention.apply(q, k, v, causal_mask(length, window, q.dtype), scale)
        else:
            mask = causal_mask(length, window, q.dtype).to(q.device) if window else None
            repeats = q.shape[1] // k.shape[1]
            if repeats > 1:
                k, v = k.repeat_interleave(repeats, 1), v.repeat_interleave(repeats, 1)
            out = F.scaled_dot_product_attention(
                q, k, v, mask, dropout if module.training else 0.0, is_causal=mask is None, scale=scale
            )
        outputs.append(out.transpose(1, 2).reshape(1, rows * length, *out.shape[1::2]))
    return (outputs[0] if len(outputs) == 1 else torch.cat(outputs, 1)), None


def register() -> None:
    """Register the function with transformers under NAME, with no mask to be made for it."""
    from transformers import AttentionInterface

    AttentionInterface.register(NAME, packed_attention)
    try:
        from transformers import AttentionMaskInterface
    except ImportError:  # older releases make a mask that is then ignored
        return
    AttentionMaskInterface.register(NAME, lambda *_, **__: None)


def _rows(x: Tensor, start: int, rows: int, length: int) -> Tensor:
    """(1, heads, t, d) to (rows, heads, length, d)."""
    part = x[0, :, start : start + rows * length]
    return part.unflatten(1, (rows, length)).transpose(0, 1)


@lru_cache(64)
def causal_mask(length: int, window: int, dtype: torch.dtype) -> Tensor:
    """(t, t): 0 where a token may look, minus infinity elsewhere."""
    with torch.inference_mode(False):  # what is made in that mode no gradient can go through later
        back = torch.arange(length)[:, None] - torch.arange(length)
        barred = (back < 0) | (back >= window) if window else back < 0
        return torch.zeros(length, length, dtype=dtype).masked_fill_(barred, -math.inf)
