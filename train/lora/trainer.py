"""LoRA training: rows are packed, threads share them out, and the output head computes trained tokens only.

Source: Hu et al. 2021, LoRA.  The adapters are peft's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np
import torch

from curate.errors import CurateError
from curate.models.language_model import LanguageModel
from curate.models.masking import TrainingExample
from train.lora import optimiser
from train.lora.checkpoint import CheckpointStore
from train.lora.distributed import Processes, single_process
from train.lora.forward import forward_of
from train.lora.packing import share_out
from train.lora.settings import LoraSettings
from train.lora.workers import GradientWorkers, workers

__all__ = ["LoraSettings", "TrainResult", "TrainStep", "attach", "evaluate", "reset", "train"]


@dataclass(frozen=True)
class TrainStep:
    """One optimiser step.

    Attributes:
        step: its number, from 1.
        steps: of the whole run.
        loss: mean over its trained tokens before the step, in nats.
        rate: learning rate that it was taken with.
        norm: of its gradient, before clipping.
        trained_tokens: tokens of its rows with a loss.
        tokens: all tokens of its rows.
        seconds: since the run began.
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
    """What a run did.

    Attributes:
        losses: (steps,) mean loss of each step, in nats a token.
        trained_tokens: in all epochs.
        seconds: in all.
        heldout: (step, mean loss) each time it was measured.
        stopped: whether the held-out loss ended the run early.
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
    """Held-out rows to measure on while a run goes on.

    Attributes:
        examples: the rows.
        every: steps between two measurements; the last step is measured as well.
        patience: stop when the loss has not fallen so many times in a row, and go back to the best adapters; 0: never.
    """

    examples: Sequence[TrainingExample]
    every: int
    patience: int = 0


def attach(lm: LanguageModel, settings: LoraSettings) -> LanguageModel:
    """The language model with fresh adapters, the rest frozen; its `model` is peft's.

    Args:
        lm: the base model; its modules are changed in place.
        settings: of the adapters.

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
    linear = {n.rsplit(".", 1)[-1] for n, m in lm.model.named_modules() if isinstance(m, torch.nn.Linear)}
    try:
        adapted = replace(lm, model=peft.get_peft_model(lm.model, config))
    except ValueError as error:
        raise CurateError(
            f"LoRA cannot be put on {lm.name}: {str(error).splitlines()[0]}\n"
            f"its linear modules are {', '.join(sorted(linear))}; name some of these, or all-linear"
        ) from None
    reset(adapted, settings.seed)
    return adapted


def reset(lm: LanguageModel, seed: int) -> None:
    """Give the adapters the initial weights that peft gives fresh ones, from a seed: A random, B zero.

    After this the model gives what the base model gives, so that many runs can share one loaded model.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in lm.model.named_parameters():
            if "lora_A" in name:
                bound = 1 / math.sqrt(weight.shape[1])
                weight.copy_(torch.empty(weight.shape).uniform_(-bound, bound, generator=generator))
            elif "lora_B" in name:
                weight.zero_()


def train(
    lm: LanguageModel,
    examples: Sequence[TrainingExample],
    settings: LoraSettings,
    *,
    heldout: HeldoutEvaluation | None = None,
    progress: Callable[[TrainStep], None] | None = None,
    store: CheckpointStore | None = None,
    processes: Processes | None = None,
) -> TrainResult:
    """Train the adapters of a model on the examples.

    Args:
        lm: a model with adapters, from `attach`.
        examples: the rows.
        settings: of the optimiser and its schedule.
        heldout: rows to measure on while it goes on.
        progress: called after each step.
        store: saves the state of the run and gives it back.
        processes: that share the work; this one alone if None.

    Raises:
        CurateError: if there is nothing to train on, or the loss or gradient is no number.
    """
    settings.check()
    if not examples:
        raise CurateError("there is no row to train on", 1)
    run = _TrainingRun(lm, examples, settings, processes or single_process())
    if store:
        store.restore(run)
    with workers(forward_of(lm)) as threads:
        lm.model.train()
        # A run may have been killed between its last step and the end of what it writes.
        over = heldout is not None and run.stale(heldout)
        remaining = [] if over else batches(len(examples), settings)[run.step :]
        for number, batch in enumerate(remaining, run.step + 1):
            step, over = run.take_step(number, batch, threads), False
            if heldout and (number % heldout.every == 0 or number == run.steps):
                step, over = run.measure(step, heldout, threads)
            if progress:
                progress(step)
            if store:
                store.save(run, last=over or number == run.steps)
            if over:
                break
        run.restore_best(heldout)
    lm.model.eval()
    return TrainResult(run.losses, run.tokens, run.seconds(), run.heldout, run.step < run.steps)


def batches(rows: int, settings: LoraSettings) -> list[list[int]]:
    """Positions of the rows of every step: in random order, another in each epoch."""
    random = np.random.default_rng(settings.seed)
    steps = []
    for _ in range(settings.epochs):
        order = random.permutation(rows).tolist()
        steps += [order[i : i + settings.rows] for i in range(0, rows, settings.rows)]
    return steps


class _TrainingRun:
    """The state of a run, so that it can be saved and resumed."""

    def __init__(
        self, lm: LanguageModel, examples: Sequence[TrainingExample], settings: LoraSettings, processes: Processes
    ) -> None:
        self.lm, self.examples, self.settings, self.processes = lm, examples, settings, processes
        self.parameters = [p for p in lm.model.parameters() if p.requires_grad]
        self.steps = settings.steps(len(examples))
        self.optimizer = optimiser.optimiser(self.parameters, settings)
        self.schedule = optimiser.schedule(self.optimizer, settings, self.steps)
        self.step, self.tokens = 0, 0
        self.losses: list[float] = []
        self.heldout: list[tuple[int, float]] = []
        self.best: list[torch.Tensor] = []
        self.earlier_seconds = 0.0
        self.start = perf_counter()

    def seconds(self) -> float:
        """Since the run began, those before it was stopped included."""
        return self.earlier_seconds + perf_counter() - self.start

    def take_step(self, number: int, batch: Sequence[int], threads: GradientWorkers) -> TrainStep:
        """One optimiser step on these rows, shared out over all processes."""
        rows = [self.examples[i] for i in batch]
        weight = sum(float(row.weights.sum()) for row in rows)
        own = [rows[i] for i in self.processes.own_part(share_out(rows, self.processes.count, 1 << 40))]
        losses, gradients = threads.gradients(own, self.parameters, 1 / weight, self.settings.seed * 1_000_003 + number)
        # What is read from a GPU is read once, when all the work of the step has been given to it.
        several = self.processes.count > 1
        total = self.processes.add(gradients, float(losses.cpu().numpy().sum())) if several else 0.0
        for parameter, gradient in zip(self.parameters, gradients, strict=True):
            parameter.grad = gradient.to(parameter.dtype)
        gradient_norm = torch.nn.utils.clip_grad_norm_(self.parameters, self.settings.clip or math.inf)
        rate = self.optimizer.param_groups[0]["lr"]
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad()
        loss = (total if several else float(losses.cpu().numpy().sum())) / weight
        norm = float(gradient_norm)
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise CurateError(
                f"step {number}: the loss is {loss} and the norm of the gradient {norm}; lower --lr "
                f"(now {self.settings.learning_rate:g}), or train in --precision fp32"
            )
        trained = sum(row.trained for row in rows)
        self.step, self.tokens = number, self.tokens + trained
        self.losses.append(loss)
        return TrainStep(number, self.steps, loss, rate, norm, trained, sum(map(len, rows)), self.seconds())

    def measure(self, step: TrainStep, heldout: HeldoutEvaluation, threads: GradientWorkers) -> tuple[TrainStep, bool]:
        """The step with the loss on the held-out rows, and whether to stop."""
        self.lm.model.eval()
        rows = heldout.examples
        losses = np.concatenate([threads.losses(rows[i : i + 16]) for i in range(0, len(rows), 16)])
        self.lm.model.train()
        mean = float(losses.sum() / sum(float(row.weights.sum()) for row in rows))
        earlier = [loss for _, loss in self.heldout]
        if heldout.patience and mean < min(earlier, default=math.inf):
            self.best = [p.detach().clone() for p in self.parameters]
        self.heldout.append((step.step, mean))
        return replace(step, heldout=mean), self.stale(heldout)

    def stale(self, heldout: HeldoutEvaluation) -> bool:
        """Whether the held-out loss has not fallen for `patience` measurements."""
        losses = [loss for _, loss in self.heldout]
        return bool(heldout.patience and losses) and len(losses) - 1 - int(np.argmin(losses)) >= heldout.patience

    def restore_best(self, heldout: HeldoutEvaluation | None) -> None:
        """Go back to the adapters that were best on the held-out rows."""
        if heldout and heldout.patience and self.best:
            with torch.no_grad():
                for parameter, best in zip(self.parameters, self.best, strict=True):
                    parameter.copy_(best)


def evaluate(
    lm: LanguageModel,
    examples: Sequence[TrainingExample],
    batch_size: int = 16,
    on_batch: Callable[[int], None] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The loss of each row under a model.

    Args:
        lm: the model, with or without adapters.
        examples: the rows.
        batch_size: rows that are measured together.
        on_batch: called after each batch with the number of rows measured so far.

    Returns:
        (n,) loss of each row in nats, summed over its trained tokens, and (n,) the sum of their weights.
    """
    losses = np.zeros(len(examples))
    by_length = sorted(range(len(examples)), key=lambda i: len(examples[i]))
    lm.model.eval()
    with workers(forward_of(lm)) as threads:
        for start in range(0, len(by_length), batch_size):
            rows = by_length[start : start + batch_size]
            losses[rows] = threads.losses([examples[i] for i in rows])
            if on_batch:
                on_batch(start + len(rows))
    return losses, np.array([float(example.weights.sum(dtype=np.float64)) for example in examples])
