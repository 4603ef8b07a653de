"""Select the subset."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from curate.engine.rows import Engine
from curate.progress import Progress
from curate.run.recipe import Recipe
from curate.run.state import RecipeStep, RunState, StepResult, no_files


def options(recipe: Recipe) -> dict[str, Any]:
    """What the selection depends on."""
    return {**msgspec.to_builtins(recipe.select), "embedder": recipe.embedder, "seed": recipe.seed}


def run(state: RunState, recipe: Recipe, progress: Progress, engine: Engine) -> StepResult:
    """The table with rank, reasons and fate of every row; see `curate.select.selection.choose`."""
    from curate.select.selection import choose
    from curate.table import ledger
    from curate.table.table import with_columns

    selection = choose(
        state.table, recipe.select, recipe.seed, recipe.embedder, _of_all_rows(state), progress, workers=engine
    )
    table = selection.ledger(state.table)
    table = with_columns(table, fate=pa.array(ledger.fates(table), pa.string()))
    notes = tuple(selection.messages(recipe.select))
    facts = {"balance": selection.balance, "below": selection.below}
    return StepResult(table.combine_chunks(), notes=notes, facts=facts)


def _of_all_rows(state: RunState) -> np.ndarray:
    """(rows of the table, d) vectors, zero for the rows dropped so far."""
    from curate.table.counting import rows_that_count

    assert state.vectors is not None
    vectors = np.zeros((state.table.num_rows, state.vectors.shape[1]), np.float32)
    vectors[rows_that_count(state.table, "unique")] = state.vectors
    return vectors


STEP = RecipeStep("select", "select the subset", options, no_files, run)
