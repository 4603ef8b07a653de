"""How far long work has come: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TypeVar

SECONDS_BETWEEN_LINES = 10.0
Item = TypeVar("Item")
Progress = Callable[[str, float, float], None]


def silent(what: str, done: float, of: float) -> None:
    """Reports to nobody."""


def part(progress: Progress, begin: float, end: float) -> Progress:
    """A function to call for one part of the work, which takes from `begin` to `end` of the whole (0 to 1)."""
    return lambda what, done, of: progress(what, begin + (end - begin) * min(done / max(of, 1e-9), 1), 1)


def counted(items: Iterable[Item], what: str, of: int, progress: Progress, every: int = 1000) -> Iterator[Item]:
    """The items, telling how many of them were taken."""
    for i, item in enumerate(items, 1):
        yield item
        if i % every == 0 or i == of:
            progress(what, i, of)


@contextmanager
def progress_bar(quiet: bool = False) -> Iterator[Progress]:
    """A function to call with (what is going on, how much is done, of how much); it writes to standard error."""
    if quiet:
        yield silent
        return
    if sys.stderr.isatty():
        yield from _bar()
        return
    last = monotonic()
    printed = False

    def line(what: str, done: float, of: float) -> None:
        nonlocal last, printed
        if (printed and done >= of) or monotonic() - last >= SECONDS_BETWEEN_LINES:
            last, printed = monotonic(), True
            print(f"{done / max(of, 1e-9):4.0%}  {what}", file=sys.stderr, flush=True)

    yield line


def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (BarColumn(30), TaskProgressColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, of: bar.update(task, description=what, completed=done, total=of)
