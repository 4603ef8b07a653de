"""Remove rows that share text with evaluation files."""

from __future__ import annotations

from typing import Any

import msgspec

from curate.engine.rows import Engine
from curate.progress import Progress
from curate.run.recipe import Recipe
from curate.run.state import RecipeStep, RunState, StepResult
from curate.text.counted import counted


def options(recipe: Recipe) -> dict[str, Any] | None:
    """What the overlap depends on; None without evaluation files."""
    if not recipe.decontaminate.against:
        return None
    return {**msgspec.to_builtins(recipe.decontaminate), "embedder": recipe.embedder}


def run(state: RunState, recipe: Recipe, progress: Progress, engine: Engine) -> StepResult:
    """The table with contaminated rows marked; see `curate.dedup.decontaminate`."""
    from curate.dedup.decontaminate import decontaminate
    from curate.dedup.evaluation_files import read_items
    from curate.table import table

    items = read_items(recipe.decontaminate.against, recipe.decontaminate.map)
    result = decontaminate(engine.rows(state.table), items, recipe.decontaminate, recipe.embedder, progress)
    marked = table.with_texts(result.table, state.table)
    sharing = counted(len(result.overlaps.first), "row shares", "rows share")
    count = f"{sharing} text with {counted(items.num_rows, 'evaluation row')}"
    return StepResult(marked.combine_chunks(), notes=(*result.notes, count))


STEP = RecipeStep(
    "decontaminate",
    "remove rows that share text with tests",
    options,
    lambda recipe: recipe.decontaminate.against,
    run,
)
