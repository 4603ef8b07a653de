"""A few steps of training that show how fast this machine is, and how much memory it takes."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import torch

from curate.models import language_model
from curate.models.language_model import LanguageModel
from curate.models.masking import TrainingExample
from curate.tokens.cost import WarmUp
from train.lora import workers
from train.lora.settings import LoraSettings
from train.lora.trainer import attach, train

STEPS = 2
# Tokens of a step at most; what is left out of a larger one is computed after them, at the same speed.
MOST = {"cpu": 2048, "cuda": 65_536}


def step_seconds(lm: LanguageModel, batch: Sequence[TrainingExample], settings: LoraSettings) -> float:
    """Seconds of a step.

    Args:
        lm: the model with adapters, which are trained; reset them after.
        batch: rows of one step.
        settings: of the adapters and the optimiser.
    """
    times: list[float] = []
    settings = replace(settings, epochs=STEPS)
    train(lm, batch, settings, progress=lambda _: times.append(perf_counter()))
    # The first step also allocates; only what comes after it is counted.
    return max(times[-1] - times[0], 1e-9) / max(len(times) - 1, 1)


def warm_up(model: str, usual: Sequence[TrainingExample], longest: Sequence[TrainingExample]) -> WarmUp:
    """What some steps of training a LoRA show.

    Args:
        model: its name, see `language_model.load`.
        usual: the rows of a step.
        longest: the rows of the step that takes most memory.

    Raises:
        CurateError: for a model that cannot be loaded or trained, and where memory runs out.
    """
    _forget_peak()
    lm = attach(language_model.load(model), LoraSettings())
    # So many tokens are computed at a time: no step takes more memory, whatever it has.
    at_a_time = workers.MOST[lm.device] * (torch.get_num_threads() if lm.device == "cpu" else 1)
    longest, usual = _within(longest, at_a_time), _within(usual, MOST[lm.device])
    train(lm, longest, LoraSettings(batch_size=len(longest), epochs=1))
    seconds = step_seconds(lm, usual, LoraSettings(batch_size=len(usual)))
    return WarmUp(sum(map(len, usual)) / seconds, _peak(), STEPS + 1)


def _within(rows: Sequence[TrainingExample], most: int) -> list[TrainingExample]:
    """The first rows with at most so many tokens together, and one at least."""
    totals = itertools.accumulate(map(len, rows))
    return [row for i, (row, total) in enumerate(zip(rows, totals, strict=True)) if not i or total <= most]


def _forget_peak() -> None:
    """Let the peak of memory begin anew, where that can be done."""
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    with contextlib.suppress(OSError):  # Linux alone has it
        Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int | None:
    """Bytes at the peak: on the GPU where there is one, else of this process; None where that is not known."""
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_reserved())
    with contextlib.suppress(OSError, StopIteration, ValueError):
        lines = Path("/proc/self/status").read_text().splitlines()
        return 1024 * int(next(line for line in lines if line.startswith("VmHWM:")).split()[1])
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
