"""Tokens of records and of files, counted as `curate train` makes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from curate.engine.parts import FilePart
from curate.engine.rows import Engine
from curate.engine.unknown_data import unless_unknown
from curate.io import count_lines
from curate.models import language_model
from curate.models.masking import DroppedRow, masked, resolve
from curate.progress import Progress, silent
from curate.table.table import part_batches
from curate.tokens.counts import TokenCounts
from curate.tokens.options import TokenOptions
from curate.tokens.row import parts
from schemas.reasoning import chosen
from schemas.record import loads

# Rows that are tokenized at a time.
BATCH = 500


class PartCounts(msgspec.Struct, frozen=True):
    """Counts of some rows of a part of a file.

    Attributes:
        counts: of rows that are numbered from the beginning of the part.
        lines: with the last rows of a part, how many lines the part has; None before.
    """

    counts: TokenCounts
    lines: int | None = None


def count_files(
    sources: Sequence[str],
    format_name: str | None,
    options: TokenOptions,
    engine: Engine,
    progress: Progress = silent,
    rows: int = 0,
) -> TokenCounts:
    """The tokens of all valid rows of files, which are read once more, block by block.

    Args:
        sources: files of rows, tables and ledgers; those of no known format are passed over if there are several.
        format_name: of the rows, `mixed` for any, None to detect it file by file.
        options: the model, and how a run would use it.
        engine: where the work is done; the result is the same.
        progress: called with how many rows are counted.
        rows: how many valid ones there are, for the progress.

    Raises:
        CurateError: for a file or model that cannot be read, and a template that is unknown.
    """
    check(options)
    file_parts = engine.parts(sources, format_name)
    counted = engine.each(_counts, file_parts, options, len(sources) > 1)
    total, offset = TokenCounts(), 0
    for part in file_parts:
        offset = offset if part.start else 0
        for some in counted:
            some.counts.untrained = [
                msgspec.structs.replace(row, row=row.row + offset) for row in some.counts.untrained
            ]
            total.merge(some.counts)
            if some.counts.rows:
                progress("counting tokens", total.rows, max(rows, total.rows))
            if some.lines is not None:
                offset += some.lines
                break
    return total


def check(options: TokenOptions) -> None:
    """Check that the model has a tokenizer that masks can be made with, and that there is such a template.

    Raises:
        CurateError: if not.
    """
    next(masked([], _tokenizer(options.model), options.template), None)


def add(counts: TokenCounts, rows: pa.Table | pa.RecordBatch, options: TokenOptions) -> None:
    """Count the valid rows of a table.

    Args:
        counts: that they are added to.
        rows: with the columns file, row and record.
        options: the model, and how a run would use it.
    """
    tokenizer = _tokenizer(options.model)
    template = resolve(options.template, tokenizer)
    columns = [rows[name].to_pylist() for name in ("file", "row", "record")]
    valid = [place for place in zip(*columns, strict=True) if place[2] is not None]
    for start in range(0, len(valid), BATCH):
        places = valid[start : start + BATCH]
        records = [chosen(loads(text), options.reasoning) for _, _, text in places]
        for (file, number, _), record, row in zip(
            places, records, masked(records, tokenizer, options.template), strict=True
        ):
            kinds = np.zeros(0, np.int8) if isinstance(row, DroppedRow) else parts(row, record, tokenizer, template)
            counts.add(file, number, row, kinds, options.max_length)


def _counts(part: FilePart, options: TokenOptions, goes_on: bool) -> Iterator[PartCounts]:
    """The counts of a part; if it `goes_on`, a source of no known format has none."""
    return unless_unknown(_part_counts(part, options), goes_on, lambda _: PartCounts(TokenCounts(), 0))


def _part_counts(part: FilePart, options: TokenOptions) -> Iterator[PartCounts]:
    for batch in part_batches(part.source, part.format_name, part.start, part.end):
        counts = TokenCounts()
        add(counts, batch, options)
        yield PartCounts(counts)
    lines = 0 if part.end is None else count_lines(part.source, part.start, part.end)
    yield PartCounts(TokenCounts(), lines)


@lru_cache(maxsize=1)  # a file comes in many batches
def _tokenizer(model: str | None) -> Any:
    assert model is not None  # no command counts tokens without a model
    return language_model.load_tokenizer(model)
