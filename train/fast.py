"""Exact shortcuts that make LoRA training fast on any transformers model: packed rows and fused adapters.

Packing: the rows of a batch lie end to end in one long row, positions start anew at each, and attention looks
only within a row.  Nothing is padded, and each row gets what it would get alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

ATTENTION = "curate_packed"


def packed_attention(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    row_lengths: Sequence[int] | None = None,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """Causal attention within each packed row; the signature is the one transformers calls.

    query: (1, heads, tokens, d).  key, value: (1, key heads, tokens, d).
    row_lengths: tokens of each row, their sum is `tokens`; None means one row.
    Returns (1, tokens, heads, d).
    """
    lengths = list(row_lengths) if row_lengths is not None else [query.shape[2]]
    grouped = query.shape[1] != key.shape[1]
    rows = zip(query.split(lengths, 2), key.split(lengths, 2), value.split(lengths, 2), strict=True)
    outputs = [
        F.scaled_dot_product_attention(
            q, k, v, dropout_p=dropout, is_causal=q.shape[2] > 1, scale=scaling, enable_gqa=grouped
        ).transpose(1, 2)
        for q, k, v in rows
    ]
    return torch.cat(outputs, 1), None


class LoraFunction(torch.autograd.Function):
    """y = x W' + (x A') B' s in the precision of W, without the copies that separate modules make.

    Source: Hu et al. 2021, LoRA; the gradients follow from the chain rule with W held fixed.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, a: Tensor, b: Tensor, scale: float) -> Tensor:
        a, b = a.to(weight.dtype), b.to(weight.dtype) * scale
        flat = x.reshape(-1, x.shape[-1])
        low = flat @ a.T
        out = F.linear(flat, weight, bias)
        out.addmm_(low, b.T)
        ctx.save_for_backward(flat, weight, low, a, b)
        ctx.scale, ctx.shape = scale, x.shape
        return out.view(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, None, None, Tensor, Tensor, None]:
        flat, weight, low, a, b = ctx.saved_tensors
        grad = grads[0].reshape(-1, grads[0].shape[-1])
        grad_low = grad @ b
        grad_a = (grad_low.T @ flat).float()
        grad_b = (grad.T @ low).float() * ctx.scale
        grad_x = None
        if ctx.needs_input_grad[0]:
            grad_x = (grad @ weight).addmm_(grad_low, a).view(ctx.shape)
        return grad_x, None, None, grad_a, grad_b, None
