"""Embed the rows that are left."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from curate.engine.rows import Engine
from curate.errors import CurateError
from curate.progress import Progress
from curate.run.recipe import Recipe
from curate.run.state import Result, State, Step


def options(recipe: Recipe) -> dict[str, Any]:
    """What vectors depend on beside the texts."""
    return {"embedder": recipe.embedder}


def run(state: State, recipe: Recipe, progress: Progress, engine: Engine) -> Result:
    """(k, d) vectors of prompt and response of each row that is left."""
    from curate.models.embed import embed
    from curate.table.ledger import left

    positions = left(state.table)
    if not len(positions):
        raise CurateError("no row is left to choose from: all are invalid or set aside", 1)
    some = state.table.select(["prompt", "response"]).take(pa.array(positions))
    texts = [f"{p}\n{r}" for p, r in zip(some["prompt"].to_pylist(), some["response"].to_pylist(), strict=True)]
    # Sums over all texts, which some embedders make, round alike only in the same order.
    order = sorted(range(len(texts)), key=texts.__getitem__)
    found = embed([texts[i] for i in order], recipe.embedder, progress, engine)
    vectors = np.empty_like(found.vectors)
    vectors[order] = found.vectors
    return Result(vectors=vectors, notes=(found.note,))


STEP = Step("embed", "embed the rows that are left", options, lambda recipe: [], run)
