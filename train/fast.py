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


# What some models pass to attention and this one does not do; such models are trained on padded rows instead.
_UNSUPPORTED = ("softcap", "s_aux", "position_bias", "sliding_window")


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
    Returns (1, tokens, heads, d).  Raises NotImplementedError for attention of another kind.
    """
    for name in _UNSUPPORTED:
        if kwargs.get(name) is not None:
            raise NotImplementedError(f"attention with {name}")
    lengths = list(row_lengths) if row_lengths is not None else [query.shape[2]]
    grouped = query.shape[1] != key.shape[1]
    longest = max(lengths)
    # Padding is only needed here, and on the right: causal attention never looks there, so no mask is needed either.
    q, k, v = (_unpack(t, lengths, longest) for t in (query, key, value))
    out = F.scaled_dot_product_attention(
        q, k, v, dropout_p=dropout, is_causal=longest > 1, scale=scaling, enable_gqa=grouped
    ).transpose(1, 2)
    if min(lengths) == longest:
        return out.reshape(1, -1, *out.shape[2:]), None
    return torch.cat([row[:length] for row, length in zip(out.unbind(0), lengths, strict=True)])[None], None


def _unpack(packed: Tensor, lengths: list[int], longest: int) -> Tensor:
    """(1, heads, tokens, d) to (rows, heads, longest, d), padded with zeros."""
    flat = packed[0].transpose(0, 1)
    if min(lengths) == longest:
        return flat.reshape(len(lengths), longest, *flat.shape[1:]).transpose(1, 2)
    return torch.nn.utils.rnn.pad_sequence(list(flat.split(lengths)), batch_first=True).transpose(1, 2)


class HeadLoss(torch.autograd.Function):
    """Cross entropy of each position through a frozen output head, without ever holding all logits.

    Some rows of logits at a time are made, turned into losses and into the gradient of the hidden states, and
    forgotten; so a vocabulary of 49,000 costs two matrix products and a few passes over memory that stays in cache.
    """

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor | None, targets: Tensor, weights: Tensor, rows: int
    ) -> tuple[Tensor, Tensor]:
        losses = torch.empty(len(hidden), dtype=torch.float32, device=hidden.device)
        needed = hidden.requires_grad
        grad = torch.empty_like(hidden) if needed else None
        for at in range(0, len(hidden), rows):
            part = slice(at, at + rows)
            logits = F.linear(hidden[part], weight, bias).float()
            index = targets[part, None]
            lse = torch.logsumexp(logits, -1, keepdim=True)
            losses[part] = (lse - logits.gather(1, index))[:, 0]
            if grad is not None:
                logits.sub_(lse).exp_()
                logits.scatter_add_(1, index, torch.full_like(lse, -1.0))
                logits.mul_(weights[part, None])
                torch.mm(logits.to(weight.dtype), weight, out=grad[part])
        ctx.save_for_backward(grad)
        ctx.mark_non_differentiable(losses)
        return (losses * weights).sum(), losses

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None, None, None]:
        (grad,) = ctx.saved_tensors
        return grad * grads[0].to(grad.dtype), None, None, None, None, None


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
