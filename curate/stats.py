"""What a table holds, in plain numbers."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa

from curate.dedup import exact

SCRIPTS = {"Han": ("\u4e00", "\u9fff"), "Kana": ("\u3040", "\u30ff"), "Hangul": ("\uac00", "\ud7af")}


def describe(table: pa.Table) -> dict:
    """Rows, problems, duplicates, turns, lengths (characters), scripts, categories and formats of a table."""
    marked = exact.mark(table)
    valid = table.filter(table["record"].is_valid())
    return {
        "rows": table.num_rows,
        "valid": valid.num_rows,
        "problems": _counts(table["problem"]),
        "exact_duplicates": table.num_rows - marked["duplicate_of"].null_count,
        "formats": _counts(table["format"]),
        "turns": _counts(valid["turns"]),
        "prompt_characters": _spread(valid["prompt"]),
        "response_characters": _spread(valid["response"]),
        "scripts": dict(Counter(map(script, valid["response"].to_pylist())).most_common()),
        "categories": _counts(valid["category"]),
    }


def script(text: str) -> str:
    """The script that most letters of a text are in: Latin, Han, Kana, Hangul or other; none without letters."""
    counts: Counter[str] = Counter()
    for c in text[:500]:
        if c.isalpha():
            counts[next((n for n, (a, b) in SCRIPTS.items() if a <= c <= b), "Latin" if c < "\u0250" else "other")] += 1
    return counts.most_common(1)[0][0] if counts else "none"


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    counts = Counter(column.drop_null().to_pylist())
    return {str(value): count for value, count in sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))}


def _spread(column: pa.ChunkedArray) -> dict[str, int]:
    lengths = np.array([len(text) for text in column.to_pylist()])
    if not len(lengths):
        return {}
    low, middle, high, most = np.quantile(lengths, [0, 0.5, 0.95, 1]).astype(int).tolist()
    return {"min": low, "median": middle, "p95": high, "max": most}
