"""Scores as a field of each row, for files that people and other tools read."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pyarrow as pa

from curate.score.column import of_table
from curate.table.table import take

FIELD = "scores"


def score_fields(batch: pa.Table) -> list[dict[str, str]]:
    """(n,) the field `scores` of each row of a table, as JSON text by the name of the field.

    One field holds them all, so that none takes the name of a field that the rows have already.
    """
    names = list(of_table(batch))
    if not names:
        return [{FIELD: "{}"}] * batch.num_rows
    columns = [map(_rounded, take(batch[name], np.arange(batch.num_rows))) for name in names]
    rows = zip(*columns, strict=True)
    return [{FIELD: msgspec.json.encode(dict(zip(names, row, strict=True))).decode()} for row in rows]


def _rounded(value: object) -> object:
    """A number at six significant digits: more would only be noise to a reader."""
    if not isinstance(value, float) or value == 0 or not math.isfinite(value):
        return value
    return round(value, 6 - math.floor(math.log10(abs(value))) - 1)
