"""The text of rows as one text each, as they are embedded and compared."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from curate.table.table import take


def texts_of(table: pa.Table, positions: np.ndarray | None = None) -> list[str]:
    """Prompt and response of each row, the one below the other; all rows must be valid.

    Args:
        table: n rows.
        positions: (k,) int64, the rows wanted; all if None.

    Returns:
        k texts, in the order of the positions.
    """
    if positions is None:
        columns = (table[name].to_pylist() for name in ("prompt", "response"))
    else:
        columns = (take(table[name], positions) for name in ("prompt", "response"))
    return [f"{prompt}\n{response}" for prompt, response in zip(*columns, strict=True)]
