"""Score the rows that are left."""

from __future__ import annotations

import os
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from curate.engine.rows import Engine
from curate.progress import Progress
from curate.run.recipe import Recipe, Score
from curate.run.state import Result, State, Step


def options(recipe: Recipe) -> dict[str, Any] | None:
    """What scores depend on; None if none are asked for."""
    if recipe.score is None or not recipe.score.with_:
        return None
    return {**msgspec.to_builtins(recipe.score), "embedder": recipe.embedder}


def files(recipe: Recipe) -> list[str]:
    """Files that scores read."""
    return [recipe.score.words] if recipe.score and recipe.score.words else []


def run(state: State, recipe: Recipe, progress: Progress, engine: Engine) -> Result:
    """The table with columns of scores, null for rows that were set aside before."""
    from curate.score import score as scores
    from curate.score.combine import with_combined
    from curate.table.ledger import left

    given = recipe.score
    assert given is not None
    positions = left(state.table)
    some = state.table.take(pa.array(positions))
    wanted, how = scores.names(",".join(given.with_)), _options(given, recipe.embedder, progress)
    if engine.name == "ray":
        from curate.engine import ray_rows as rows
        from curate.score import on_ray

        some = on_ray.score(rows.of(some), wanted, how).thin
    else:
        some = scores.score(some, wanted, how)
    some, described = with_combined(some, given.combine, given.by)
    notes = [f"score: {described.says}"] if described else []
    place = np.full(state.table.num_rows, -1, np.int64)
    place[positions] = np.arange(len(positions))
    index = pa.array(place, mask=place < 0)
    table = state.table
    for field in some.schema:
        if field.name in scores.of_table(some):
            at = table.schema.get_field_index(field.name)
            values = some[field.name].take(index)
            table = table.append_column(field, values) if at < 0 else table.set_column(at, field, values)
    return Result(table.combine_chunks(), notes=tuple(notes))


def _options(given: Score, embedder: str, progress: Progress):  # type: ignore[no-untyped-def]
    from curate.score.options import Judge, Options

    judge = Judge(
        given.judge.url,
        given.judge.model,
        os.environ.get(given.judge.key_from, ""),
        given.judge.concurrency,
        given.judge.per_minute,
    )
    return Options(
        model=given.model,
        tokenizer=given.tokenizer,
        max_length=given.max_length,
        embedder=embedder,
        reward=given.reward,
        words=given.words,
        judge=judge,
        progress=progress,
    )


STEP = Step("score", "score the rows that are left", options, files, run)
