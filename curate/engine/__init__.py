"""Where work is done: on this machine, or on a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any


def each(engine: str, function: Callable[..., Iterable[Any]], tasks: Iterable[Any], *shared: Any) -> Iterator[Any]:
    """What `function(task, *shared)` gives, one after the other, for each task, in the order of the tasks.

    Args:
        engine: `local`, in this process, or `ray`; see `curate.engine.ray.in_order`.
    """
    if engine == "ray":
        from curate.engine.ray import in_order

        yield from in_order(function, tasks, *shared)
        return
    for task in tasks:
        yield from function(task, *shared)
