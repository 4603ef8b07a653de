"""How far long work has come: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

SECONDS_BETWEEN_LINES = 10.0
Tell = Callable[[str, float, float], None]


def silent(what: str, done: float, of: float) -> None:
    """Tell nobody."""


@contextmanager
def progress(quiet: bool = False) -> Iterator[Tell]:
    """A function to call with (what is going on, how much is done, of how much); it writes to standard error."""
    if quiet:
        yield silent
        return
    if sys.stderr.isatty():
        yield from _bar()
        return
    last = monotonic() - SECONDS_BETWEEN_LINES

    def line(what: str, done: float, of: float) -> None:
        nonlocal last
        if done >= of or monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = monotonic()
            print(f"{done / max(of, 1e-9):4.0%}  {what}", file=sys.stderr, flush=True)

    yield line


def _bar() -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (BarColumn(30), TaskProgressColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, of: bar.update(task, description=what, completed=done, total=of)
