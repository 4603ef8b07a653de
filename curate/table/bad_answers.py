"""Which rows have an answer that is labelled as bad: the one place where steps ask."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.preference import LABELS, REJECTED, has_bad_answer
from schemas.record import loads

# How the text of a record shows that it may be no example to follow.
MARKS = f'"({"|".join((REJECTED, *LABELS))})":'


def bad_answers(records: pa.ChunkedArray) -> np.ndarray:
    """(n,) bool: whether a record's answer is a bad one, see `has_bad_answer`; false for null.

    Args:
        records: (n,) values of the column `record`, of which only those that name such a field are read.
    """
    named = pc.fill_null(pc.match_substring_regex(records, MARKS), False).to_numpy(zero_copy_only=False)
    bad = np.zeros(len(records), bool)
    for i in np.flatnonzero(named).tolist():
        bad[i] = has_bad_answer(loads(records[i].as_py()))
    return bad
