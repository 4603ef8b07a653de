"""A table at a glance, in plain numbers."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.dedup import exact
from curate.table import valid

LATIN = re.compile(r"[A-Za-zªºÀ-ÖØ-öø-ʯḀ-ỿＡ-Ｚａ-ｚ]")
CJK = re.compile(
    r"[\u3005-\u3007\u3040-\u30ff\u3105-\u312f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
LOOKED_AT = 4000


def describe(table: pa.Table) -> dict[str, Any]:
    """Counts of a table's rows, as JSON-ready numbers.

    rows, valid, invalid; problems: rows by code; exact_duplicates: rows that repeat another one; turns: rows by number
    of turns; prompt_characters, response_characters: min, median, p95, max of valid rows (None if there are none);
    scripts: valid rows by `script` of prompt and response; formats, categories, sources: valid rows by value,
    commonest first, without the rows that have none.
    """
    good = table.take(pa.array(valid(table)))
    if "duplicate_of" not in table.column_names:
        table = exact.mark(table)
    return {
        "rows": table.num_rows,
        "valid": good.num_rows,
        "invalid": table.num_rows - good.num_rows,
        "problems": _counts(table, "problem"),
        "exact_duplicates": table.num_rows - table["duplicate_of"].null_count,
        "turns": dict(sorted(_counts(good, "turns").items())),
        "prompt_characters": _lengths(good, "prompt"),
        "response_characters": _lengths(good, "response"),
        "scripts": _scripts(good),
        "formats": _counts(good, "format"),
        "categories": _counts(good, "category"),
        "sources": _counts(good, "source"),
    }


def script(text: str) -> str:
    """`latin` or `cjk` if half of the letters or more are of that script, else `other` (as without letters).

    Looks at the first 4,000 characters.  CJK is Chinese, Japanese and Korean writing.
    """
    text = text[:LOOKED_AT]
    latin, cjk = len(LATIN.findall(text)), len(CJK.findall(text))
    letters = sum(map(str.isalpha, text))
    if not letters or 2 * max(latin, cjk) < letters:
        return "other"
    return "latin" if latin >= cjk else "cjk"


def _counts(table: pa.Table, name: str) -> dict[Any, int]:
    if name not in table.column_names:
        return {}
    pairs = [(v["values"], v["counts"]) for v in pc.value_counts(table[name].combine_chunks()).to_pylist()]
    pairs = [pair for pair in pairs if pair[0] is not None]
    return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


def _lengths(table: pa.Table, name: str) -> dict[str, int | float] | None:
    lengths = pc.utf8_length(table[name]).to_numpy()
    if not len(lengths):
        return None
    return {
        "min": int(lengths.min()),
        "median": float(np.median(lengths)),
        "p95": float(np.percentile(lengths, 95)),
        "max": int(lengths.max()),
    }


def _scripts(table: pa.Table) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for batch in table.select(["prompt", "response"]).to_batches():
        counts.update(script(f"{a}\n{b}") for a, b in zip(*(column.to_pylist() for column in batch.columns)))
    return {name: counts[name] for name in ("latin", "cjk", "other")}
