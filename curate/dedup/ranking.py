"""Which of two rows is the better one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.errors import CurateError

QUALITY = "quality"


def rank_rows(
    table: pa.Table, positions: np.ndarray, lengths: np.ndarray, record_hashes: np.ndarray, best: str | None = None
) -> np.ndarray:
    """These positions from the best row to the worst, whatever the order of the table's rows.

    Args:
        table: its columns `row`, `file` and the one called `best` are read.
        positions: (k,) rows to rank.
        lengths: (rows,) of the table, as in `digests.TextDigests`; looked at where the positions are only.
        record_hashes: (rows,) of the table, likewise.
        best: a column of numbers, more being better; `quality` if None and the table has it. Rows of the same quality
            (or none at all) are ranked by the longer response, then by what they carry in all (of rows with the same
            text, so, the one that has a category), then the smaller hash of the record, then file and row.

    Raises:
        CurateError: for a column that is missing or holds no numbers.
    """
    if best is not None and best not in table.column_names:
        raise CurateError(f"the table has no column {best!r}; it has {', '.join(table.column_names)}")
    best = best or (QUALITY if QUALITY in table.column_names else None)
    order_keys = [table["row"].to_numpy(), _name_order(table["file"]), record_hashes, -lengths]
    if best:
        quality = table[best]
        if not (pa.types.is_integer(quality.type) or pa.types.is_floating(quality.type)):
            raise CurateError(f"the column {best!r} holds {quality.type}, no numbers to tell the best row by")
        order_keys.append(-quality.cast(pa.float64()).to_numpy(zero_copy_only=False))  # what is no number comes last
    return positions[np.lexsort([values[positions] for values in order_keys])]


def _name_order(names: pa.ChunkedArray) -> np.ndarray:
    """(n,) int32: the place of each name among the distinct ones in order."""
    distinct = pc.unique(names).sort()
    return pc.index_in(names, distinct).to_numpy()
