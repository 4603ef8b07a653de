"""Set duplicates aside."""

from __future__ import annotations

from typing import Any

import msgspec

from curate.progress import Tell
from curate.recipe import Recipe
from curate.run.state import Result, State, Step


def options(recipe: Recipe) -> dict[str, Any]:
    """What duplicates depend on."""
    return {**msgspec.to_builtins(recipe.dedup), "embedder": recipe.embedder}


def run(state: State, recipe: Recipe, tell: Tell, engine: str) -> Result:
    """The table with its duplicates marked; see `curate.dedup.mark`."""
    from curate import table
    from curate.dedup.mark import mark

    given = recipe.dedup
    others = table.read(given.against) if given.against else None
    found = mark(state.table, given.near, given.semantic, given.key, given.best, others, recipe.embedder, tell)
    return Result(found.table.combine_chunks(), notes=tuple(found.notes))


STEP = Step("dedup", "set duplicates aside", options, lambda recipe: recipe.dedup.against, run)
