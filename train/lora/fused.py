"""Leaner forms of what a training step computes most: adapted linear layers, norms, gated units, and the loss.

Each gives what the module gives that it stands for, with fewer passes over memory and no gradient for frozen weights.
"""

from __future__ import annotations

import threading
from types import MethodType
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.lora import gpu

# Rows of the output head's logits that are held at a time, by kind of device: what fits a processor's cache is fastest
# there, and what keeps a GPU busy there.
HEAD_ROWS = {"cpu": 128, "cuda": 1024}
_draws = threading.local()


class LoraLinear(torch.autograd.Function):
    """x W' + b + scale (x * keep) A' B', for x (t, i), W (o, i), A (r, i), B (o, r); W and b are frozen.

    keep: (t, i) dropout mask, already divided by the share that is kept; None without dropout.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, a: Tensor, b: Tensor, scale: float,
                dropout_mask: Tensor | None) -> Tensor:  # fmt: skip
        a, b = a.to(x.dtype), b.to(x.dtype)
        inputs = x if dropout_mask is None else x * dropout_mask
        z = inputs @ a.t()
        ctx.save_for_backward(x, weight, a, b, z, dropout_mask)
        ctx.scale = scale
        y = F.linear(x, weight, bias)
        return y.addmm_(z, b.t(), alpha=scale)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        (dy,) = grads
        x, weight, a, b, z, dropout_mask = ctx.saved_tensors
        dz = (dy @ b).mul_(ctx.scale)
        inputs = x if dropout_mask is None else x * dropout_mask
        da = (dz.t() @ inputs).float()
        db = (dy.t() @ z).float().mul_(ctx.scale)
        dx = None
        if ctx.needs_input_grad[0]:
            dx = dy @ weight
            dx = dx.addmm_(dz, a) if dropout_mask is None else dx.addcmul_(dz @ a, dropout_mask)
        return dx, None, None, da, db, None, None


class Norm(torch.autograd.Function):
    """Root-mean-square norm over the last axis, times a frozen weight; statistics in fp32."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
        wide = x.float()
        inverse = wide.square().mean(-1, keepdim=True).add_(epsilon).rsqrt_()
        ctx.save_for_backward(x, weight, inverse)
        return (wide * inverse).to(x.dtype).mul_(weight)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        (dy,) = grads
        x, weight, inverse = ctx.saved_tensors
        unit = x * inverse  # in fp32, as `inverse` is
        g = (dy * weight).float()
        along = (g * unit).mean(-1, keepdim=True)
        return unit.mul_(along).sub_(g).mul_(-inverse).to(x.dtype), None, None


class GatedUnit(torch.autograd.Function):
    """silu(gate) * up."""

    @staticmethod
    def forward(ctx: Any, gate: Tensor, up: Tensor) -> Tensor:
        ctx.save_for_backward(gate, up)
        return F.silu(gate).mul_(up)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor]:
        (dh,) = grads
        gate, up = ctx.saved_tensors
        s = torch.sigmoid(gate)
        act = gate * s
        d_up = dh * act
        # d silu = s + silu (1 - s)
        d_gate = act.mul_(1 - s).add_(s).mul_(dh).mul_(up)
        return d_gate, d_up


class HeadLoss(torch.autograd.Function):
    """Cross-entropy of each row of hidden (k, d) through a frozen head W (v, d), b (v) or None; gives (k,) float32.

    The gradient is made with the loss, while a block of logits is at hand, so that no logits are kept.
    """

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor | None, targets: Tensor) -> Tensor:
        losses = hidden.new_empty(len(hidden), dtype=torch.float32)
        gradient = torch.empty_like(hidden) if ctx.needs_input_grad[0] else None
        size = HEAD_ROWS.get(hidden.device.type, HEAD_ROWS["cpu"])
        for start in range(0, len(hidden), size):
            block, at = hidden[start : start + size], targets[start : start + size, None]
            logits = F.linear(block, weight, bias).float()
            loss = torch.logsumexp(logits, 1, keepdim=True)
            losses[start : start + size] = (loss - logits.gather(1, at))[:, 0]
            if gradient is not None:
                share = logits.sub_(loss).exp_()
                share.scatter_add_(1, at, torch.full_like(loss, -1))
                torch.mm(share.to(weight.dtype), weight, out=gradient[start : start + size])
        ctx.save_for_backward(gradient)
        return losses

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None]:
        (gradient,) = ctx.saved_tensors
        return gradient * grads[0][:, None].to(gradient.dtype), None, None, None


def seed_dropout(seed: int, device: str = "cpu") -> None:
    """Where this thread draws its dropout masks from, so that they do not depend on what other threads do."""
    _draws.generator = torch.Generator(device).manual_seed(seed)


def fuse(model: nn.Module) -> dict[str, int]:
    """Give the model's modules these leaner forms wherever they compute the same; gives how many of each.

    Weights, names and what is saved stay as they are.
    """
    counts = {"adapters": 0, "norms": 0, "gated units": 0}
    for module in model.modules():
        if hasattr(module, "plain_forward"):
            continue
        if _plain_adapter(module):
            _replace(module, _adapter_forward)
            counts["adapters"] += 1
        elif type(module).__name__.endswith("RMSNorm") and _is_norm(module):
            _replace(module, _norm_forward)
            counts["norms"] += 1
        elif all(hasattr(module, name) for name in ("gate_proj", "up_proj", "down_proj", "act_fn")) and _is_gated(
            module
        ):
            _replace(module, _gate_forward)
            counts["gated units"] += 1
    return counts


def _replace(module: Any, forward: Any) -> None:
    module.plain_forward = module.forward
    module.forward = MethodType(forward, module)


def _plain_adapter(module: Any) -> bool:
    """Whether a module is peft's LoRA around an ordinary linear layer, without variants (DoRA) or quantization."""
    base = getattr(module, "base_layer", None)
    if type(base) is not nn.Linear or type(module).__name__ != "Linear" or not hasattr(module, "lora_A"):
        return False
    return not getattr(module, "lora_variant", {}) and not any(getattr(module, "use_dora", {}).values())


def _adapter_forward(self: Any, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    if args or kwargs or self.disable_adapters or self.merged or len(self.active_adapters) != 1:
        return self.plain_forward(x, *args, **kwargs)
    name = self.active_adapters[0]
    a, b = self.lora_A[name], self.lora_B[name]
    if a.bias is not None or b.bias is not None:
        return self.plain_forward(x)
    rate = getattr(self.lora_dropout[name], "p", 0.0) if self.training else 0.0
    flat = x.reshape(-1, x.shape[-1])
    dropout_mask = None
    if rate:
        generator = getattr(_draws, "generator", None)
        dropout_mask = torch.empty_like(flat).bernoulli_(1 - rate, generator=generator).div_(1 - rate)
    base = self.base_layer
    y = LoraLinear.apply(flat, base.weight, base.bias, a.weight, b.weight, self.scaling[name], dropout_mask)
    return y.view(*x.shape[:-1], -1)


def _norm_forward(self: Any, x: Tensor) -> Tensor:
    fast = gpu.norm(x, self.weight, self.fused_epsilon)
    return Norm.apply(x, self.weight, self.fused_epsilon) if fast is None else fast


def _gate_forward(self: Any, x: Tensor) -> Tensor:
    gate, up = self.gate_proj(x), self.up_proj(x)
    fast = gpu.gated_unit(gate, up)
    return self.down_proj(GatedUnit.apply(gate, up) if fast is None else fast)


def _is_norm(module: Any) -> bool:
    epsilon = getattr(module, "variance_epsilon", getattr(module, "eps", None))
    weight = getattr(module, "weight", None)
    if not isinstance(epsilon, float) or weight is None or weight.requires_grad or weight.dim() != 1:
        return False
    module.fused_epsilon = epsilon
    x = _sample(len(weight), weight)
    return _agree(module(x), Norm.apply(x, weight, epsilon))


def _is_gated(module: Any) -> bool:
    try:
        weight = module.gate_proj.weight
        if getattr(module.gate_proj, "base_layer", module.gate_proj).weight.device.type == "meta":
            return False
        x = _sample(weight.shape[1], weight)
        with torch.no_grad():
            training, module.training = module.training, False
            same = _agree(module(x), _gate_forward(module, x))
            module.training = training
        return same
    except (AttributeError, RuntimeError, TypeError):
        return False


def _sample(width: int, like: Tensor) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(4, width, generator=generator).to(like.device, like.dtype)


def _agree(output: Any, reference: Tensor) -> bool:
    tolerance = 1e-4 if reference.dtype == torch.float32 else 2e-2
    return isinstance(output, Tensor) and torch.allclose(
        output.detach().float(), reference.detach().float(), tolerance, tolerance
    )
