"""What of a row counts when rows are compared, and which of two rows is the better one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.errors import CurateError
from curate.table.table import take
from curate.text import normal
from curate.text.key_texts import check_key, key_texts
from schemas.record import loads

QUALITY = "quality"
BATCH = 10_000


def table_texts(table: pa.Table, positions: np.ndarray, key: str) -> Iterator[list[str]]:
    """The texts that count of the rows at these positions, row by row; the table is never held as text at once."""
    check_key(key)
    column = {"prompt": "prompt", "response": "response"}.get(key)
    for some in _batches(positions):
        if column:
            yield from ([text] for text in take(table[column], some))
        else:
            yield from (key_texts(loads(text), key) for text in take(table["record"], some))


class Said(NamedTuple):
    """What n rows say, in numbers.

    Attributes:
        digests: (m, 2) uint64, 128-bit hashes of the normalised texts that count; a text without anything in it has
            none, and for whole conversations the roles count too.
        owners: (m,) int64, the row of each, ascending.
        longer: (n,) int64, characters of the response times 2^32, and bytes of the record, so all that a row carries.
        marks: (n,) uint64 hashes of the record. Both are 0 for invalid rows.
    """

    digests: np.ndarray
    owners: np.ndarray
    longer: np.ndarray
    marks: np.ndarray


def say(rows: pa.Table, key: str | None) -> Said:
    """What the rows of a batch say, but for digests if `key` is None; its columns `record` and `response` are read."""
    digests: list[bytes] = []
    owners: list[int] = []
    found = rows["record"].to_pylist()
    for i, text in enumerate(found):
        if text is None or key is None:
            continue
        record = loads(text)
        if key == "conversation":
            digests.append(normal.key(record))
            owners.append(i)
            continue
        for said in key_texts(record, key):
            if plain := normal.normal(said):
                digests.append(blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=16).digest())
                owners.append(i)
    return Said(
        np.frombuffer(b"".join(digests), np.uint64).reshape(-1, 2),
        np.array(owners, np.int64),
        (_lengths(pc.utf8_length(rows["response"])) << 32) + _lengths(pc.binary_length(rows["record"])),
        np.frombuffer(b"".join(map(_mark, found)), np.uint64),
    )


def _lengths(found: pa.ChunkedArray) -> np.ndarray:
    return pc.fill_null(found, 0).to_numpy().astype(np.int64)


def _mark(record: str | None) -> bytes:
    return bytes(8) if record is None else blake2b(record.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def joined(parts: Sequence[Said]) -> Said:
    """What the rows of batches that follow one another say."""
    before = np.cumsum([0, *(len(part.longer) for part in parts)])
    none = Said(np.zeros((0, 2), np.uint64), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint64))
    moved = [part._replace(owners=part.owners + start) for part, start in zip(parts, before, strict=False)]
    return Said(*(np.concatenate(values) for values in zip(none, *moved, strict=True)))


def say_all(table: pa.Table, key: str | None) -> Said:
    """What the rows of a table say, batch by batch in its order, so that one on disk is read once, from end to end."""
    if key is not None:
        check_key(key)
    some = table.select(["record", "response"])
    return joined([say(some.slice(i, BATCH), key) for i in range(0, table.num_rows, BATCH)])


def _batches(positions: np.ndarray) -> Iterator[np.ndarray]:
    return (positions[i : i + BATCH] for i in range(0, len(positions), BATCH))


def ranked(
    table: pa.Table, positions: np.ndarray, longer: np.ndarray, marked: np.ndarray, best: str | None = None
) -> np.ndarray:
    """These positions from the best row to the worst, whatever the order of the table's rows.

    Args:
        longer: (rows,) of the table, as in `Said`; looked at where the positions are only.
        marked: (rows,) of the table, as in `Said`; looked at where the positions are only.
        best: a column of numbers, more being better; `quality` if None and the table has it. Rows of the same quality
            (or none at all) go by the longer response, then by what they carry in all (of rows that say the same, so,
            the one that has a category), then the smaller hash of the record, then file and row.

    Raises:
        CurateError: if there is no such column of numbers.
    """
    if best is not None and best not in table.column_names:
        raise CurateError(f"the table has no column {best!r}; it has {', '.join(table.column_names)}")
    best = best or (QUALITY if QUALITY in table.column_names else None)
    by = [table["row"].to_numpy(), _number(table["file"]), marked, -longer]
    if best:
        quality = table[best]
        if not (pa.types.is_integer(quality.type) or pa.types.is_floating(quality.type)):
            raise CurateError(f"the column {best!r} holds {quality.type}, no numbers to tell the best row by")
        by.append(-quality.cast(pa.float64()).to_numpy(zero_copy_only=False))  # what is not a number comes last
    return positions[np.lexsort([values[positions] for values in by])]


def _number(names: pa.ChunkedArray) -> np.ndarray:
    """(n,) int32: the place of each name among the different ones in order."""
    different = pc.unique(names).sort()
    return pc.index_in(names, different).to_numpy()
