"""Exact duplicates: rows whose text is the same once case, width and white space are set aside."""

from __future__ import annotations

import unicodedata
from hashlib import blake2b

import numpy as np
import pyarrow as pa


def key(prompt: str, response: str) -> bytes:
    """128-bit hash of what a row says, in NFKC, case-folded, runs of white space as one blank."""
    text = f"{normal(prompt)}\x1e{normal(response)}"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def normal(text: str) -> str:
    """The text in NFKC, case-folded, with runs of white space as one blank and none at the ends."""
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def mark(table: pa.Table) -> pa.Table:
    """The table with `duplicate_of` and `duplicate_method`.

    duplicate_of: int64, the position of the row that is kept in place of this one; null for rows that are kept and for
    invalid ones.  Of the rows that say the same the longest response is kept, then the smallest record text, then the
    first file and row: what is kept does not depend on the order of the rows.
    """
    clusters: dict[bytes, list[int]] = {}
    prompts, responses = table["prompt"].to_pylist(), table["response"].to_pylist()
    for i, prompt in enumerate(prompts):
        if prompt is not None:
            clusters.setdefault(key(prompt, responses[i]), []).append(i)
    kept = np.full(len(prompts), -1, np.int64)
    repeated = [members for members in clusters.values() if len(members) > 1]
    if repeated:
        texts, files, rows = (table[name].to_pylist() for name in ("record", "file", "row"))
        for members in repeated:
            best = min(members, key=lambda i: (-len(responses[i]), texts[i], files[i], rows[i]))
            for i in members:
                if i != best:
                    kept[i] = best
    missing = kept < 0
    return with_columns(
        table,
        duplicate_of=pa.array(kept, mask=missing),
        duplicate_method=pa.array(np.full(len(kept), "exact"), pa.string(), mask=missing),
    )


def with_columns(table: pa.Table, **columns: pa.Array) -> pa.Table:
    """The table with these columns, in place of any of the same name."""
    for name, values in columns.items():
        at = table.schema.get_field_index(name)
        table = table.append_column(name, values) if at < 0 else table.set_column(at, name, values)
    return table
