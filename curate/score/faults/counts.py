"""How many faults rows have, for steps that lie below scores."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from curate.score.faults.registry import findings


def count_faults(rows: pa.Table) -> pa.Table:
    """(n,) `certain` and `suspected`: how many faults each row has.

    Args:
        rows: n valid rows with `prompt`, `response` and `record`.
    """
    texts = (rows[name].to_pylist() for name in ("prompt", "response", "record"))
    certain = [[finding.certain for finding in findings(*row)] for row in zip(*texts, strict=True)]
    counts = np.array([(sum(row), len(row) - sum(row)) for row in certain], np.int64).reshape(-1, 2)
    return pa.table({"certain": counts[:, 0], "suspected": counts[:, 1]})
