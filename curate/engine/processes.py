"""Work on the processes of this machine, its results in order.

What starts processes is imported where they are started: most files are small, and are converted in this one.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from curate.errors import CurateError

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.context import BaseContext

Task = TypeVar("Task")
Result = TypeVar("Result")


def in_order(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    workers: int,
    context: BaseContext,
    begin: Callable[..., None] | None = None,
    shared: tuple[Any, ...] = (),
) -> Generator[Result, None, None]:
    """The result of each task, in the order of the tasks; processes work on the next ones meanwhile.

    Args:
        function: of a module, since processes import it.
        tasks: that are begun in their order.
        workers: how many processes.
        context: how they are started.
        begin: called first in each process, with `shared`.
        shared: arguments of `begin`.

    Raises:
        CurateError: if a process dies, and any error that a task raises.
    """
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    with ProcessPoolExecutor(workers, mp_context=context, initializer=begin, initargs=shared) as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for task in tasks:
                waiting.append(pool.submit(function, task))
                if len(waiting) > 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise CurateError("a process died, perhaps for want of memory; use fewer --workers") from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def processes() -> BaseContext:
    """How processes are started: by a fork, which is quick, unless other threads may hold locks that it would copy."""
    import multiprocessing

    fork = sys.platform == "linux" and threading.active_count() == 1
    return multiprocessing.get_context("fork" if fork else "spawn")


class Turns:
    """Gives parts of one file their places in it, in order, to the processes that write them.

    Args:
        context: of the processes.
    """

    def __init__(self, context: BaseContext) -> None:
        self.changed = context.Condition()
        self.next = context.Value("q", 0, lock=False)
        self.end = context.Value("q", 0, lock=False)

    def place(self, number: int, size: int) -> int:
        """Where part `number`, of `size` bytes, begins; waits until all parts before it have their places."""
        with self.changed:
            self.changed.wait_for(lambda: self.next.value == number)
            begin = self.end.value
            self.next.value = number + 1
            self.end.value = begin + size
            self.changed.notify_all()
        return begin
