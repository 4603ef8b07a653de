"""Scores beside the rows that they are of, for files that people and other tools read."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec
import numpy as np
import pyarrow as pa

from curate.score.column import of_table
from curate.table.table import take

FIELD = "scores"


def beside(table: pa.Table) -> Callable[[np.ndarray], list[dict[str, str]]]:
    """A function that gives, for (n,) positions of rows, the field `scores` of each, as JSON text.

    One field holds them all, so that none takes the name of a field that the rows have already.
    """
    names = list(of_table(table))

    def fields(positions: np.ndarray) -> list[dict[str, str]]:
        columns = [map(_plain, take(table[name], positions)) for name in names]
        rows = zip(*columns, strict=True) if names else ((),) * len(positions)
        return [{FIELD: msgspec.json.encode(dict(zip(names, row, strict=True))).decode()} for row in rows]

    return fields


def fields_of(batch: pa.Table) -> list[dict[str, str]]:
    """The field `scores` of each row of a batch, as JSON text."""
    return beside(batch)(np.arange(batch.num_rows))


def _plain(value: object) -> object:
    """A number at six significant digits: more would only be noise to a reader."""
    if not isinstance(value, float) or value == 0 or not math.isfinite(value):
        return value
    return round(value, 6 - math.floor(math.log10(abs(value))) - 1)
