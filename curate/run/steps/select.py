"""Choose the subset."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from curate.engine.rows import Engine
from curate.progress import Progress
from curate.run.recipe import Recipe
from curate.run.state import Result, State, Step


def options(recipe: Recipe) -> dict[str, Any]:
    """What the choice depends on."""
    return {**msgspec.to_builtins(recipe.select), "embedder": recipe.embedder, "seed": recipe.seed}


def run(state: State, recipe: Recipe, progress: Progress, engine: Engine) -> Result:
    """The table with rank, reasons and fate of every row; see `curate.select.selection.choose`."""
    from curate.select.selection import Settings, choose
    from curate.table import ledger
    from curate.table.ledger import left
    from curate.table.table import with_columns

    given = recipe.select
    positions = left(state.table)
    assert state.vectors is not None
    vectors = np.zeros((state.table.num_rows, state.vectors.shape[1]), np.float32)
    vectors[positions] = state.vectors
    balance, note = balanced(state.table.take(pa.array(positions)), given.balance, given.method)
    chosen = choose(
        state.table,
        method=given.method,
        size=given.size,
        balance=balance,
        quotas=given.quotas,
        seed=recipe.seed,
        embedder=recipe.embedder,
        shares=given.shares,
        least=_by_name(given.min),
        most=_by_name(given.max),
        quality=given.quality,
        floor=given.floor,
        settings=Settings(recipe.seed, given.trade_off, given.threshold, given.clusters, engine),
        assign_categories=given.assign_categories,
        vectors=vectors,
        progress=progress,
    )
    table = chosen.ledger(state.table)
    table = with_columns(table, fate=pa.array(ledger.fates(table), pa.string()))
    notes = [note] if note else []
    notes += chosen.note.splitlines()
    for group, (wanted, got) in chosen.shortfalls.items():
        notes.append(f"{group}: {wanted:,} wanted, {got:,} there; the rest came from the other groups")
    if chosen.below:
        notes.append(f"{chosen.below:,} rows are below the floor of quality")
    if len(chosen.order) < given.size:
        why = "the maxima allow no more" if given.max else "fewer rows are there to choose from"
        notes.append(f"{len(chosen.order):,} rows, not the {given.size:,} asked for: {why}")
    return Result(table.combine_chunks(), notes=tuple(notes), facts={"balance": balance, "below": chosen.below})


def balanced(pool: pa.Table, asked: str | None, method: str) -> tuple[str | None, str]:
    """The columns to balance by, and a sentence on why; `auto` is settled by what the pool has."""
    if asked != "auto":
        return asked, ""
    if method == "lima":  # it has strata of its own
        return None, ""
    categories = pool["category"]
    if 2 * categories.null_count <= pool.num_rows and len(categories.drop_null().unique()) > 1:
        return "category", "balanced by category, which at least half of the rows have"
    return "cluster", "balanced by clusters of embeddings, since fewer than half of the rows have a category"


def _by_name(given: int | dict[str, int]) -> dict[str, int]:
    """Numbers by name; a bare one has the empty name, which stands for each."""
    return {"": given} if isinstance(given, int) else given


STEP = Step("select", "choose the subset", options, lambda recipe: [], run)
