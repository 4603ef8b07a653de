"""The texts that count of rows, read batch by batch, so that the rows are never held as text at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.dedup.distinct_texts import DistinctTexts
from curate.engine.rows import Rows
from curate.table.table import take
from curate.text.chinese import simplified
from curate.text.key_texts import check_key, key_texts
from schemas.record import loads

BATCH = 10_000
# Keys whose one text is a column of the table.
COLUMNS = {"prompt": "prompt", "response": "response"}
# The column that says where the numbers of a row's texts begin.
FIRST = "_first"


def table_texts(table: pa.Table, positions: np.ndarray, key: str) -> Iterator[list[str]]:
    """The texts that count of the rows at these positions, row by row.

    Args:
        table: in this process.
        positions: (k,) of valid rows.
        key: one of `key_texts.KEYS`.

    Raises:
        CurateError: for an unknown key.
    """
    check_key(key)
    for start in range(0, len(positions), BATCH):
        batch = positions[start : start + BATCH]
        if key in COLUMNS:
            yield from ([text] for text in take(table[COLUMNS[key]], batch))
        else:
            yield from (key_texts(loads(text), key) for text in take(table["record"], batch))


class ComparedTexts:
    """What counts of each valid row as one text, in simplified characters where OpenCC is there; read anew each time.

    Args:
        rows: wherever they are.
        key: conversation or prompt.
    """

    def __init__(self, rows: Rows, key: str = "conversation") -> None:
        self._rows, self._key = rows, key

    def __iter__(self) -> Iterator[str]:
        for _, batch in self._rows.gather(_compared_batch, ["record"], self._key, ordered=True):
            yield from batch["text"].to_pylist()


def _compared_batch(batch: pa.Table, key: str) -> pa.Table:
    records = batch["record"].drop_null().to_pylist()
    texts = [simplified(key_texts(loads(text), key)[0]) for text in records]
    return pa.table({"text": pa.array(texts, pa.large_string())})


def with_text_numbers(pools: Sequence[Rows], texts: DistinctTexts) -> Iterator[Rows]:
    """Each pool with a column FIRST, for `numbered_texts`: -1 for rows of which no text is chosen.

    Args:
        pools: rows that follow one another.
        texts: their distinct texts.
    """
    start = 0
    chosen = texts.rows[texts.chosen]
    for rows in pools:
        place = np.arange(start, start + rows.num_rows)
        first = np.searchsorted(texts.rows, place)
        at = np.searchsorted(chosen, place)
        has_any = np.searchsorted(chosen, place, side="right") > at
        yield rows.with_thin(rows.thin.append_column(FIRST, pa.array(np.where(has_any, first, -1))))
        start += rows.num_rows


def text_columns(key: str) -> list[str]:
    """The columns that `numbered_texts` reads."""
    return [COLUMNS.get(key, "record"), FIRST]


def numbered_texts(batch: pa.Table, key: str, numbers: np.ndarray) -> Iterator[tuple[int, str]]:
    """The chosen texts of a batch with their numbers, in row order.

    Args:
        batch: with the columns of `text_columns`.
        key: one of `key_texts.KEYS`.
        numbers: of all texts, see `DistinctTexts.numbers`.
    """
    batch = batch.filter(pc.greater_equal(batch[FIRST], 0))
    values, first = batch[COLUMNS.get(key, "record")].to_pylist(), batch[FIRST].to_numpy()
    if key == "exchange":
        yield from _numbered_exchanges(values, first.tolist(), numbers)
        return
    texts = values if key in COLUMNS else (key_texts(loads(record), key)[0] for record in values)
    yield from zip(numbers[first].tolist(), texts, strict=True)


def _numbered_exchanges(records: Sequence[str], first: Sequence[int], numbers: np.ndarray) -> Iterator[tuple[int, str]]:
    for record, at in zip(records, first, strict=True):
        texts = [text for text in key_texts(loads(record), "exchange") if text.strip()]
        for number, text in zip(numbers[at : at + len(texts)].tolist(), texts, strict=True):
            if number >= 0:
                yield number, text


def chosen_texts(pools: Sequence[Rows], key: str, texts: DistinctTexts) -> Iterator[str]:
    """The text of each distinct text, in the order in which rows are read; `DistinctTexts.order` says which is which.

    Args:
        pools: rows that follow one another.
        key: one of `key_texts.KEYS`.
        texts: their distinct texts.
    """
    numbers = texts.numbers()
    for rows in with_text_numbers(pools, texts):
        for _, batch in rows.gather(_chosen_batch, text_columns(key), key, numbers, ordered=True):
            yield from batch["text"].to_pylist()


def _chosen_batch(batch: pa.Table, key: str, numbers: np.ndarray) -> pa.Table:
    return pa.table({"text": pa.array([text for _, text in numbered_texts(batch, key, numbers)], pa.large_string())})
