"""Score the rows kept so far."""

from __future__ import annotations

from typing import Any

import msgspec
import pyarrow as pa

from curate.engine.rows import Engine
from curate.progress import Progress
from curate.run.recipe import Recipe
from curate.run.state import RecipeStep, RunState, StepResult


def options(recipe: Recipe) -> dict[str, Any] | None:
    """What scores depend on; None if none are asked for."""
    if recipe.score is None or not recipe.score.with_:
        return None
    return {**msgspec.to_builtins(recipe.score), "embedder": recipe.embedder}


def files(recipe: Recipe) -> list[str]:
    """Files that scores read."""
    return [recipe.score.words] if recipe.score and recipe.score.words else []


def run(state: RunState, recipe: Recipe, progress: Progress, engine: Engine) -> StepResult:
    """The table with columns of scores, null for rows that were dropped before."""
    from curate.score.scatter import with_scores
    from curate.score.score import score
    from curate.table.counting import rows_that_count

    assert recipe.score is not None
    positions = rows_that_count(state.table, "unique")
    candidates = engine.rows(state.table.take(pa.array(positions)))
    scored = score(candidates, recipe.score, recipe.embedder, progress=progress)
    table = with_scores(state.table, positions, scored.rows.thin)
    notes = (f"score: {scored.combined.meaning}",) if scored.combined else ()
    return StepResult(table.combine_chunks(), notes=notes)


STEP = RecipeStep("score", "score the rows kept so far", options, files, run)
