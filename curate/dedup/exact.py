"""Exact duplicates: rows whose text is the same once case, width and white space are set aside."""

from __future__ import annotations

import unicodedata
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.record import Conversation


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
    invalid ones.  Of the rows that say the same the best is kept as `keys.ranked` has it, so that what is kept does not
    depend on the order of the rows.  Rows that are marked already stay so, whatever marked them.
    """
    from curate.dedup import keys
    from curate.dedup.minhash import groups, pairs_within

    before = np.full(table.num_rows, -1, np.int64)
    methods = pa.nulls(table.num_rows, pa.string())
    out = np.zeros(table.num_rows, bool)
    if {"duplicate_of", "duplicate_method"} <= set(table.column_names):
        out = table["duplicate_of"].is_valid().to_numpy()
        before, methods = table["duplicate_of"].fill_null(-1).to_numpy(), table["duplicate_method"]
    said = keys.say_all(table, "conversation")
    some = ~out[said.owners]
    positions = said.owners[some]
    members, sizes = groups(said.digests[some])
    repeated = np.zeros(len(positions), bool)
    repeated[members] = True
    # Only repeated rows need an order.
    order = keys.ranked(table, positions[repeated], said.longer, said.marks)
    place = np.empty(table.num_rows, np.int64)
    place[order] = np.arange(len(order))
    number = np.repeat(np.arange(len(sizes)), sizes)
    best_first = np.lexsort((place[positions[members]], number))
    best, rest = pairs_within(positions[members][best_first], sizes, hubs=1)
    kept = np.full(table.num_rows, -1, np.int64)
    kept[rest] = best
    # A row that stayed for others may now go for one that says the same, which then stays for those as well.
    moved = out & (before >= 0)
    moved[moved] = kept[before[moved]] >= 0
    before = np.where(moved, kept[np.maximum(before, 0)], before)
    new = kept >= 0
    return with_columns(
        table,
        duplicate_of=pa.array(np.where(out, before, kept), mask=~(out | new)),
        duplicate_method=pc.if_else(pa.array(new), "exact", methods),
    )


def with_columns(table: pa.Table, **columns: pa.Array) -> pa.Table:
    """The table with these columns, in place of any of the same name."""
    for name, values in columns.items():
        at = table.schema.get_field_index(name)
        table = table.append_column(name, values) if at < 0 else table.set_column(at, name, values)
    return table
