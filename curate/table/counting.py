"""Which rows of a table count at each stage: the one place that decides it."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pyarrow as pa

# The condition that left a row out; null for rows that none has.
FILTERED = "filtered_by"

Stage = Literal["valid", "unique", "selected"]


def rows_that_count(table: pa.Table, stage: Stage) -> np.ndarray:
    """Positions of the rows that count at a stage.

        stage     rows                                                order
        valid     those that have a record                            of the table
        unique    valid ones that no step has dropped                 of the table
        selected  those that have a rank; the unique ones of a table  by rank
                  without the column `rank`

    Args:
        table: n rows; of its columns `record`, `duplicate_of`, `filtered_by` and `rank` are read, where the stage needs
            them.
        stage: one of the above; what `table` lacks (`duplicate_of`, `filtered_by`, `rank`) drops no row.

    Returns:
        (k,) int64 positions.
    """
    if stage == "selected" and "rank" in table.column_names:
        rank = table["rank"].to_numpy(zero_copy_only=False).astype(float)  # null becomes NaN, which comes last
        return np.argsort(rank, kind="stable")[: np.count_nonzero(~np.isnan(rank))]
    counts = table["record"].is_valid().to_numpy()
    if stage != "valid" and "duplicate_of" in table.column_names:
        counts = counts & table["duplicate_of"].is_null().to_numpy()
    if stage != "valid" and FILTERED in table.column_names:
        counts = counts & table[FILTERED].is_null().to_numpy()
    return np.flatnonzero(counts)
