"""Rows to files: encoded where they lie, written by this process in row order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import msgspec
import numpy as np
import pyarrow as pa

from curate.engine.rows import Rows
from curate.errors import CurateError
from curate.io import writer
from curate.io.write import takes_text
from curate.progress import Progress, silent
from curate.table import subset
from curate.table.table import TEXTS, write_batches
from schemas.encode import RowEncoder
from schemas.row import Format

KEPT = "_kept"


def write_ledger(rows: Rows, path: str) -> None:
    """Write the table as `curate.table.table.write` does, with the same bytes."""
    write_batches(rows.whole(), rows.thin.schema, path)


def write_subset(
    rows: Rows,
    positions: np.ndarray,
    out: str,
    to: Format,
    fields: Callable[[pa.Table], list[dict[str, str]]] | None = None,
    progress: Progress = silent,
) -> Counter[str]:
    """Write these rows to `out` as `curate.table.subset.write` does, with the same bytes; returns the fields lost.

    Args:
        rows: n rows.
        positions: (k,) of valid rows, ascending.
        out: the file to write.
        to: the format to write.
        fields: a function of a module that gives, for a batch with all columns but the texts and `record`, the fields
            that each row carries beside its own, as JSON text.
        progress: called with what is being done, how much of it is done, and how much there is.

    Raises:
        CurateError: naming the first row that does not fit the format.
    """
    kept = np.zeros(rows.num_rows, bool)
    kept[positions] = True
    marked = rows.with_thin(rows.thin.append_column(KEPT, pa.array(kept)))
    others = [name for name in rows.thin.column_names if name not in (*TEXTS, *subset.PLACED)] if fields else []
    lost: Counter[str] = Counter()
    as_text = takes_text(out)
    with writer(out) as put:
        columns = [*subset.PLACED, KEPT, *others]
        for at, encoded in marked.gather(_lines, columns, to, fields, ordered=True):
            for text, fields_lost, problem in zip(*(column.to_pylist() for column in encoded.columns), strict=True):
                if problem is not None:  # the first one in row order, whichever worker met one first
                    raise CurateError(problem, 1)
                lost.update(msgspec.json.decode(fields_lost))
                put([text] if as_text else text.split(b"\n"))
            progress(f"writing {out}", int(at[-1]) + 1, rows.num_rows)
    return lost


def _lines(batch: pa.Table, to: Format, fields: Callable[[pa.Table], list[dict[str, str]]] | None) -> pa.Table:
    """The lines of the rows that are kept, as one text for a few at a time, the fields lost, and what is refused."""
    kept_rows = batch.filter(batch[KEPT])
    texts: list[bytes] = []
    losses: list[bytes] = []
    problems: list[str | None] = []
    encoder = RowEncoder(to)
    for start in range(0, kept_rows.num_rows, subset.BATCH):
        part = kept_rows.slice(start, subset.BATCH)
        more_fields = fields(part) if fields else [{}] * part.num_rows
        try:
            files, numbers, records = (part[name].to_pylist() for name in subset.PLACED)
            rows, lost = subset.lines(files, numbers, records, encoder, more_fields)
        except CurateError as error:
            rows, lost = [], Counter()
            problems.append(str(error))
        else:
            problems.append(None)
        texts.append(b"\n".join(rows))
        losses.append(msgspec.json.encode(lost))
    types = {"text": (texts, pa.large_binary()), "lost": (losses, pa.binary()), "problem": (problems, pa.string())}
    return pa.table({name: pa.array(values, kind) for name, (values, kind) in types.items()})
