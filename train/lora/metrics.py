"""What a run writes while it goes on: a line a step in metrics.jsonl, TensorBoard events, a picture at the end."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curate.errors import CurateError
from curate.io import atomic

if TYPE_CHECKING:
    from train.lora.trainer import TrainStep

FILE, PICTURE = "metrics.jsonl", "loss.png"


class Metrics:
    """Writes the steps of a run to `folder`; those of a run that goes on follow the ones before.

    Args:
        tensorboard: whether to write TensorBoard's events, to `folder`/tensorboard, as well.

    Raises:
        CurateError: if TensorBoard is asked for and missing.
    """

    def __init__(self, folder: Path, tensorboard: bool = False) -> None:
        self.path = folder / FILE
        self._file: Any = None
        self._board: Any = None
        if tensorboard:
            if importlib.util.find_spec("tensorboard") is None:
                raise CurateError("--tensorboard needs TensorBoard: pip install tensorboard")
            from torch.utils.tensorboard import SummaryWriter

            self._board = SummaryWriter(str(folder / "tensorboard"))

    def __call__(self, step: TrainStep) -> None:
        if self._file is None:
            self._open(step.step)
        values = {name: value for name, value in asdict(step).items() if value is not None}
        values["memory"] = memory()
        self._file.write(json.dumps(values) + "\n")
        self._file.flush()
        if self._board:
            for name in ("loss", "rate", "norm", "heldout"):
                if name in values:
                    self._board.add_scalar(f"train/{name}", values[name], step.step)

    def close(self) -> None:
        """Close the files."""
        for writer in (self._file, self._board):
            if writer is not None:
                writer.close()

    def _open(self, first_step: int) -> None:
        """Keep the lines of the steps before the first that is to come: a killed run may have written more."""
        lines = []
        if first_step > 1 and self.path.exists():
            for line in self.path.read_text("utf-8").splitlines():
                try:
                    if json.loads(line)["step"] < first_step:
                        lines.append(line + "\n")
                except (ValueError, KeyError):  # the last line of a killed run may be half written
                    continue
        with atomic(self.path) as file:
            file.write("".join(lines).encode())
        self._file = self.path.open("a", encoding="utf-8")


def read(path: Path) -> list[dict[str, Any]]:
    """The lines of a metrics.jsonl."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def memory() -> int | None:
    """Bytes that this process holds at present, on the GPU if it uses one; None where that is not known."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.memory_allocated():
        return int(torch.cuda.memory_reserved())
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        pass
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def plot(steps: Sequence[dict[str, Any]], path: Path, base: float | None = None) -> None:
    """Draw the loss to a PNG: of every step pale, smoothed strong, and on the held-out rows as points.

    Args:
        steps: as `read` gives them.
        path: of the PNG.
        base: held-out loss before training.
    """
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    numbers, losses = [s["step"] for s in steps], [s["loss"] for s in steps]
    figure, axes = plt.subplots(figsize=(7.5, 4.8), dpi=150)
    axes.plot(numbers, losses, color="#1f77b4", alpha=0.3, linewidth=1)
    axes.plot(numbers, moving_average(losses), color="#1f77b4", label="training rows", linewidth=1.8)
    heldout = [(s["step"], s["heldout"]) for s in steps if "heldout" in s]
    if base is not None:
        heldout = [(0, base), *heldout]
    if heldout:
        axes.plot(*zip(*heldout, strict=True), color="#d62728", marker="o", markersize=4, label="held-out rows")
    axes.set_xlabel("step")
    axes.set_ylabel("loss, nats per trained token")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.tight_layout()
    with atomic(path) as file:
        figure.savefig(file, format="png")
    plt.close(figure)


def moving_average(values: Sequence[float], decay: float = 0.9) -> list[float]:
    """The exponential moving average, without the pull of its beginning towards zero."""
    means, total, weight = [], 0.0, 0.0
    for value in values:
        total, weight = decay * total + (1 - decay) * value, decay * weight + 1 - decay
        means.append(total / weight)
    return means
