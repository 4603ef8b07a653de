"""The state of a run on disk, so that a run that was killed goes on as if it had not been."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from pickle import UnpicklingError
from time import perf_counter
from typing import Any

import torch

from curate.errors import CurateError
from curate.io import atomic
from train.lora.masking import TrainingExample

FILE = "checkpoint.pt"


class CheckpointStore:
    """Keeps the state of a run in `folder`, every `every` steps, and gives it back.

    Args:
        made_with: what the run depends on, by name; a state that was made with something else is refused.
        writes: whether this process writes.
    """

    def __init__(self, folder: Path, every: int, made_with: Mapping[str, Any], writes: bool = True) -> None:
        self.path, self.every, self.writes = folder / FILE, every, writes
        self.made_with = {name: str(value) for name, value in made_with.items()}

    def save(self, run: Any, last: bool) -> None:
        """Keep the state after a step, if it is time to or this is the last one."""
        if not self.writes or not (last or (self.every and run.step % self.every == 0)):
            return
        state = {
            "made_with": self.made_with,
            "step": run.step,
            "tokens": run.tokens,
            "losses": run.losses,
            "heldout": run.heldout,
            "seconds": run.seconds(),
            "best": run.best,
            "parameters": [parameter.detach() for parameter in run.parameters],
            "optimizer": run.optimizer.state_dict(),
            "schedule": run.schedule.state_dict(),
            "random": torch.get_rng_state(),
        }
        with atomic(self.path) as file:
            torch.save(state, file)

    def restore(self, run: Any) -> None:
        """Take up the state that is kept, if there is one.

        Raises:
            CurateError: if it was made with other data or settings, or cannot be read.
        """
        if not self.path.exists():
            return
        try:
            state = torch.load(self.path, map_location=run.loaded.device, weights_only=True)
        except (OSError, RuntimeError, EOFError, UnpicklingError) as error:
            raise CurateError(f"{self.path}: cannot be read ({error}); start anew with --fresh") from None
        other = [name for name, value in self.made_with.items() if state["made_with"].get(name) != value]
        if other:
            said = "; ".join(f"{n} was {state['made_with'].get(n)}, is {self.made_with[n]}" for n in other)
            raise CurateError(
                f"{self.path} is of a run that was made otherwise ({said}): "
                "give what it was made with to go on, --fresh to start anew, or another --out"
            )
        run.step, run.tokens, run.losses = state["step"], state["tokens"], state["losses"]
        run.heldout = [tuple(pair) for pair in state["heldout"]]
        run.best, run.before = state["best"], state["seconds"]
        run.began = perf_counter()
        with torch.no_grad():
            for parameter, kept in zip(run.parameters, state["parameters"], strict=True):
                parameter.copy_(kept)
        run.optimizer.load_state_dict(state["optimizer"])
        run.schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["random"].cpu())

    def forget(self) -> None:
        """Remove the state, which is done with."""
        if self.writes:
            self.path.unlink(missing_ok=True)


def digest(examples: Sequence[TrainingExample]) -> str:
    """Sixteen hexadecimal digits that stand for rows as they are trained on, in their order."""
    found = hashlib.blake2b(digest_size=8)
    for example in examples:
        found.update(len(example).to_bytes(8, "little"))
        found.update(example.ids.tobytes())
        found.update(example.weights.tobytes())
    return found.hexdigest()
