"""The runs of an ablation, here or over several processes, each with a model of its own.

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
from threading import Thread
from typing import TYPE_CHECKING, Any

from curate.errors import CurateError
from curate.models.language_model import LanguageModel
from train.study.measuring import RunResult, Run, measure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from train.study.ablation import Study

SECONDS_BETWEEN_LOOKS = 0.5
Finished = Callable[[Run, RunResult], None]
Going = Callable[[str, float], None]


@dataclass
class _WorkerState:
    """What a process keeps from run to run."""

    study: Study
    load: Callable[[], LanguageModel]
    threads: int
    news: Any
    loaded: LanguageModel | None = None
    model: Any = None


_own: _WorkerState | None = None


def work(
    study: Study,
    left: Sequence[Run],
    loaded: LanguageModel,
    adapted: Any,
    processes: int,
    threads: int,
    load: Callable[[], LanguageModel] | None,
    finished: Finished,
    going: Going,
) -> None:
    """Do the runs that are left.

    Args:
        adapted: the model with adapters, if it has them already.
        finished: called with each run and what was measured.
        going: with what is going on and the work done.
    """
    if not left:
        return
    if processes < 2 or len(left) < 2 or load is None:
        _here(study, left, loaded, adapted, threads, finished, going)
    else:
        _there(study, left, min(processes, len(left)), threads, load, finished, going)


def _here(
    study: Study,
    left: Sequence[Run],
    loaded: LanguageModel,
    adapted: Any,
    threads: int,
    finished: Finished,
    going: Going,
) -> None:
    from train.lora.trainer import attach

    model = attach(loaded, study.setup.settings) if adapted is None else adapted
    with threads_of_torch(threads):
        for r in left:
            cost = study.cost(r)
            finished(
                r,
                measure(
                    model,
                    loaded,
                    study.setup,
                    r,
                    study.keys[r],
                    lambda what, share, c=cost: going(what, share * c),  # type: ignore[misc]
                ),
            )


def _there(
    study: Study,
    left: Sequence[Run],
    processes: int,
    threads: int,
    load: Callable[[], LanguageModel],
    finished: Finished,
    going: Going,
) -> None:
    context = multiprocessing.get_context("spawn")
    news = context.SimpleQueue()
    cards = context.SimpleQueue()
    for number in range(processes):
        cards.put(number)
    pool = ProcessPoolExecutor(processes, context, _begin, (study, load, threads, news, cards))
    shares: dict[Run, float] = {}
    try:
        waiting = {pool.submit(_one, r): r for r in sorted(left, key=study.cost, reverse=True)}
        while waiting:
            ready, _ = wait(waiting, SECONDS_BETWEEN_LOOKS, FIRST_COMPLETED)
            while not news.empty():
                r, what, share = news.get()
                shares[r] = share
                going(what, sum(study.cost(other) * s for other, s in shares.items() if other in waiting.values()))
            for future in ready:
                r = waiting.pop(future)
                finished(r, future.result())
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


def _begin(study: Study, load: Callable[[], LanguageModel], threads: int, news: Any, cards: Any) -> None:
    global _own
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process hears it, and ends the others
    Thread(target=_end_with_the_first, daemon=True).start()
    visible = [card for card in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if card]
    number = cards.get()
    # Looked at when CUDA is first used; without a GPU it changes nothing.
    os.environ["CUDA_VISIBLE_DEVICES"] = visible[number % len(visible)] if visible else str(number % max(_cards(), 1))
    _own = _WorkerState(study, load, threads, news)


def _end_with_the_first() -> None:
    """A process whose first one was killed would wait for work for ever."""
    first = multiprocessing.parent_process()
    if first:
        first.join()
        os._exit(1)


def _cards() -> int:
    """How many GPUs there are, asked without starting CUDA."""
    from pathlib import Path

    return len(list(Path("/proc/driver/nvidia/gpus").glob("*")))


def _one(r: Run) -> RunResult:
    from train.lora.trainer import attach

    assert _own is not None
    if _own.model is None:
        _own.loaded = _own.load()
        _own.model = attach(_own.loaded, _own.study.setup.settings)
    assert _own.loaded is not None
    news = _own.news
    with threads_of_torch(_own.threads):
        return measure(
            _own.model,
            _own.loaded,
            _own.study.setup,
            r,
            _own.study.keys[r],
            lambda what, share: news.put((r, what, share)),
        )


@contextmanager
def threads_of_torch(threads: int) -> Iterator[None]:
    """So many threads for an operation, and as many as before afterwards."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
