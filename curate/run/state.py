"""What the steps of a recipe hand on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from curate.run.recipe import Recipe


class RunState(NamedTuple):
    """What is known after a step.

    Attributes:
        table: every input row, with the columns that steps have added.
        vectors: (k, d) float32 of unit length, of the rows kept so far, in their order; None before they are made.
        notes: sentences by step.
        facts: results of steps that are no column, by step.
    """

    table: pa.Table
    vectors: np.ndarray | None
    notes: dict[str, list[str]]
    facts: dict[str, dict[str, Any]]


class StepResult(NamedTuple):
    """What a step adds.

    Attributes:
        table: the table with the step's columns; None if it has none.
        vectors: (k, d) float32 of unit length; None if it made none.
        notes: sentences on how it was done.
        facts: results that are no column.
    """

    table: pa.Table | None = None
    vectors: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = MappingProxyType({})


class RecipeStep(NamedTuple):
    """One step of a recipe.

    Attributes:
        name: as the user knows it.
        does: what, in a few words.
        options: of a recipe, all that the result depends on; None if the step is left out.
        files: of a recipe, the files beside the inputs that it reads.
        run: the work itself, `run(state, recipe, progress, engine)`; the result does not depend on the engine. The
            first step's state is None.
    """

    name: str
    does: str
    options: Callable[[Recipe], dict[str, Any] | None]
    files: Callable[[Recipe], list[str]]
    run: Callable[..., StepResult]


def no_files(_recipe: Recipe) -> list[str]:
    """The files of a step that reads none beside the inputs."""
    return []
