"""How far a long score is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from curate.score.options import Progress, no_progress

EVERY = 30.0


@contextmanager
def shown(quiet: bool = False) -> Iterator[Progress]:
    """A function to call with (what, done, of).  quiet: say nothing."""
    if quiet:
        yield no_progress
    elif sys.stderr.isatty():
        yield from _bar()
    else:
        yield _lines()


def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def say(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of)
            bar.update(tasks[what], completed=done, total=of)

        yield say


def _lines() -> Progress:
    last: dict[str, float] = {}

    def say(what: str, done: int, of: int) -> None:
        now = monotonic()
        if now - last.setdefault(what, now) >= EVERY:
            last[what] = now
            print(f"{what}: {done:,} of {of:,}", file=sys.stderr, flush=True)

    return say
