"""Remove duplicates: of rows that are alike the one of most quality is kept, so scores come before."""

from __future__ import annotations

from typing import Any

import msgspec

from curate.engine.rows import Engine
from curate.progress import Progress
from curate.run.recipe import Recipe
from curate.run.state import RecipeStep, RunState, StepResult


def options(recipe: Recipe) -> dict[str, Any]:
    """What duplicates depend on."""
    return {**msgspec.to_builtins(recipe.dedup), "embedder": recipe.embedder}


def run(state: RunState, recipe: Recipe, progress: Progress, engine: Engine) -> StepResult:
    """The table with its duplicates marked; see `curate.dedup.mark`."""
    from curate.dedup.mark import mark
    from curate.score.faults.counts import count_faults
    from curate.table import table

    against = table.read(recipe.dedup.against) if recipe.dedup.against else None
    result = mark(engine.rows(state.table), recipe.dedup, against, recipe.embedder, progress, count_faults)
    marked = table.with_texts(result.table, state.table)
    return StepResult(marked.combine_chunks(), notes=tuple(result.notes))


STEP = RecipeStep("dedup", "remove rows that are like a better one", options, lambda recipe: recipe.dedup.against, run)
