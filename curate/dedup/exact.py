"""Rows that say the same but for case, width and white space."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from hashlib import blake2b

import pyarrow as pa

from curate.table import BATCH_ROWS, with_columns
from schemas.record import loads

METHOD = "exact"
BETWEEN = "\x1f"  # white space to `normalised`, so no text holds it
# What a record's JSON text shows if its turns are more than prompt and response.
BEYOND_TEXT = ('"tool_calls":', '"parts":', '"role":"tool"')


def mark(table: pa.Table) -> pa.Table:
    """The table with two columns that say which valid rows repeat another.

    duplicate_of: int64 position in the table of the row kept instead, null in rows kept and in invalid ones.
    duplicate_method: "exact" in those rows, else null.  Columns of these names from before are replaced.

    Rows repeat each other if prompt and response are equal after `normalised` and so are, byte for byte, their tool
    turns, tool calls and typed parts.  Kept is the row with the longest response, then the one whose record has the
    smallest hash, then the first by file and row: the order of the table's rows decides nothing.
    """
    best: dict[bytes, tuple] = {}
    keys: list[bytes | None] = []
    for position, (key, rank) in enumerate(_ranked(table)):
        keys.append(key)
        if key is not None and (key not in best or (*rank, position) < best[key]):
            best[key] = (*rank, position)
    of = [None if key is None or best[key][-1] == i else best[key][-1] for i, key in enumerate(keys)]
    return with_columns(
        table,
        {
            "duplicate_of": pa.array(of, pa.int64()),
            "duplicate_method": pa.array([None if i is None else METHOD for i in of], pa.string()),
        },
    )


def normalised(text: str) -> str:
    """The text as rows are compared: NFKC, case folded, white space runs as one space, none at the ends."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(text.split())


def _ranked(table: pa.Table) -> Iterator[tuple[bytes | None, tuple]]:
    """For each row (the hash of what is compared, None if invalid; its rank, the smallest being kept)."""
    columns = table.select(["record", "prompt", "response", "file", "row"])
    for batch in columns.to_batches(max_chunksize=BATCH_ROWS):
        for record, prompt, response, file, row in zip(*(column.to_pylist() for column in batch.columns)):
            if record is None:
                yield None, ()
            else:
                text = BETWEEN.join((normalised(prompt), normalised(response), *_beyond(record)))
                yield _hash(text), (-len(response), _hash(record), file, row)


def _beyond(record: str) -> list[str]:
    """What turns hold beside text, as JSON text; empty for the usual record."""
    if not any(name in record for name in BEYOND_TEXT):
        return []
    return [
        f"{i}{BETWEEN}{m.role}{BETWEEN}{m.tool_calls}{BETWEEN}{m.parts}{BETWEEN}{m.content if m.role == 'tool' else ''}"
        for i, m in enumerate(loads(record).messages)
        if m.tool_calls or m.parts or m.role == "tool"
    ]


def _hash(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
