"""Leave out rows that do not fulfil the recipe's conditions, before rows are compared: what is bad stands for none."""

from __future__ import annotations

from typing import Any

from curate.engine.rows import Engine
from curate.progress import Progress
from curate.run.recipe import Recipe
from curate.run.state import RecipeStep, RunState, StepResult, no_files


def options(recipe: Recipe) -> dict[str, Any] | None:
    """What the gate depends on; None if there is none."""
    return {"where": recipe.where, "embedder": recipe.embedder} if recipe.where else None


def run(state: RunState, recipe: Recipe, progress: Progress, engine: Engine) -> StepResult:
    """The table with `filtered_by`; see `curate.filter.where`."""
    from curate.filter.where import where

    result = where(state.table, recipe.where, recipe.embedder, progress, engine)
    return StepResult(result.table.combine_chunks(), notes=tuple(result.notes))


STEP = RecipeStep("where", "leave out rows that do not fulfil conditions", options, no_files, run)
