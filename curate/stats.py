"""What a table holds, in plain numbers."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa

from curate.dedup import exact
from curate.score.script import script


def describe(table: pa.Table) -> dict:
    """What a table holds: rows, problems, turns, lengths in characters, scripts, categories, formats, and duplicates.

    Duplicates are counted by what told them: exact ones are always looked for, others are those that a ledger has.
    """
    marked = exact.mark(table)
    valid = table.filter(table["record"].is_valid())
    return {
        "rows": table.num_rows,
        "valid": valid.num_rows,
        "problems": _counts(table["problem"]),
        "duplicates": _counts(marked["duplicate_method"]),
        "formats": _counts(table["format"]),
        "turns": _counts(valid["turns"]),
        "prompt_characters": _spread(valid["prompt"]),
        "response_characters": _spread(valid["response"]),
        "scripts": dict(Counter(map(script, valid["response"].to_pylist())).most_common()),
        "categories": _counts(valid["category"]),
    }


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    counts = Counter(column.drop_null().to_pylist())
    return {str(value): count for value, count in sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))}


def _spread(column: pa.ChunkedArray) -> dict[str, int]:
    lengths = np.array([len(text) for text in column.to_pylist()])
    if not len(lengths):
        return {}
    low, middle, high, most = np.quantile(lengths, [0, 0.5, 0.95, 1]).astype(int).tolist()
    return {"min": low, "median": middle, "p95": high, "max": most}
