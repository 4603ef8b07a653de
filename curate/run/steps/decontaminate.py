"""Set rows aside that share text with evaluation files."""

from __future__ import annotations

from typing import Any

import msgspec

from curate.engine.rows import Engine
from curate.progress import Progress
from curate.run.recipe import Recipe
from curate.run.state import Result, State, Step


def options(recipe: Recipe) -> dict[str, Any] | None:
    """What the overlap depends on; None without evaluation files."""
    if not recipe.decontaminate.against:
        return None
    return {**msgspec.to_builtins(recipe.decontaminate), "embedder": recipe.embedder}


def run(state: State, recipe: Recipe, progress: Progress, engine: Engine) -> Result:
    """The table with contaminated rows marked; see `curate.dedup.decontaminate`."""
    from curate.dedup.decontaminate import decontaminate
    from curate.table import table

    given = recipe.decontaminate
    items = table.read(given.against)
    found = decontaminate(
        state.table, items, given.ngram, given.near, given.semantic, recipe.embedder, given.flag, given.share, progress
    )
    said = f"{len(found.hits.first):,} rows share text with {items.num_rows:,} evaluation rows"
    return Result(found.table.combine_chunks(), notes=(*found.notes, said))


STEP = Step(
    "decontaminate",
    "set aside what shares text with tests",
    options,
    lambda recipe: recipe.decontaminate.against,
    run,
)
