"""Exact duplicates: rows whose text is the same once case, width and white space are set aside."""

from __future__ import annotations

import unicodedata
from hashlib import blake2b

import numpy as np
import pyarrow as pa

from schemas.record import Conversation, loads


def key(record: Conversation) -> bytes:
    """128-bit hash of what a row says: every turn in NFKC, case-folded, runs of white space as one blank.

    Tool calls and typed parts count as they are; metadata does not count.
    """
    digest = blake2b(digest_size=16)
    for turn in record.messages:
        text = "\x1f".join((turn.role, normal(turn.content), turn.tool_calls or "", turn.parts or ""))
        digest.update(text.encode("utf-8", "surrogatepass") + b"\x1e")
    return digest.digest()


def normal(text: str) -> str:
    """The text in NFKC, case-folded, with runs of white space as one blank and none at the ends."""
    return " ".join((text.lower() if text.isascii() else folded(text)).split())


def folded(text: str) -> str:
    """The text in NFKC and case-folded."""
    # Folding case can undo the normal form (the angstrom sign, some ligatures), so it is made once more.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def mark(table: pa.Table) -> pa.Table:
    """The table with `duplicate_of` and `duplicate_method`.

    duplicate_of: int64, the position of the row that is kept in place of this one; null for rows that are kept and for
    invalid ones.  Of the rows that say the same the longest response is kept, then the smallest record text, then the
    first file and row: what is kept does not depend on the order of the rows.
    """
    clusters: dict[bytes, list[int]] = {}
    texts, responses = table["record"].to_pylist(), table["response"].to_pylist()
    for i, text in enumerate(texts):
        if text is not None:
            clusters.setdefault(key(loads(text)), []).append(i)
    kept = np.full(len(texts), -1, np.int64)
    repeated = [members for members in clusters.values() if len(members) > 1]
    if repeated:
        files, rows = table["file"].to_pylist(), table["row"].to_pylist()
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
