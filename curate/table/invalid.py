"""The invalid rows of a table in words, so that no command leaves rows out without a word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from curate.errors import CurateError, no_rows
from curate.io.encoding import how_to_convert
from schemas.problems import CODES

# The code of rows that are not UTF-8.
ENCODING = "E002"


class InvalidRows(NamedTuple):
    """The rows of a table that have one problem.

    Attributes:
        code: of the problem.
        rows: how many there are.
        first: the place of the first one, and what was found there.
        file: of the first one.
    """

    code: str
    rows: int
    first: str
    file: str

    def plain(self) -> dict[str, object]:
        """For a summary in JSON."""
        return {"code": self.code, "rows": self.rows, "first": self.first}

    def __str__(self) -> str:
        return rejected(self.code, self.rows, self.first)


def rejected(code: str, rows: int, first: object) -> str:
    """Rows that were left out since they are invalid, as every command says it.

    Args:
        code: of their problem.
        rows: how many there are.
        first: the first one: file, row, JSON path and what was found.
    """
    return f"rejected {rows:,} for {code}, first {first}"


def invalid_rows(table: pa.Table) -> list[InvalidRows]:
    """The invalid rows of a table by their problems, in the order of the codes."""
    if "problem" not in table.column_names:
        return []
    counts = {str(count["values"]): count["counts"] for count in pc.value_counts(table["problem"]).to_pylist()}
    counts.pop("None", None)
    return [_of_code(table, code, counts[code]) for code in sorted(counts)]


def _of_code(table: pa.Table, code: str, rows: int) -> InvalidRows:
    position = pc.index(table["problem"], code).as_py()
    row = table.select(["file", "row", "problem_path", "problem_message"]).slice(position, 1).to_pylist()[0]
    first = f"{row['file']}:{row['row']}: {row['problem_path']}: {row['problem_message']}"
    return InvalidRows(code, rows, first, row["file"])


def check_any_valid(table: pa.Table, sources: Sequence[str]) -> None:
    """Check that there is anything to work on.

    Args:
        table: all rows of the sources.
        sources: the inputs, as they were named.

    Raises:
        CurateError: with code 1, if there is no row, or all of them are invalid.
    """
    if not table.num_rows:
        raise no_rows(sources)
    found = invalid_rows(table)
    if found and sum(problem.rows for problem in found) == table.num_rows:
        raise CurateError(f"{all_invalid(found)}. Nothing was written.", 1)


def all_invalid(found: Sequence[InvalidRows]) -> str:
    """What is said where all rows are invalid: how many have which problem, and the remedy of the commonest."""
    rows = sum(problem.rows for problem in found)
    what = "the only row is invalid" if rows == 1 else f"all {rows:,} rows are invalid"
    most = max(found, key=lambda problem: problem.rows)
    remedy = how_to_convert(most.file) if most.code == ENCODING else CODES[most.code].remedy
    of_code = f"for {most.code} " if len(found) > 1 else ""
    return f"{what}: {'; '.join(map(str, found))}; {of_code}{remedy}"
