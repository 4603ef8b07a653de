"""A run while it goes on: a live view on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from curate.progress import SECONDS_BETWEEN_LINES
from train.lora.metrics import memory, moving_average

if TYPE_CHECKING:
    from rich.console import RenderableType

    from train.lora.trainer import TrainStep

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 48


@contextmanager
def view(quiet: bool = False) -> Iterator[Callable[[TrainStep], None]]:
    """A function to call with every step; it writes to standard error."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        yield from _live()
    else:
        yield from _lines()


class StepHistory:
    """The steps so far, and what is worth knowing of them."""

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.heldout: float | None = None
        self.tokens, self.since = 0, 0.0

    def add(self, step: TrainStep) -> None:
        """One more step."""
        if not self.losses:  # a run that goes on has seconds from before
            self.since = step.seconds
        else:
            self.tokens += step.tokens
        self.losses.append(step.loss)
        self.heldout = step.heldout if step.heldout is not None else self.heldout
        self.last = step

    def facts(self) -> list[tuple[str, str]]:
        """Name and value of what is worth knowing; speed is that since the first step that was seen."""
        step, seconds = self.last, self.last.seconds - self.since
        facts = [("loss", f"{moving_average(self.losses)[-1]:.3f}")]
        if self.heldout is not None:
            facts.append(("held-out", f"{self.heldout:.3f}"))
        if self.tokens and seconds:
            remaining = seconds / (len(self.losses) - 1) * (step.steps - step.step)
            facts += [("tokens/s", f"{self.tokens / seconds:,.0f}"), ("left", clock(remaining))]
        used = memory()
        if used:
            facts.append(("memory", f"{used / 2**30:.1f} GiB"))
        return facts


def clock(seconds: float) -> str:
    """Seconds as minutes:seconds, or hours:minutes:seconds."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def sparkline(values: list[float], width: int = WIDTH) -> str:
    """The values as a row of bars, averaged to at most `width` of them."""
    size = max(1, -(-len(values) // width))
    means = [sum(values[i : i + size]) / len(values[i : i + size]) for i in range(0, len(values), size)]
    low, high = min(means), max(means)
    return "".join(BARS[round((v - low) / (high - low) * 7) if high > low else 3] for v in means)


def _lines() -> Iterator[Callable[[TrainStep], None]]:
    history, last = StepHistory(), monotonic() - SECONDS_BETWEEN_LINES

    def line(step: TrainStep) -> None:
        nonlocal last
        history.add(step)
        if step.heldout is not None or step.step >= step.steps or monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = monotonic()
            facts = ", ".join(f"{name} {value}" for name, value in history.facts())
            print(f"step {step.step:,} of {step.steps:,}: {facts}", file=sys.stderr, flush=True)

    yield line


def _live() -> Iterator[Callable[[TrainStep], None]]:
    from rich.console import Console
    from rich.live import Live

    history = StepHistory()
    with Live(console=Console(stderr=True), transient=True, refresh_per_second=4) as live:

        def show(step: TrainStep) -> None:
            history.add(step)
            live.update(picture(history))

        yield show


def picture(history: StepHistory) -> RenderableType:
    """What the live view shows: how far it is, the course of the loss, and the facts."""
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    step = history.last
    top = Table.grid(padding=(0, 1))
    top.add_row(
        ProgressBar(total=step.steps, completed=step.step, width=WIDTH), Text(f"step {step.step:,} of {step.steps:,}")
    )
    facts = Text()
    for name, value in history.facts():
        facts.append(f"{name} ", "dim").append(f"{value}   ", "bold")
    curve = Text(sparkline(moving_average(history.losses)), "cyan")
    curve.append(f"  {max(history.losses):.2f} to {min(history.losses):.2f}", "dim")
    return Group(top, curve, facts)
