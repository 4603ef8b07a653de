"""A plan carried out: finished steps come from the cache, the others run and are put there."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple

from curate.engine.local_engine import LocalEngine
from curate.engine.rows import Engine
from curate.progress import Progress, silent
from curate.run.cache import Cache, CachedResult
from curate.run.plan import PlannedStep, chained, step_key, versions
from curate.run.recipe import Recipe
from curate.run.state import RunState
from curate.table import ledger


class FinishedStep(NamedTuple):
    """A step that was carried out.

    Attributes:
        name: of the step.
        entry: its result, as the cache has it.
        cached: whether the result was there before.
    """

    name: str
    entry: CachedResult
    cached: bool


def carry_out(
    planned: list[PlannedStep],
    recipe: Recipe,
    cache: Cache,
    progress: Progress = silent,
    report: Callable[[FinishedStep], None] | None = None,
    engine: Engine | None = None,
) -> tuple[RunState, list[FinishedStep]]:
    """The state after the last step, and the steps in order.

    Linear algebra runs on one thread, as sums on several round differently; models that score or embed rows may use as
    many as they like.

    Args:
        planned: see `curate.run.plan.plan`.
        recipe: see `curate.run.plan.resolved`.
        cache: from which results are taken and into which they are put.
        progress: called with what is being done, how much of it is done, and how much there is.
        report: called after each step.
        engine: on which steps work; this process if None.
    """
    from threadpoolctl import threadpool_limits

    cache.make()
    packages = versions()
    state: RunState | None = None
    chain = ""
    finished: list[FinishedStep] = []
    for step, key, entry, out, fresh in planned:
        if out:
            continue
        own = key or step_key(step, recipe, chain, packages)
        # An earlier step may have given the same result as in an earlier run.
        entry = entry or (None if fresh else cache.find(step.name, own))
        cached = entry is not None
        if entry is None:
            start = perf_counter()
            with threadpool_limits(limits=None if step.name in modelled(recipe) else 1):
                result = step.run(state, recipe, progress, engine or LocalEngine())
            table = result.table if result.table is not None else state.table  # type: ignore[union-attr]
            entry = cache.put(step.name, own, state, result, ledger.funnel(table), perf_counter() - start)
        # The cached result is handed on, so that a resumed run sees the very same.
        state = cache.get(step.name, entry, state)
        chain = chained(chain, entry)
        finished.append(FinishedStep(step.name, entry, cached))
        if report:
            report(finished[-1])
    assert state is not None
    return state, finished


def modelled(recipe: Recipe) -> set[str]:
    """Names of the steps in which models other than static ones compute."""
    steps: set[str] = set()
    if recipe.embedder not in ("auto", "multilingual", "static", "tfidf"):
        steps |= {"dedup", "decontaminate", "score", "embed"}
    if recipe.score is not None and {"model", "ifd", "perplexity", "reward"} & set(recipe.score.with_):
        steps.add("score")
    return steps
