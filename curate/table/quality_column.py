"""How good rows are, as a column of the table or a field of the rows says."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.errors import CurateError
from curate.table import fields
from schemas.record import Conversation

# Columns that are looked for if none is named: the probability that `curate score` makes, then the combination of
# several scores.  Lengths and the like are no quality: nothing else is guessed.
DEFAULTS = ("quality", "score")
# The field of the rows that is looked for as well.
FIELD = "quality"


def default_name(table: pa.Table) -> str | None:
    """The first of DEFAULTS that a table has; None if it has none of them."""
    return next((column for column in DEFAULTS if column in table.column_names), None)


def default_quality(
    pool: pa.Table, texts: pa.ChunkedArray, records: Callable[[], Sequence[Conversation]]
) -> str | None:
    """What says how good rows are if nothing is named: every step that asks for the better rows goes by it.

    The column `quality`; else the field `quality` of the rows, where it holds numbers only; else the column `score`.

    Args:
        pool: n rows of a table.
        texts: their column `record`.
        records: gives those of the pool, row by row, where they have to be looked at.

    Returns:
        Its name; None if there is none of them.
    """
    if FIELD not in pool.column_names and mentions(texts) and _holds_numbers(pool, records()):
        return FIELD
    return default_name(pool)


def mentions(texts: pa.ChunkedArray) -> bool:
    """Whether any of these records may have the field `quality`, found out faster than by reading them."""
    return bool(pc.any(pc.match_substring(texts, f'"{FIELD}"')).as_py())


def _holds_numbers(pool: pa.Table, records: Sequence[Conversation]) -> bool:
    if not any(FIELD in (record.extra or {}) for record in records):
        return False
    try:
        return bool(np.isfinite(numbers(pool, records, FIELD)).any())
    except CurateError:  # whoever names it is told
        return False


def numbers(pool: pa.Table, records: Sequence[Conversation], name: str) -> np.ndarray:
    """(n,) float64, more being better; NaN for rows without a number.

    Args:
        pool: n rows of a table.
        records: those of the pool, row by row.
        name: a column of the table or a field of the rows; with a minus before it lower numbers are better.

    Raises:
        CurateError: for an unknown name, and for values that are no numbers.
    """
    column = name.removeprefix("-")
    sign = 1.0 if name == column else -1.0
    if column in pool.column_names and _is_number(pool.schema.field(column).type):
        return pool[column].cast(pa.float64()).to_numpy(zero_copy_only=False) * sign
    return np.array([_number(value, column) for value in fields.values(pool, records, column)], float) * sign


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind)


def _number(value: object, name: str) -> float:
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise CurateError(f"{name} holds {str(value)[:40]!r}; quality must be numbers")
    try:
        return float(value)
    except ValueError:
        raise CurateError(f"{name} holds {value[:40]!r}; quality must be numbers") from None  # type: ignore[index]
