"""Rows on a Ray cluster to files: workers encode them, this process writes what they give, in row order."""

from __future__ import annotations

from collections import Counter

import msgspec
import numpy as np
import pyarrow as pa

from curate.engine.rows import Rows
from curate.errors import CurateError
from curate.io import writer
from curate.io.write import takes_text
from curate.progress import Progress, silent
from curate.score.beside import beside
from curate.score.column import of_table
from curate.table import subset
from curate.table.table import write_batches
from schemas.encode import RowEncoder
from schemas.row import Format

KEPT = "_kept"


def ledger(rows: Rows, path: str) -> None:
    """Write the table as `curate.table.table.write` does, with the same bytes."""
    write_batches(rows.whole(), rows.thin.schema, path)


def write(
    rows: Rows, positions: np.ndarray, out: str, to: Format, scores: bool = False, progress: Progress = silent
) -> Counter[str]:
    """Write these rows to `out` as `curate.table.subset.write` does, with the same bytes; gives the fields lost.

    Args:
        positions: (k,) of valid rows, ascending.
        scores: whether each row carries its scores.

    Raises:
        CurateError: naming the first row that does not fit the format.
    """
    kept = np.zeros(rows.num_rows, bool)
    kept[positions] = True
    held = rows.with_thin(rows.thin.append_column(KEPT, pa.array(kept)))
    columns = [*subset.PLACED, KEPT, *(of_table(rows.thin) if scores else ())]
    lost: Counter[str] = Counter()
    as_text = takes_text(out)
    with writer(out) as put:
        for at, made in held.gather(_lines, columns, to, scores, ordered=True):
            for text, without, problem in zip(*(column.to_pylist() for column in made.columns), strict=True):
                if problem is not None:  # the first one in row order, whoever came upon one first
                    raise CurateError(problem, 1)
                lost.update(msgspec.json.decode(without))
                put([text] if as_text else text.split(b"\n"))
            progress(f"writing {out}", int(at[-1]) + 1, rows.num_rows)
    return lost


def _lines(batch: pa.Table, to: Format, scores: bool) -> pa.Table:
    """The lines of the rows that are kept, as one text for some at a time, the fields lost, and what is refused."""
    some = batch.filter(batch[KEPT])
    texts: list[bytes] = []
    losses: list[bytes] = []
    problems: list[str | None] = []
    encoder = RowEncoder(to)
    for start in range(0, some.num_rows, subset.BATCH):
        part = some.slice(start, subset.BATCH)
        also = beside(part)(np.arange(part.num_rows)) if scores else [{}] * part.num_rows
        try:
            files, numbers, records = (part[name].to_pylist() for name in subset.PLACED)
            rows, lost = subset.lines(files, numbers, records, encoder, also)
        except CurateError as error:
            rows, lost = [], Counter()
            problems.append(str(error))
        else:
            problems.append(None)
        texts.append(b"\n".join(rows))
        losses.append(msgspec.json.encode(lost))
    types = {"text": (texts, pa.large_binary()), "lost": (losses, pa.binary()), "problem": (problems, pa.string())}
    return pa.table({name: pa.array(values, type) for name, (values, type) in types.items()})
