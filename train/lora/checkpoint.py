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
from curate.models.masking import TrainingExample

FILE = "checkpoint.pt"


class CheckpointStore:
    """Saves the state of a run and restores it.

    Args:
        folder: of the file.
        every: steps between two saves; 0 saves the last step only.
        fingerprint: what the run depends on, by name; a state with another fingerprint is refused.
        writes: whether this process writes.
    """

    def __init__(self, folder: Path, every: int, fingerprint: Mapping[str, Any], writes: bool = True) -> None:
        self.path, self.every, self.writes = folder / FILE, every, writes
        self.fingerprint = {name: str(value) for name, value in fingerprint.items()}

    def save(self, run: Any, last: bool) -> None:
        """Save the state after a step, if it is time to or this is the last one."""
        if not self.writes or not (last or (self.every and run.step % self.every == 0)):
            return
        state = {
            "made_with": self.fingerprint,
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
        """Give a run the state that was saved, if there is one.

        Raises:
            CurateError: if it was made with other data or settings, or cannot be read.
        """
        if not self.path.exists():
            return
        try:
            state = torch.load(self.path, map_location=run.lm.device, weights_only=True)
        except (OSError, RuntimeError, EOFError, UnpicklingError) as error:
            raise CurateError(f"{self.path}: cannot be read ({error}); start anew with --fresh") from None
        earlier_fingerprint = state["made_with"]
        changed = [name for name, value in self.fingerprint.items() if earlier_fingerprint.get(name) != value]
        if changed:
            differences = "; ".join(f"{n} was {earlier_fingerprint.get(n)}, is {self.fingerprint[n]}" for n in changed)
            raise CurateError(
                f"{self.path} is of a run with other data or settings ({differences}): "
                "give those of that run to resume it, --fresh to start anew, or another --out"
            )
        run.step, run.tokens, run.losses = state["step"], state["tokens"], state["losses"]
        run.heldout = [tuple(pair) for pair in state["heldout"]]
        run.best, run.earlier_seconds = state["best"], state["seconds"]
        run.start = perf_counter()
        with torch.no_grad():
            for parameter, value in zip(run.parameters, state["parameters"], strict=True):
                parameter.copy_(value)
        run.optimizer.load_state_dict(state["optimizer"])
        run.schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["random"].cpu())

    def remove(self) -> None:
        """Remove the saved state."""
        if self.writes:
            self.path.unlink(missing_ok=True)


def digest(examples: Sequence[TrainingExample]) -> str:
    """Sixteen hexadecimal digits of the token ids and weights of rows, in their order."""
    content = hashlib.blake2b(digest_size=8)
    for example in examples:
        content.update(len(example).to_bytes(8, "little"))
        content.update(example.ids.tobytes())
        content.update(example.weights.tobytes())
    return content.hexdigest()
