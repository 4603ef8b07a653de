"""The values of scores for a batch of rows, in the process that has them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from curate.progress import Progress, silent
from curate.score import texts as row_texts
from curate.score.column import Column, array
from curate.score.registry import module
from curate.score.scoring import Scoring
from curate.score.texts import RowTexts

# Rows whose words are held at a time.
WORDS_AT_ONCE = 2000


class BatchProgress:
    """Reports how much of all rows is done, while batches of them are worked on.

    A copy that was sent to a worker of a cluster reports to nobody.

    Args:
        progress: is called with what is being done, the rows that are done, and all rows.
        rows: all rows, n.

    Attributes:
        done: rows of the batches that are done.
    """

    def __init__(self, progress: Progress, rows: int) -> None:
        self.progress, self.rows = progress, rows
        self.done = 0

    def __call__(self, what: str, done: float, of: float) -> None:
        """Report that `done` of the `of` rows of the batch in hand are done."""
        self.progress(what, self.done + min(done, of), self.rows)

    def __reduce__(self) -> tuple[type[BatchProgress], tuple[Progress, int]]:
        return BatchProgress, (silent, self.rows)


def measure(batch: pa.Table, columns: Sequence[Column], scoring: Scoring) -> pa.Table:
    """The values of these scores: a table of n rows with their columns.

    Args:
        batch: n rows with `record`, `prompt` and `response`. Values are null for rows without a record, and where a row
            cannot be measured.
        columns: scores for which `registry.by_row` holds, or, if the batch is all rows, any.
        scoring: what they use.

    Raises:
        CurateError: where a model or endpoint that a score needs is missing.
    """
    has_record = batch["record"].is_valid()
    rows = batch.select(row_texts.COLUMNS).filter(has_record)
    plain = [column for column in columns if not column.needs]
    values = _plain_values(rows, plain, scoring)
    if len(plain) < len(columns) and rows.num_rows:
        texts = RowTexts.of_table(rows)
        for column in columns:
            if column.needs:
                values[column.name] = [array(module(column.name).values(texts, scoring), column)]
    schema = pa.schema([column.field() for column in columns])
    chunked = (pa.chunked_array(values.get(field.name, []), field.type) for field in schema)
    return pa.table([spread(chunks, has_record) for chunks in chunked], schema=schema)


def _plain_values(rows: pa.Table, columns: Sequence[Column], scoring: Scoring) -> dict[str, list[pa.Array]]:
    """Values of scores that need the text alone, by the name of the score."""
    values: dict[str, list[pa.Array]] = {column.name: [] for column in columns}
    for start in range(0, rows.num_rows if columns else 0, WORDS_AT_ONCE):
        texts = RowTexts.of_table(rows.slice(start, WORDS_AT_ONCE))
        for column in columns:
            values[column.name].append(array(module(column.name).values(texts), column))
        scoring.progress("scores of the text", min(start + WORDS_AT_ONCE, rows.num_rows), rows.num_rows)
    return values


def spread(values: pa.Array | pa.ChunkedArray, has_value: pa.ChunkedArray) -> pa.Array:
    """(n,) values, each at its row's place; null elsewhere.

    Args:
        values: (k,) of the rows that have one, in order.
        has_value: (n,) true for k rows.
    """
    mask = has_value.to_numpy()
    indices = pa.array(np.cumsum(mask) - 1, mask=~mask)
    taken = values.take(indices)
    return taken.combine_chunks() if isinstance(taken, pa.ChunkedArray) else taken
