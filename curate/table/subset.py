"""Rows of a table to a data file: the one place that leaves rows out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING

from curate.errors import CurateError
from curate.io import writer
from curate.io.restorable import Restorable
from curate.io.shards import companion
from schemas import origin
from schemas.encode import EncodedRow, RowEncoder
from schemas.problems import Invalid
from schemas.record import Conversation, loads
from schemas.registry import FORMATS
from schemas.row import Format

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Also = Callable[[np.ndarray], Sequence[dict[str, str]]] | None

BATCH = 1000
# Where a row is from, and what it says.
PLACED = ("file", "row", "record")


def target(table: pa.Table, name: str | None) -> Format:
    """The format to write: the named one, else that of the rows if they share one, else SFT messages."""
    from curate.table.reading import format_named

    if name:
        return format_named(name)
    formats = table["format"].unique().drop_null().to_pylist()
    return FORMATS[formats[0] if len(formats) == 1 else "sft"]


def write(
    table: pa.Table, positions: Sequence[int] | np.ndarray, out: str, to: Format, also: Also = None
) -> Counter[str]:
    """Write these rows of the table to `out`, in this order; returns the fields lost, with how many rows lost them.

    Args:
        table: of which some rows are written.
        positions: (k,) positions in the table of valid rows.
        out: the file to write.
        to: its format.
        also: gives, for (k,) positions, the fields that each of these rows is to carry beside its own, as JSON text;
            they replace fields of the same name.

    Raises:
        CurateError: naming the row if one does not fit the format.
    """
    import numpy as np

    from curate.table.table import take

    wanted = np.asarray(positions, np.int64)
    encoder = RowEncoder(to)
    lost: Counter[str] = Counter()
    with writer(out, restorable=Restorable(origin.COLUMN, partial(origin.moved, to))) as put:
        for i in range(0, len(wanted), BATCH):
            part = wanted[i : i + BATCH]
            files, numbers, records = (take(table[name], part) for name in PLACED)
            rows, lost_fields = lines(files, numbers, records, encoder, also(part) if also else repeat({}, len(part)))
            lost.update(lost_fields)
            put(rows)
    return lost


def lines(
    files: Sequence[str],
    numbers: Sequence[int],
    records: Sequence[str],
    encoder: RowEncoder,
    also: Iterable[dict[str, str]],
) -> tuple[list[bytes], Counter[str]]:
    """What is written for some rows, and the fields lost; see `write`.

    Args:
        files: (n,) values of the column `file`.
        numbers: (n,) values of the column `row`.
        records: (n,) values of the column `record`.
        encoder: of the format to write.
        also: (n,) fields that each row carries beside its own, as JSON text.
    """
    rows: list[bytes] = []
    lost: Counter[str] = Counter()
    for file, number, text, fields in zip(files, numbers, records, also, strict=True):
        record = loads(text)
        if fields:
            own = {name: value for name, value in (record.extra or {}).items() if name not in fields}
            record.extra = {**own, **fields}
        try:
            encoded = _encoded(record, encoder)
        except Invalid as invalid:
            raise CurateError(f"{invalid.problem.at(file, number)}; or write another format with --to", 1) from None
        lost.update(encoded.lost)
        rows.append(encoded.data)
    return rows, lost


def _encoded(record: Conversation, encoder: RowEncoder) -> EncodedRow:
    """The row of a record; one that an earlier conversion made restorable stays so, or is restored."""
    restored = origin.take(record)
    if restored is None or restored.edited:
        return encoder.encode(record)
    if restored.restores(encoder.format):
        return EncodedRow(restored.row, [])
    encoded = encoder.encode(record)
    return EncodedRow(origin.attach(encoded.data, encoder.format, restored.label, restored.row), encoded.lost)


def ledger_path(out: str) -> str:
    """Where the ledger of an output goes."""
    return companion(out, ".ledger.parquet")
