"""What steps hand on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from curate.engine.rows import Engine
from curate.progress import Progress
from curate.run.recipe import Recipe


class State(NamedTuple):
    """Attributes:
    table: every input row, with the columns that steps have added.
    vectors: (k, d) float32 of unit length, of the rows that are left, in their order; None before they are made.
    notes: sentences by step.
    facts: what steps found out that is no column, by step.
    """

    table: pa.Table
    vectors: np.ndarray | None
    notes: dict[str, list[str]]
    facts: dict[str, dict[str, Any]]


class Result(NamedTuple):
    """What a step gives: the table with its columns, or vectors, or facts; sentences on how."""

    table: pa.Table | None = None
    vectors: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = MappingProxyType({})


class Step(NamedTuple):
    """One step.

    Attributes:
        does: what, in a few words.
        options: of a recipe, all that the result depends on; None if the step is left out.
        files: of a recipe, the files beside the inputs that it reads.
        run: the work itself, on an engine (`local`, or `ray` within `curate.engine.ray.connect`), on which the result
            does not depend.
    """

    name: str
    does: str
    options: Callable[[Recipe], dict[str, Any] | None]
    files: Callable[[Recipe], list[str]]
    run: Callable[[State, Recipe, Progress, Engine], Result]
