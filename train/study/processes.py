"""The runs of an ablation, in this process or over several, each with a model of its own.

A run is always computed by the same number of threads, so that its result does not depend on how many processes there
are.  Each process takes the longest run that is left; on GPUs each has one of its own.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from curate.errors import CurateError
from curate.models.language_model import LanguageModel
from train.lora.trainer import attach
from train.study.measuring import Run, RunResult, measure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from train.study.ablation import Study

SECONDS_BETWEEN_LOOKS = 0.5
Loader = Callable[[], LanguageModel]
OnResult = Callable[[Run, RunResult], None]
OnWork = Callable[[str, float], None]


@dataclass(frozen=True)
class Resources:
    """What the runs may use.

    Attributes:
        processes: how many runs at a time.
        threads: of each process; results depend on it.
        load: gives each of several processes its model; must be possible to pickle. None: one process only.
    """

    processes: int = 1
    threads: int = 1
    load: Loader | None = None


@dataclass
class _WorkerState:
    """What a process keeps from run to run.

    Attributes:
        study: whose runs it does.
        load: gives the model.
        threads: of torch.
        messages: queue to the first process.
        lm: the model with adapters, once it is loaded.
    """

    study: Study
    load: Loader
    threads: int
    messages: Any
    lm: LanguageModel | None = None


_state: _WorkerState | None = None


def work(
    study: Study, runs: Sequence[Run], lm: LanguageModel, resources: Resources, on_result: OnResult, on_work: OnWork
) -> None:
    """Do runs of a study.

    Args:
        study: whose runs they are.
        runs: to do.
        lm: the model with adapters, for the runs of this process.
        resources: processes and threads.
        on_result: called with each run and its result.
        on_work: called with what is going on and the work of the runs under way that is done.

    Raises:
        CurateError: if a process was killed.
    """
    if not runs:
        return
    if resources.processes < 2 or len(runs) < 2 or resources.load is None:
        _in_this_process(study, runs, lm, resources.threads, on_result, on_work)
    else:
        _in_processes(study, runs, resources, on_result, on_work)


def _in_this_process(
    study: Study, runs: Sequence[Run], lm: LanguageModel, threads: int, on_result: OnResult, on_work: OnWork
) -> None:
    def progress(cost: float, what: str, share: float) -> None:
        on_work(what, share * cost)

    with threads_of_torch(threads):
        for r in runs:
            on_result(r, measure(lm, study.setup, r, study.keys[r], partial(progress, study.cost(r))))


def _in_processes(
    study: Study, runs: Sequence[Run], resources: Resources, on_result: OnResult, on_work: OnWork
) -> None:
    assert resources.load is not None
    processes = min(resources.processes, len(runs))
    context = multiprocessing.get_context("spawn")
    messages = context.SimpleQueue()
    cards = context.SimpleQueue()
    for number in range(processes):
        cards.put(number)
    arguments = (study, resources.load, resources.threads, messages, cards)
    pool = ProcessPoolExecutor(processes, context, _start_worker, arguments)
    shares: dict[Run, float] = {}
    try:
        futures = {pool.submit(_run_in_worker, r): r for r in sorted(runs, key=study.cost, reverse=True)}
        while futures:
            completed, _ = wait(futures, SECONDS_BETWEEN_LOOKS, FIRST_COMPLETED)
            while not messages.empty():
                r, what, share = messages.get()
                shares[r] = share
                on_work(what, sum(study.cost(other) * s for other, s in shares.items() if other in futures.values()))
            for future in completed:
                r = futures.pop(future)
                on_result(r, future.result())
    except BaseException as error:
        # Nobody waits for their runs any more; what is finished is on disk.
        for process in list((getattr(pool, "_processes", None) or {}).values()):
            process.terminate()
        if isinstance(error, BrokenProcessPool):
            raise CurateError(
                f"one of {processes} processes was killed, most likely for want of memory; what is done is kept: run "
                "the same command again with fewer --processes"
            ) from None
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker(study: Study, load: Loader, threads: int, messages: Any, cards: Any) -> None:
    global _state
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process hears it, and ends the others
    Thread(target=_end_with_first_process, daemon=True).start()
    visible = [card for card in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if card]
    number = cards.get()
    # Looked at when CUDA is first used; without a GPU it changes nothing.
    card = visible[number % len(visible)] if visible else str(number % max(_count_gpus(), 1))
    os.environ["CUDA_VISIBLE_DEVICES"] = card
    _state = _WorkerState(study, load, threads, messages)


def _end_with_first_process() -> None:
    """A process whose first one was killed would wait for work for ever."""
    first = multiprocessing.parent_process()
    if first:
        first.join()
        os._exit(1)


def _count_gpus() -> int:
    """How many GPUs there are, without starting CUDA."""
    return len(list(Path("/proc/driver/nvidia/gpus").glob("*")))


def _run_in_worker(r: Run) -> RunResult:
    assert _state is not None
    study, messages = _state.study, _state.messages
    if _state.lm is None:
        _state.lm = attach(_state.load(), study.setup.settings)

    def progress(what: str, share: float) -> None:
        messages.put((r, what, share))

    with threads_of_torch(_state.threads):
        return measure(_state.lm, study.setup, r, study.keys[r], progress)


@contextmanager
def threads_of_torch(threads: int) -> Iterator[None]:
    """So many threads for an operation, and as many as before afterwards."""
    import torch

    earlier_threads = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(earlier_threads)
