"""Optimisers and learning-rate schedules, by name."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

from curate.errors import CurateError
from train.lora.settings import OPTIMISERS, SCHEDULES, LoraSettings


def optimiser(parameters: Sequence[Any], settings: LoraSettings) -> Any:
    """The optimiser that the settings name, of torch, transformers or bitsandbytes (`adamw_8bit`).

    Raises:
        CurateError: for an unknown name, or where bitsandbytes or a GPU is missing.
    """
    import torch

    rate, decay = settings.learning_rate, settings.weight_decay
    common: dict[str, Any] = {"lr": rate, "weight_decay": decay}
    name = settings.optimizer
    if name == "adamw":
        on_gpu = bool(parameters) and parameters[0].is_cuda
        return torch.optim.AdamW(parameters, betas=settings.betas, fused=on_gpu or None, **common)
    if name == "adam":
        return torch.optim.Adam(parameters, betas=settings.betas, **common)
    if name == "adagrad":
        return torch.optim.Adagrad(parameters, **common)
    if name == "rmsprop":
        return torch.optim.RMSprop(parameters, **common)
    if name == "sgd":
        return torch.optim.SGD(parameters, momentum=settings.betas[0], **common)
    if name == "adafactor":
        from transformers import Adafactor

        return Adafactor(parameters, scale_parameter=False, relative_step=False, **common)
    if name == "adamw_8bit":
        if not torch.cuda.is_available() or importlib.util.find_spec("bitsandbytes") is None:
            raise CurateError("the optimizer adamw_8bit needs a GPU and bitsandbytes; use adamw or adafactor here")
        import bitsandbytes

        return bitsandbytes.optim.AdamW8bit(parameters, betas=settings.betas, **common)
    raise CurateError(f"unknown optimizer {name!r}; optimizers are {', '.join(OPTIMISERS)}")


def schedule(optimizer: Any, settings: LoraSettings, steps: int) -> Any:
    """transformers' schedule of the name that the settings give.

    Where a schedule can end above zero (polynomial, cosine_with_min_lr, warmup_stable_decay), it ends at
    `settings.final_rate`.

    Args:
        optimizer: whose learning rate it sets.
        settings: that name the schedule, its warm-up and its final rate.
        steps: that it goes over.

    Raises:
        CurateError: for an unknown name.
    """
    from transformers import get_scheduler

    name = settings.schedule
    if name not in SCHEDULES:
        raise CurateError(f"unknown schedule {name!r}; schedules are {', '.join(SCHEDULES)}")
    warmup = min(steps, max(1, round(settings.warmup * steps))) if settings.warmup else 0
    special: dict[str, Any] = {}
    if name == "polynomial":
        special = {"lr_end": settings.final_rate, "power": 1.0}
    elif name == "cosine_with_min_lr":
        special = {"min_lr": settings.final_rate}
    elif name == "warmup_stable_decay":
        special = {
            "num_decay_steps": max(1, round(0.2 * steps)),
            "min_lr_ratio": settings.final_rate / settings.learning_rate,
        }
    return get_scheduler(name, optimizer, warmup, steps, scheduler_specific_kwargs=special)
