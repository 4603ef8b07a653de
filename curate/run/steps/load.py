"""Read and check: every row of the inputs, valid or not."""

from __future__ import annotations

from typing import Any

from curate.engine.rows import Engine
from curate.progress import Progress
from curate.run.recipe import Recipe
from curate.run.state import RecipeStep, RunState, StepResult
from curate.text.counted import counted


def options(recipe: Recipe) -> dict[str, Any]:
    """What reading depends on beside the files."""
    return {"format": recipe.format, "repair": recipe.validate.repair}


def run(_state: RunState | None, recipe: Recipe, progress: Progress, engine: Engine) -> StepResult:
    """The table of all rows of the inputs, in the order that they are named in."""
    from curate.table.invalid import check_any_valid, invalid_rows

    rows = engine.read(recipe.inputs, recipe.format, recipe.validate.repair, progress).table()
    check_any_valid(rows, recipe.inputs)
    # The columns that an earlier selection left in a ledger say nothing of this one.
    rows = rows.drop_columns([n for n in rows.column_names if n in ("rank", "fate") or n.startswith("select_")])
    repaired = rows.num_rows - rows["repaired"].null_count
    notes = [f"{counted(repaired, 'row was', 'rows were')} mended"] if repaired else []
    return StepResult(rows.combine_chunks(), notes=(*notes, *map(str, invalid_rows(rows))))


STEP = RecipeStep("load", "read and check every row", options, lambda recipe: recipe.inputs, run)
