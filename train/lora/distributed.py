"""Processes that share the rows of every step and add up their gradients, as `accelerate launch` starts them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curate.errors import CurateError


@dataclass(frozen=True)
class Processes:
    """The processes that train one model together.

    Attributes:
        count: how many there are.
        rank: which this is, from 0; only the first writes files and prints.
    """

    count: int = 1
    rank: int = 0

    @property
    def is_first(self) -> bool:
        """Whether this process speaks for all."""
        return self.rank == 0

    def own_part(self, parts: Sequence[list[int]]) -> list[int]:
        """The part of the rows that this process has; none where there are fewer rows than processes."""
        return parts[self.rank] if self.rank < len(parts) else []

    def add(self, gradients: Sequence[Any], loss: float) -> float:
        """Replace the gradients by their sums over all processes; gives the sum of the losses."""
        if self.count == 1:
            return loss
        import torch
        from accelerate.utils import reduce

        total = reduce(torch.tensor(loss, dtype=torch.float64, device=_device()), "sum")
        if not gradients:
            return float(total)
        flat = reduce(torch.cat([gradient.flatten() for gradient in gradients]), "sum")
        start = 0
        for gradient in gradients:
            gradient.copy_(flat[start : start + gradient.numel()].view_as(gradient))
            start += gradient.numel()
        return float(total)

    def wait(self) -> None:
        """Until all processes are here."""
        if self.count > 1:
            from accelerate import PartialState

            PartialState().wait_for_everyone()


def single_process() -> Processes:
    """One process."""
    return Processes()


def launched_processes() -> Processes:
    """The processes that `accelerate launch` or torchrun started this one among; one if neither did.

    Raises:
        CurateError: if accelerate is missing.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return single_process()
    try:
        from accelerate import PartialState
    except ImportError:
        raise CurateError("training in several processes needs accelerate: pip install accelerate") from None
    import torch

    state = PartialState(cpu=not torch.cuda.is_available())
    return Processes(state.num_processes, state.process_index)


def _device() -> Any:
    from accelerate import PartialState

    return PartialState().device
