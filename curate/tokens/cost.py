"""The time and memory that a training run would take, measured on a few of its rows, or not given at all."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from typing import TypeAlias

import msgspec

from curate.errors import CurateError
from curate.models.masking import TrainingExample
from curate.models.model_size import ModelSize
from curate.text.counted import counted
from curate.tokens.counts import TokenCounts
from curate.tokens.options import TokenOptions

# A few steps of larger models take minutes on a processor.
MOST_PARAMETERS = 200_000_000
# The share of a GPU's free memory that the weights may fill.
MOST_OF_GPU = 0.5


class WarmUp(msgspec.Struct, frozen=True):
    """What a few steps of training showed.

    Attributes:
        speed: tokens a second, those that are not trained included.
        memory_bytes: at the peak, on the longest rows, the model included: of the GPU, else of the process; None where
            that cannot be seen.
        steps: how many were taken.
    """

    speed: float
    memory_bytes: int | None
    steps: int


class RunCost(msgspec.Struct, frozen=True):
    """What a training run would take.

    Attributes:
        seconds: None where the speed was not measured.
        memory_bytes: None where it was not measured.
        weights_bytes: of the model's weights alone; None where its size is not known.
        source: how the figures were got, or why there are none.
    """

    seconds: float | None
    memory_bytes: int | None
    weights_bytes: int | None
    source: str


# (name of the model, rows of a usual step, the longest rows) -> what training on them showed
Trainer: TypeAlias = Callable[[str, Sequence[TrainingExample], Sequence[TrainingExample]], WarmUp]


def run_cost(
    counts: TokenCounts, options: TokenOptions, size: ModelSize, trainer: Trainer | None, warm_up: bool | None = None
) -> RunCost:
    """The time and memory of a run on counted rows.

    Args:
        counts: of the rows.
        options: of the run.
        size: of its model.
        trainer: see `installed_trainer`.
        warm_up: whether the model is trained on a few rows for it; if None, where that takes little.
    """
    reason = _why_not(counts, size, trainer, warm_up)
    if reason or not trainer or not options.model:
        return RunCost(None, None, size.weights_bytes, f"not measured: {reason}")
    step = options.batch_size * options.accumulate
    try:
        measured = trainer(options.model, counts.sample(step), counts.sample(step, longest=True))
    except CurateError as error:
        return RunCost(None, None, size.weights_bytes, f"not measured: {error}")
    seconds = options.epochs * counts.fitting["all"] / measured.speed
    source = (
        f"measured in {counted(measured.steps, 'step')} of training on this machine "
        f"({size.device}, {size.precision}): {measured.speed:,.0f} tokens a second"
    )
    return RunCost(seconds, measured.memory_bytes, size.weights_bytes, source)


def installed_trainer() -> Trainer | None:
    """What measures training: `warm_up` in the module of the command `train`, which an entry point of
    `curate.commands` names; None where no package has that command.

    Call it before torch is imported, which reads then how its threads are to wait.
    """
    for point in entry_points(group="curate.commands", name="train"):
        return getattr(importlib.import_module(point.module), "warm_up", None)
    return None


def _why_not(counts: TokenCounts, size: ModelSize, trainer: Trainer | None, warm_up: bool | None) -> str:
    """Why nothing is measured; "" where it is."""
    if not counts.random:
        return "no row is trained on"
    if trainer is None:
        return "no package with the command `train` is installed"
    if warm_up is not None:
        return "" if warm_up else "--no-warm-up"
    return _too_long(size)


def _too_long(size: ModelSize) -> str:
    """Why measuring takes more than a little; "" where it does not."""
    if not size.local:
        return "the model's weights are not on this machine; --warm-up fetches them and trains a few steps"
    if size.parameters is None:
        return "the model's size is not known; --warm-up trains it for a few steps all the same"
    if size.device == "cpu":
        large = size.parameters > MOST_PARAMETERS
        millions = f"{size.parameters / 1e6:,.0f} million parameters"
        return f"{millions} take long on a processor; --warm-up trains a few steps all the same" if large else ""
    import torch

    large = (size.weights_bytes or 0) > MOST_OF_GPU * torch.cuda.mem_get_info()[0]
    return "the model's weights fill most of the GPU's free memory; --warm-up tries it all the same" if large else ""
