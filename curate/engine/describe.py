"""What files hold, counted in parts on either engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from curate.engine.parts import FilePart
from curate.engine.rows import Engine
from curate.engine.unknown_data import unless_unknown
from curate.table.stats import TableCounts
from curate.table.table import part_batches

# Counts are passed on for so many rows at a time, about: they hold some bytes of each.
ROWS_AT_A_TIME = 100_000


def describe_files(sources: Sequence[str], format_name: str | None, engine: Engine) -> dict[str, Any]:
    """What the rows of files hold; see `TableCounts.description`.

    Args:
        sources: files of rows, tables and ledgers, or - for standard input.
        format_name: of the rows, `mixed` for any, None to detect it file by file.
        engine: where the work is done; the result is the same.

    Raises:
        CurateError: for a file that cannot be read, and for one of no known format if it is the only one.
    """
    counts = TableCounts()
    for part_counts in engine.each(_counts, engine.parts(sources, format_name), len(sources) > 1):
        counts.merge(part_counts)
    return counts.description()


def _counts(part: FilePart, goes_on: bool) -> Iterator[TableCounts]:
    """The counts of a part; if it `goes_on`, those of a source of no known format say why it was passed over."""
    return unless_unknown(_row_counts(part), goes_on, lambda why: TableCounts(unknown=[why]))


def _row_counts(part: FilePart) -> Iterator[TableCounts]:
    counts = TableCounts()
    for batch in part_batches(part.source, part.format_name, part.start, part.end):
        counts.add(batch)
        if counts.rows >= ROWS_AT_A_TIME:
            yield counts
            counts = TableCounts()
    yield counts
