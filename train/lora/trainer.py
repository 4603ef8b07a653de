"""LoRA training: rows are packed, threads share them out, and the output head looks only at what is learnt.

Source: Hu et al. 2021, LoRA.  The adapters are peft's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

import numpy as np
import torch

from curate.errors import CurateError
from curate.models.language_model import LanguageModel
from train.lora import optimiser
from train.lora.distributed import Processes, alone
from train.lora.forward import forward_of
from train.lora.masking import TrainingExample
from train.lora.packing import share_out
from train.lora.settings import LoraSettings
from train.lora.workers import Workers, workers

__all__ = ["LoraSettings", "TrainStep", "TrainResult", "attach", "evaluate", "reset", "train"]


@dataclass(frozen=True)
class TrainStep:
    """What a step was: its number from 1, of how many; the mean loss before it, nats a token; the learning rate and the
    norm of the gradient that it was taken with; learnt tokens and all tokens in it; seconds since the run began.

    Attributes:
        heldout: mean loss on the held-out rows after it, where it was measured.
    """

    step: int
    steps: int
    loss: float
    rate: float
    norm: float
    trained_tokens: int
    tokens: int
    seconds: float
    heldout: float | None = None


@dataclass(frozen=True)
class TrainResult:
    """Attributes:
    losses: (steps,) mean loss of each step, nats a token.
    trained_tokens: in all epochs.
    seconds: in all.
    heldout: (step, mean loss) each time it was measured.
    stopped: whether that ended the run early.
    """

    losses: list[float] = field(repr=False)
    trained_tokens: int
    seconds: float
    heldout: list[tuple[int, float]] = field(default_factory=list)
    stopped: bool = False

    @property
    def steps(self) -> int:
        """Optimiser steps taken."""
        return len(self.losses)


@dataclass(frozen=True)
class HeldoutEvaluation:
    """Measure `examples` after every `every` steps and at the end; stop when the loss has not fallen `patience` times
    in a row (0: never), and go back to the adapters that were best."""

    examples: Sequence[TrainingExample]
    every: int
    patience: int = 0


def attach(loaded: LanguageModel, settings: LoraSettings) -> Any:
    """The model with fresh adapters, the rest frozen.

    Raises:
        CurateError: for target modules that it does not have.
    """
    import peft

    settings.check()
    targets = settings.targets if isinstance(settings.targets, str) else list(settings.targets)
    config = peft.LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=targets,
        use_rslora=settings.rslora,
        use_dora=settings.dora,
        task_type="CAUSAL_LM",
    )
    linear = {n.rsplit(".", 1)[-1] for n, m in loaded.model.named_modules() if isinstance(m, torch.nn.Linear)}
    try:
        model = peft.get_peft_model(loaded.model, config)
    except ValueError as error:
        raise CurateError(
            f"LoRA cannot be put on {loaded.name}: {str(error).splitlines()[0]}\n"
            f"its linear modules are {', '.join(sorted(linear))}; name some of these, or all-linear"
        ) from None
    reset(model, settings.seed)
    return model


def reset(model: Any, seed: int) -> None:
    """Give the adapters the beginning that peft gives fresh ones, from a seed: A random, B zero.

    After this the model says what the base model says, so that many runs can share one loaded model.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_A" in name:
                bound = 1 / math.sqrt(weight.shape[1])
                weight.copy_(torch.empty(weight.shape).uniform_(-bound, bound, generator=generator))
            elif "lora_B" in name:
                weight.zero_()


def train(
    model: Any,
    loaded: LanguageModel,
    examples: Sequence[TrainingExample],
    settings: LoraSettings,
    on_step: Callable[[int, int, float], None] | None = None,
    *,
    watch: HeldoutEvaluation | None = None,
    progress: Callable[[TrainStep], None] | None = None,
    keeper: Any = None,
    processes: Processes | None = None,
) -> TrainResult:
    """Train the adapters of `model` (from `attach`) on the examples.

    Args:
        on_step: called after each step with (step, steps, loss); tell: with all that is known of it.
        watch: rows to measure on the way.
        keeper: saves the state and gives it back, see train/checkpoint.py.
        processes: that share the work, see train/distributed.py.

    Raises:
        CurateError: if there is nothing to train on, or the loss or gradient is no number.
    """
    settings.check()
    if not examples:
        raise CurateError("there is no row to train on", 1)
    run = _TrainingRun(model, loaded, examples, settings, processes or alone())
    if keeper:
        keeper.restore(run)
    with workers(forward_of(model, loaded)) as threads:
        model.train()
        # A run may have been killed between its last step and the end of what it writes.
        left = [] if watch and run.stale(watch) else batches(len(examples), settings)[run.step :]
        for number, batch in enumerate(left, run.step + 1):
            step = run.take(number, batch, threads)
            ended = False
            if watch and (number % watch.every == 0 or number == run.steps):
                step, ended = run.measure(step, watch, threads)
            if on_step:
                on_step(number, run.steps, step.loss)
            if progress:
                progress(step)
            if keeper:
                keeper.save(run, last=ended or number == run.steps)
            if ended:
                break
        run.end(watch)
    model.eval()
    return TrainResult(run.losses, run.tokens, run.seconds(), run.heldout, run.step < run.steps)


def batches(rows: int, settings: LoraSettings) -> list[list[int]]:
    """Positions of the rows of every step: in random order, another in each epoch."""
    random = np.random.default_rng(settings.seed)
    made = []
    for _ in range(settings.epochs):
        order = random.permutation(rows).tolist()
        made += [order[i : i + settings.rows] for i in range(0, rows, settings.rows)]
    return made


class _TrainingRun:
    """The state of a run, so that it can be kept and taken up again."""

    def __init__(
        self, model: Any, loaded: LanguageModel, examples: Sequence[TrainingExample], settings: LoraSettings, processes: Processes
    ) -> None:
        self.model, self.loaded, self.examples, self.settings = model, loaded, examples, settings
        self.processes = processes
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        self.steps = settings.steps(len(examples))
        self.optimizer = optimiser.optimiser(self.parameters, settings)
        self.schedule = optimiser.schedule(self.optimizer, settings, self.steps)
        self.step, self.tokens = 0, 0
        self.losses: list[float] = []
        self.heldout: list[tuple[int, float]] = []
        self.best: list[torch.Tensor] = []
        self.before = 0.0
        self.began = perf_counter()

    def seconds(self) -> float:
        """Since the run began, those before it was stopped included."""
        return self.before + perf_counter() - self.began

    def take(self, number: int, batch: Sequence[int], threads: Workers) -> TrainStep:
        """One optimiser step on these rows, shared out over all processes."""
        rows = [self.examples[i] for i in batch]
        weight = sum(float(row.weights.sum()) for row in rows)
        mine = [rows[i] for i in self.processes.mine(share_out(rows, self.processes.count, 1 << 40))]
        losses, gradients = threads.gradients(
            mine, self.parameters, 1 / weight, self.settings.seed * 1_000_003 + number
        )
        total = self.processes.add(gradients, float(losses.sum()))
        for parameter, gradient in zip(self.parameters, gradients, strict=True):
            parameter.grad = gradient.to(parameter.dtype)
        norm = float(torch.nn.utils.clip_grad_norm_(self.parameters, self.settings.clip or math.inf))
        loss = total / weight
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise CurateError(
                f"step {number}: the loss is {loss} and the norm of the gradient {norm}; lower --lr "
                f"(now {self.settings.learning_rate:g}), or train in --precision fp32"
            )
        rate = self.optimizer.param_groups[0]["lr"]
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad()
        trained = sum(row.trained for row in rows)
        self.step, self.tokens = number, self.tokens + trained
        self.losses.append(loss)
        return TrainStep(number, self.steps, loss, rate, norm, trained, sum(map(len, rows)), self.seconds())

    def measure(self, step: TrainStep, watch: HeldoutEvaluation, threads: Workers) -> tuple[TrainStep, bool]:
        """The step with the loss on the rows to watch, and whether to stop."""
        self.model.eval()
        losses = np.concatenate([threads.losses(watch.examples[i : i + 16]) for i in range(0, len(watch.examples), 16)])
        self.model.train()
        mean = float(losses.sum() / sum(float(e.weights.sum()) for e in watch.examples))
        earlier = [loss for _, loss in self.heldout]
        if watch.patience and mean < min(earlier, default=math.inf):
            self.best = [p.detach().clone() for p in self.parameters]
        self.heldout.append((step.step, mean))
        return replace(step, heldout=mean), self.stale(watch)

    def stale(self, watch: HeldoutEvaluation) -> bool:
        """Whether the loss on the rows that are watched has not fallen as often as patience goes."""
        losses = [loss for _, loss in self.heldout]
        return bool(watch.patience and losses) and len(losses) - 1 - int(np.argmin(losses)) >= watch.patience

    def end(self, watch: HeldoutEvaluation | None) -> None:
        """Go back to the adapters that were best on the rows that were watched."""
        if watch and watch.patience and self.best:
            with torch.no_grad():
                for parameter, best in zip(self.parameters, self.best, strict=True):
                    parameter.copy_(best)


def evaluate(
    model: Any,
    loaded: LanguageModel,
    examples: Sequence[TrainingExample],
    batch_size: int = 16,
    on_batch: Callable[[int], None] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """(losses, weights), both (n,): each row's loss in nats, summed over its learnt tokens, and their weights' sum.

    Args:
        on_batch: called after each batch with the number of rows measured so far.
    """
    losses = np.zeros(len(examples))
    by_length = sorted(range(len(examples)), key=lambda i: len(examples[i]))
    model.eval()
    with workers(forward_of(model, loaded)) as threads:
        for start in range(0, len(by_length), batch_size):
            rows = by_length[start : start + batch_size]
            losses[rows] = threads.losses([examples[i] for i in rows])
            if on_batch:
                on_batch(start + len(rows))
    return losses, np.array([float(example.weights.sum(dtype=np.float64)) for example in examples])
