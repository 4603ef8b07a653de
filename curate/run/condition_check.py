"""The conditions of a recipe, checked before any step runs against the columns that its steps will have made."""

from __future__ import annotations

import pyarrow as pa

from curate.dedup.contamination_columns import SCHEMA as CONTAMINATION
from curate.filter.ahead import check_ahead
from curate.run.recipe import Recipe
from curate.score import combine
from curate.score.registry import column, names

EXACT = {"duplicate_of": pa.int64(), "duplicate_method": pa.string()}


def check_conditions(recipe: Recipe) -> None:
    """Check the conditions of a recipe whose inputs are files.

    Raises:
        CurateError: as `check_ahead` does.
    """
    if recipe.where:
        made = {**_made(recipe), **_scores(recipe)}
        check_ahead(recipe.where, recipe.inputs, recipe.format, made, recipe.validate.repair)


def _made(recipe: Recipe) -> dict[str, pa.DataType]:
    """The columns of the steps before scores."""
    contamination = {field.name: field.type for field in CONTAMINATION}
    return {**EXACT, **(contamination if recipe.decontaminate.against else {})}


def _scores(recipe: Recipe) -> dict[str, pa.DataType]:
    """The columns of the step `score`."""
    options = recipe.score
    if options is None or not options.with_:
        return {}
    described = [column(name) for name in names(options.with_)]
    types = {score.name: score.field().type for score in described}
    alone = options.combine == combine.AUTO and "quality" in types
    return types if alone or options.combine == "none" else {**types, combine.NAME: pa.float64()}
