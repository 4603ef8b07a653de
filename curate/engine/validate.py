"""Files checked row by row, in parts, on either engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from curate.engine.parts import FilePart
from curate.engine.rows import Engine
from curate.engine.unknown_data import unless_unknown
from curate.io import count_lines
from curate.table.reading import read
from schemas.problems import Problem

# So many are passed on at a time where passing on costs something.
MOST_PROBLEMS = 10_000


class CheckedRows(msgspec.Struct, frozen=True):
    """Some rows that follow one another.

    Attributes:
        rows: how many.
        problems: of those that are not valid, in order, with file and row.
        lines: with the last rows of a part, how many lines the part has, for the row numbers of the next one; 0 for a
            whole file, None before the last rows.
        unknown: why the file was passed over; "" if it was read.
    """

    rows: int
    problems: list[Problem]
    lines: int | None = None
    unknown: str = ""


def validate(sources: Sequence[str], format_name: str | None, engine: Engine) -> Iterator[CheckedRows]:
    """All rows of the sources, checked against their format, in order.

    Args:
        sources: files, or - for standard input.
        format_name: of the rows, `mixed` for any, None to detect it file by file.
        engine: where the work is done; the result is the same.

    Raises:
        CurateError: for a source that cannot be read, and for one of no known format if it is the only one.
    """
    parts = engine.parts(sources, format_name)
    checked = engine.each(_checked, parts, bool(engine.item_bytes), len(sources) > 1)
    offset = 0
    for part in parts:
        if not part.start:
            offset = 0
        for block in checked:
            yield msgspec.structs.replace(block, problems=[p.at(p.file, p.row + offset) for p in block.problems])
            if block.lines is not None:
                offset += block.lines
                break


def _checked(part: FilePart, together: bool, goes_on: bool) -> Iterator[CheckedRows]:
    """The rows of a part, numbered from 1: those of each block, or as many as have MOST_PROBLEMS problems.

    Args:
        part: of a source.
        together: whether problems of several blocks are passed on together.
        goes_on: whether a source of no known format is passed over.
    """
    return unless_unknown(_checked_rows(part, together), goes_on, lambda why: CheckedRows(0, [], 0, why))


def _checked_rows(part: FilePart, together: bool) -> Iterator[CheckedRows]:
    rows = 0
    problems: list[Problem] = []
    for _, results in read(part.source, part.format_name, start=part.start, end=part.end):
        rows += len(results)
        problems += [result for result in results if type(result) is Problem]
        if not together or len(problems) >= MOST_PROBLEMS:
            yield CheckedRows(rows, problems)
            rows, problems = 0, []
    lines = 0 if part.end is None else count_lines(part.source, part.start, part.end)
    yield CheckedRows(rows, problems, lines)
