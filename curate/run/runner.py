"""A plan carried out: steps that are done are taken from the cache, the others run and are kept."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple

from curate.engine.local_engine import LocalEngine
from curate.engine.rows import Engine
from curate.progress import Progress, silent
from curate.run.cache import Cache, Entry
from curate.run.plan import Planned, chained, step_key, versions
from curate.run.recipe import Recipe
from curate.run.state import State
from curate.table import ledger


class Done(NamedTuple):
    """A step that was carried out.

    Attributes:
        cached: whether its result was there.
    """

    name: str
    entry: Entry
    cached: bool


def carry_out(
    planned: list[Planned],
    recipe: Recipe,
    cache: Cache,
    progress: Progress = silent,
    told: Callable[[Done], None] | None = None,
    engine: Engine | None = None,
) -> tuple[State, list[Done]]:
    """The state after the last step, and what was done.

    Linear algebra runs on one thread, as sums on several round differently; models that score or embed rows are left as
    many as they like.

    Args:
        told: called after each step.
        engine: on which steps work; this process if None.
    """
    from threadpoolctl import threadpool_limits

    cache.make()
    made_by = versions()
    state: State | None = None
    chain, done = "", []
    for step, key, entry, out, fresh in planned:
        if out:
            continue
        own = key or step_key(step, recipe, chain, made_by)
        # A step before it may have come to what it came to once before.
        entry = entry or (None if fresh else cache.find(step.name, own))
        cached = entry is not None
        if entry is None:
            begun = perf_counter()
            with threadpool_limits(limits=None if step.name in modelled(recipe) else 1):
                result = step.run(state, recipe, progress, engine or LocalEngine())  # type: ignore[arg-type]
            table = result.table if result.table is not None else state.table  # type: ignore[union-attr]
            entry = cache.put(step.name, own, state, result, ledger.funnel(table), perf_counter() - begun)
        # What is handed on is what was kept, so that a resumed run sees the very same.
        state = cache.get(step.name, entry, state)
        chain = chained(chain, entry)
        done.append(Done(step.name, entry, cached))
        if told:
            told(done[-1])
    assert state is not None
    return state, done


def modelled(recipe: Recipe) -> set[str]:
    """Names of the steps in which models other than static ones compute."""
    steps: set[str] = set()
    if recipe.embedder not in ("auto", "static", "tfidf"):
        steps |= {"dedup", "decontaminate", "score", "embed"}
    if recipe.score is not None and {"model", "ifd", "perplexity", "reward"} & set(recipe.score.with_):
        steps.add("score")
    return steps
