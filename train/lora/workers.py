"""A batch's losses and gradients, computed by several threads that each have rows of their own.

Splitting rows over threads keeps every core busy through small operations; splitting each operation over threads makes
all of them wait for the slowest at every one, which on a machine that does other work too costs many times the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from curate.errors import CurateError
from curate.models.masking import TrainingExample
from train.lora import gpu
from train.lora.forward import Forward
from train.lora.fused import seed_dropout
from train.lora.packing import share_out

# Tokens of a part: fewer are not worth a thread; more at once take memory and give no speed.
LEAST, MOST = 128, {"cpu": 1024, "cuda": 8192}
# All sums in a few launches on a GPU; what optimisers of torch use, under a name with an underscore.
foreach_add = getattr(torch, "_foreach_add_")  # noqa: B009


class GradientWorkers:
    """Threads for one model; made by `workers`."""

    def __init__(self, forward: Forward, pool: ThreadPoolExecutor, count: int) -> None:
        self.forward, self._pool, self.count = forward, pool, count

    def gradients(
        self, examples: Sequence[TrainingExample], parameters: Sequence[Tensor], scale: float, seed: int
    ) -> tuple[Tensor, list[Tensor]]:
        """The losses of rows and the gradients of their sum.

        Args:
            examples: n rows.
            parameters: to take the gradients for.
            scale: factor of the gradients.
            seed: of dropout; the result does not depend on which thread is done first.

        Returns:
            (n,) float64 loss of each row in nats, on the model's device, and the gradients in fp32, one a parameter.
            Nothing here waits for a GPU.
        """
        device = self.forward.lm.device
        losses = torch.zeros(len(examples), dtype=torch.float64, device=device)
        sums: list[Tensor] = [torch.zeros_like(p, dtype=torch.float32) for p in parameters]

        def gradients_of(number: int, rows: list[int]) -> tuple[Tensor, Sequence[Tensor | None]]:
            seed_dropout(hash((seed, number)) % 2**31, device)
            loss = self.forward([examples[i] for i in rows])
            gradients = torch.autograd.grad(loss.sum() * scale, parameters, allow_unused=True)
            return loss.detach().double(), gradients

        parts = self._parts(examples)
        for rows, (loss, gradients) in zip(parts, self.map_parts(gradients_of, parts), strict=True):
            losses[gpu.to_device(np.array(rows, np.int64), device)] = loss
            pairs = [(total, gradient) for total, gradient in zip(sums, gradients, strict=True) if gradient is not None]
            if pairs:
                foreach_add(*zip(*pairs, strict=True))
        return losses, sums

    def losses(self, examples: Sequence[TrainingExample]) -> np.ndarray:
        """(n,) loss of each row in nats, summed over its trained tokens."""
        losses = np.zeros(len(examples))

        def losses_of(_number: int, rows: list[int]) -> np.ndarray:
            with torch.inference_mode():
                return self.forward([examples[i] for i in rows]).double().cpu().numpy()

        parts = self._parts(examples)
        for rows, loss in zip(parts, self.map_parts(losses_of, parts), strict=True):
            losses[rows] = loss
        return losses

    def _parts(self, examples: Sequence[TrainingExample]) -> list[list[int]]:
        tokens = sum(map(len, examples))
        return share_out(examples, max(1, min(self.count, tokens // LEAST)), MOST[self.forward.lm.device])

    def map_parts(self, compute: Callable[[int, list[int]], Any], parts: list[list[int]]) -> list[Any]:
        """The results of `compute` for the number and the rows of each part, in their order.

        Raises:
            CurateError: when memory runs out.
        """
        try:
            if len(parts) == 1:
                return [compute(0, parts[0])]
            return list(self._pool.map(compute, range(len(parts)), parts))
        except (MemoryError, RuntimeError) as error:
            if isinstance(error, MemoryError) or "memory" in str(error).lower():
                raise CurateError(
                    f"out of memory ({str(error).strip().splitlines()[0] if str(error) else 'no more is left'}); "
                    "lower --batch-size (and raise --accumulate to match) or --max-length, or take a smaller model"
                ) from None
            raise


@contextmanager
def workers(forward: Forward) -> Iterator[GradientWorkers]:
    """As many threads as torch may use, each computing alone; a single one on a GPU, or where rows are not packed."""
    threads = torch.get_num_threads()
    count = threads if forward.uses_packing and forward.lm.device == "cpu" else 1
    threads_each = max(1, threads // count)
    torch.set_num_threads(threads_each)
    try:
        with (
            forward.attending(),
            ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(threads_each,)) as pool,
        ):
            yield GradientWorkers(forward, pool, count)
    finally:
        torch.set_num_threads(threads)
