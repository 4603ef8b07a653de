"""Set duplicates aside."""

from __future__ import annotations

from typing import Any

import msgspec

from curate.engine.rows import Engine
from curate.progress import Progress
from curate.run.recipe import Recipe
from curate.run.state import Result, State, Step


def options(recipe: Recipe) -> dict[str, Any]:
    """What duplicates depend on."""
    return {**msgspec.to_builtins(recipe.dedup), "embedder": recipe.embedder}


def run(state: State, recipe: Recipe, progress: Progress, engine: Engine) -> Result:
    """The table with its duplicates marked; see `curate.dedup.mark`."""
    from curate.dedup.mark import mark
    from curate.table import table

    given = recipe.dedup
    others = table.read(given.against) if given.against else None
    asked = (given.near, given.semantic, given.key, given.best, others, recipe.embedder, progress)
    if engine.name == "ray":
        from curate.dedup import on_ray
        from curate.engine import ray_rows as rows

        found = on_ray.mark(rows.of(state.table), *asked)
        marked = rows.with_texts(found.table, state.table)
    else:
        found = mark(state.table, *asked)
        marked = found.table
    return Result(marked.combine_chunks(), notes=tuple(found.notes))


STEP = Step("dedup", "set duplicates aside", options, lambda recipe: recipe.dedup.against, run)
