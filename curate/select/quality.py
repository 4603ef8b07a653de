"""How good each row is, from a column of scores: its rank in the pool, so that no score's scale matters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from curate.errors import CurateError
from curate.select import fields
from schemas.record import Conversation

# Columns that are looked for if none is named: the combination that `curate score` makes, then a judge's rating.
# Lengths and the like are no quality: nothing else is guessed.
DEFAULTS = ("score", "quality")


class Quality(NamedTuple):
    """How good each row of a pool is.

    Attributes:
        ranks: (n,) float64 in [0, 1], 1 the best; None if all rows count alike.
        note: one sentence on where it comes from.
    """

    ranks: np.ndarray | None
    note: str


def row_quality(pool: pa.Table, records: Sequence[Conversation], name: str | None) -> Quality:
    """The quality of each row of a pool.

    Rows without a number count as the median.

    Args:
        pool: n rows of a table.
        records: those of the pool, row by row.
        name: a column of the table or a field of the rows, numbers of which higher ones are better; with a minus before
            it lower ones are. None: the first of DEFAULTS that is there, else all rows count alike.

    Raises:
        CurateError: for an unknown name, and for values that are no numbers.
    """
    if name is None:
        name = next((column for column in DEFAULTS if column in pool.column_names), None)
        if name is None:
            return Quality(
                None, "no row has a quality score, so all count alike (run `curate score`, or use --quality)"
            )
    column = name.removeprefix("-")
    sign = -1.0 if name != column else 1.0
    values = [_number(value, column) for value in fields.values(pool, records, column)]
    scores = np.array(values) * sign
    known = int(np.isfinite(scores).sum())
    if len(np.unique(scores[np.isfinite(scores)])) < 2:
        return Quality(None, f"{column} holds {'one number only' if known else 'no number'}, so all rows count alike")
    missing = len(scores) - known
    rest = f"; {missing:,} rows without one count as the median" if missing else ""
    return Quality(ranks(scores), f"quality: the rank of {column}, {'lower' if sign < 0 else 'higher'} is better{rest}")


def ranks(scores: np.ndarray) -> np.ndarray:
    """(n,) float64 in [0, 1]: 0 for the lowest score, 1 for the highest, equal scores their mean, NaN 0.5.

    A single score, or scores that are all equal, get 0.5.
    """
    out = np.full(len(scores), 0.5)
    known = np.isfinite(scores)
    _, which, counts = np.unique(scores[known], return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    middles = ends - (counts + 1) / 2  # mean rank from 0 on
    if len(counts) > 1:
        # The lowest and highest groups end at 0 and 1 exactly, whatever their size.
        middles = (middles - middles[0]) / (middles[-1] - middles[0])
        out[known] = middles[which]
    return out


def _number(value: object, name: str) -> float:
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise CurateError(f"{name} holds {str(value)[:40]!r}; quality must be numbers")
    try:
        return float(value)
    except ValueError:
        raise CurateError(f"{name} holds {value[:40]!r}; quality must be numbers") from None  # type: ignore[index]
