"""Embed the rows kept so far."""

from __future__ import annotations

from typing import Any

from curate.engine.rows import Engine
from curate.progress import Progress
from curate.run.recipe import Recipe
from curate.run.state import RecipeStep, RunState, StepResult, no_files


def options(recipe: Recipe) -> dict[str, Any]:
    """What vectors depend on beside the texts."""
    return {"embedder": recipe.embedder}


def run(state: RunState, recipe: Recipe, progress: Progress, engine: Engine) -> StepResult:
    """(k, d) vectors of prompt and response of each row kept so far."""
    from curate.filter.none_left import none_left
    from curate.models.embed import embed_table
    from curate.table.counting import rows_that_count

    positions = rows_that_count(state.table, "unique")
    if not len(positions):
        raise none_left(state.table)
    embedded = embed_table(state.table, recipe.embedder, positions, by_text=True, progress=progress, workers=engine)
    return StepResult(vectors=embedded.vectors, notes=(embedded.note,))


STEP = RecipeStep("embed", "embed the rows kept so far", options, no_files, run)
