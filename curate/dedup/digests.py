"""Rows in numbers: digests of the texts that count of them, and what their order is told by."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.dedup.arrays import pack_arrays, unpack_array
from curate.engine.rows import Rows
from curate.text.exact_form import exact_form, exact_key
from curate.text.key_texts import check_key, key_texts
from schemas.record import loads


class TextDigests(NamedTuple):
    """n rows in numbers.

    Attributes:
        digests: (m, 2) uint64, 128-bit hashes of the texts that count, in their exact form; an empty text has none, and
            for whole conversations the roles count too.
        owners: (m,) int64, the row of each, ascending.
        lengths: (n,) int64, characters of the response times 2^32, and bytes of the record, so all that a row carries;
            0 for invalid rows.
        record_hashes: (n,) uint64 hashes of the record; 0 for invalid rows.
    """

    digests: np.ndarray
    owners: np.ndarray
    lengths: np.ndarray
    record_hashes: np.ndarray


def digest_rows(rows: Rows, key: str | None, folds: Sequence[str] = ()) -> TextDigests:
    """The digests of rows, each of which is read once.

    Args:
        rows: n rows.
        key: what of a row counts, one of `key_texts.KEYS`; None for no digests of texts, but the rest.
        folds: what of the texts does not count, some of `exact_form.FOLDS`.

    Raises:
        CurateError: for an unknown key.
    """
    if key is not None:
        check_key(key)
    lengths, record_hashes = np.zeros(rows.num_rows, np.int64), np.zeros(rows.num_rows, np.uint64)
    digests, owners = [np.zeros((0, 2), np.uint64)], [np.zeros(0, np.int64)]
    for positions, packed in rows.gather(_digest_batch, ["record", "response"], key, tuple(folds)):
        lengths[positions] = unpack_array(packed, "lengths")
        record_hashes[positions] = unpack_array(packed, "record_hashes")
        digests.append(unpack_array(packed, "digests").reshape(-1, 2))
        owners.append(positions[unpack_array(packed, "owners")])
    owner = np.concatenate(owners)
    order = np.argsort(owner, kind="stable")
    return TextDigests(np.concatenate(digests)[order], owner[order], lengths, record_hashes)


def concatenate_digests(parts: list[TextDigests]) -> TextDigests:
    """The digests of rows that follow one another."""
    starts = np.cumsum([0, *(len(part.lengths) for part in parts)])
    moved = [part._replace(owners=part.owners + start) for part, start in zip(parts, starts, strict=False)]
    return TextDigests(*(np.concatenate(values) for values in zip(*moved, strict=True)))


def _digest_batch(batch: pa.Table, key: str | None, folds: Sequence[str]) -> pa.Table:
    digests: list[bytes] = []
    owners: list[int] = []
    records = batch["record"].to_pylist()
    for i, text in enumerate(records):
        if text is not None and key is not None:
            of_row = _row_digests(text, key, folds)
            digests += of_row
            owners += [i] * len(of_row)
    return pack_arrays(
        digests=np.frombuffer(b"".join(digests), np.uint64),
        owners=np.array(owners, np.int64),
        lengths=(_or_zero(pc.utf8_length(batch["response"])) << 32) + _or_zero(pc.binary_length(batch["record"])),
        record_hashes=np.frombuffer(b"".join(map(_record_hash, records)), np.uint64),
    )


def _row_digests(text: str, key: str, folds: Sequence[str]) -> list[bytes]:
    record = loads(text)
    if key == "conversation":
        return [exact_key(record, folds)]
    plain = filter(None, (exact_form(each, folds) for each in key_texts(record, key)))
    return [blake2b(each.encode("utf-8", "surrogatepass"), digest_size=16).digest() for each in plain]


def _or_zero(lengths: pa.ChunkedArray) -> np.ndarray:
    return pc.fill_null(lengths, 0).to_numpy().astype(np.int64)


def _record_hash(record: str | None) -> bytes:
    return bytes(8) if record is None else blake2b(record.encode("utf-8", "surrogatepass"), digest_size=8).digest()
