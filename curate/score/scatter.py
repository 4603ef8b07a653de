"""Scores of some rows of a table as columns of the table."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from curate.score.column import of_table


def with_scores(table: pa.Table, positions: np.ndarray, scored: pa.Table) -> pa.Table:
    """The table with the scores that some of its rows have, null for the others.

    Args:
        table: n rows.
        positions: (k,) places of the scored rows in it.
        scored: those k rows, with columns of scores.
    """
    places = np.full(table.num_rows, -1, np.int64)
    places[positions] = np.arange(len(positions))
    indices = pa.array(places, mask=places < 0)
    for name in of_table(scored):
        field, values = scored.schema.field(name), scored[name].take(indices)
        at = table.schema.get_field_index(name)
        table = table.append_column(field, values) if at < 0 else table.set_column(at, field, values)
    return table
