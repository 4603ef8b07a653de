"""Read and check: every row of the inputs, valid or not."""

from __future__ import annotations

from typing import Any

from curate.engine.rows import Engine
from curate.progress import Progress
from curate.run.recipe import Recipe
from curate.run.state import Result, State, Step


def options(recipe: Recipe) -> dict[str, Any]:
    """What reading depends on beside the files."""
    return {"format": recipe.format, "repair": recipe.validate.repair}


def run(state: State | None, recipe: Recipe, progress: Progress, engine: Engine) -> Result:
    """The table of all rows of the inputs, in the order that they are named in."""
    rows = engine.read(recipe.inputs, recipe.format, recipe.validate.repair, progress).table()
    # What an earlier choice left in a ledger says nothing of this one.
    rows = rows.drop_columns([n for n in rows.column_names if n in ("rank", "fate") or n.startswith("select_")])
    repaired = rows.num_rows - rows["repaired"].null_count
    return Result(rows.combine_chunks(), notes=(f"{repaired:,} rows were mended",) if repaired else ())


STEP = Step("load", "read and check every row", options, lambda recipe: recipe.inputs, run)  # type: ignore[arg-type]
