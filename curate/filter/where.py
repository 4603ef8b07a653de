"""Leave out the rows that do not fulfil conditions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from curate.engine.rows import Engine
from curate.errors import CurateError
from curate.filter.columns import NamedColumns
from curate.filter.condition import EXAMPLE, ROWS, Condition, connect, of_flag, parse
from curate.filter.database_error import condition_error, in_words
from curate.progress import Progress, silent
from curate.table.counting import FILTERED, rows_that_count
from curate.table.table import with_columns
from curate.text.counted import counted

if TYPE_CHECKING:
    import duckdb


# Types of an expression that is true or false; flags are numbers, 0 or 1.
LOGICAL = {"BOOLEAN", '"NULL"'}
FLAGS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT"}
# The list of a row's certain faults, and how many faults a sentence names.
FAULTS, MOST = "faults", 4


class FilterResult(NamedTuple):
    """Rows of which some were left out.

    Attributes:
        table: with the column `filtered_by`, and the scores that were measured for conditions.
        counts: for each condition, how many rows it left out, and how many of them because its value is null.
    """

    table: pa.Table
    counts: list[tuple[str, int, int]]

    @property
    def left(self) -> int:
        """How many rows no condition left out, nor an earlier step."""
        return len(rows_that_count(self.table, "unique"))

    @property
    def notes(self) -> list[str]:
        """A sentence on each condition."""
        notes = []
        for text, rows, unknown in self.counts:
            since = f", {unknown:,} of them since it is null" if unknown else ""
            notes.append(f"{text}: {counted(rows, 'row')} left out{since}")
        return notes + left_out_faults(self.table)


def left_out_faults(table: pa.Table) -> list[str]:
    """A sentence on the faults of the rows that were left out, none where they have none."""
    if FAULTS not in table.column_names or not pa.types.is_list(table[FAULTS].type):
        return []
    faults = table.filter(table[FILTERED].is_valid())[FAULTS].combine_chunks().flatten()
    counts = Counter(faults.to_pylist()).most_common(MOST)
    return ["faults of rows left out: " + ", ".join(f"{name} {count:,}" for name, count in counts)] if counts else []


def where(
    table: pa.Table,
    conditions: Sequence[str],
    embedder: str = "auto",
    progress: Progress = silent,
    workers: Engine | None = None,
) -> FilterResult:
    """The table with the rows that do not fulfil all conditions marked as left out.

    `filtered_by` is the first condition that a row does not fulfil, null for rows that fulfil all; a condition that is
    null is not fulfilled.  Rows that an earlier step has dropped are not looked at, and those that were filtered before
    remain so.

    Args:
        table: n rows.
        conditions: SQL expressions over the columns of the table, `faulty`, fields of the rows, and scores, which are
            measured where the table does not have them; see `columns.NamedColumns`.
        embedder: for scores that need one.
        progress: called with what is being done, how much of it is done, and how much there is.
        workers: where rows are measured; this process if None.

    Raises:
        CurateError: if DuckDB is not installed, for a condition that is not one SQL expression, for an unknown column
            with the nearest known one, and for values that a condition cannot be told of.
    """
    with database(conditions) as connection:
        parsed = parse(conditions, connection)
        positions = rows_that_count(table, "unique")
        named = NamedColumns(table, positions)
        remaining = np.arange(len(positions))
        reasons = _reasons_before(table)
        counts = []
        if len(positions):
            named.measure([name for condition in parsed for name in condition.columns], embedder, progress, workers)
        for i, condition in enumerate(parsed):
            progress("filtering", i, len(parsed))
            holds = _holds(condition, named.values(condition.columns, remaining), connection) if len(remaining) else []
            fulfilled = np.array([value is True for value in holds], bool)
            left_out = remaining[~fulfilled]
            for position in positions[left_out].tolist():
                reasons[position] = condition.text
            counts.append((condition.text, len(left_out), sum(value is None for value in holds)))
            remaining = remaining[fulfilled]
    return FilterResult(with_columns(named.table, **{FILTERED: pa.array(reasons, pa.string())}), counts)


def database(conditions: Sequence[str]) -> AbstractContextManager[duckdb.DuckDBPyConnection | None]:
    """The database that these conditions need; None where they are flags, so that a recipe's gate needs no extra."""
    return nullcontext() if all(map(of_flag, conditions)) else connect()


def _reasons_before(table: pa.Table) -> list[str | None]:
    return table[FILTERED].to_pylist() if FILTERED in table.column_names else [None] * table.num_rows


def _holds(condition: Condition, columns: pa.Table, connection: duckdb.DuckDBPyConnection | None) -> list[bool | None]:
    """(m,) whether the condition holds in each row of the columns that it names; None where it is null."""
    if condition.flag is not None:
        values = columns[condition.columns[0]]
        if pa.types.is_boolean(values.type) or pa.types.is_int8(values.type):
            flags = values.cast(pa.bool_()).to_pylist()
            return [None if value is None else value is condition.flag for value in flags]
    return ask(condition, columns, connection or connect())


def ask(condition: Condition, columns: pa.Table, connection: duckdb.DuckDBPyConnection) -> list[bool | None]:
    """What the database has of a condition, as `_holds` has it of any."""
    bind(condition, columns, connection)
    expression = f"(\n{condition.text}\n)"
    with _registered(condition, columns, connection, 1):
        # A number is a flag where it is 0 or 1 in all rows.
        others = f"SELECT value FROM (SELECT {expression} AS value FROM {ROWS}) WHERE value NOT IN (0, 1) LIMIT 1"
        kind = _type(condition, connection)
        no_flag = connection.execute(others).fetchall() if kind in FLAGS else []
        if no_flag:
            raise _no_condition(condition, f"{in_words(kind)} ({no_flag[0][0]} in a row)")
        answers = connection.execute(f"SELECT CAST({expression} AS BOOLEAN) FROM {ROWS}").fetchall()
    return [answer for (answer,) in answers]


def bind(condition: Condition, columns: pa.Table, connection: duckdb.DuckDBPyConnection) -> None:
    """Check a condition against columns, of which no row is looked at.

    Args:
        condition: the condition.
        columns: those that it names, of the types that they have.
        connection: see `condition.connect`.

    Raises:
        CurateError: for an unknown function, types that do not fit, an aggregate, and what is not true or false.
    """
    with _registered(condition, columns, connection, 2):
        # WHERE is bound first: it takes no aggregate.
        connection.execute(f"EXPLAIN SELECT 1 FROM {ROWS} WHERE (\n{condition.text}\n)").fetchall()
        kind = _type(condition, connection)
    if kind not in LOGICAL | FLAGS:
        raise _no_condition(condition, in_words(kind))


@contextmanager
def _registered(
    condition: Condition, columns: pa.Table, connection: duckdb.DuckDBPyConnection, code: int
) -> Iterator[None]:
    """The rows that the database has meanwhile; its errors name the condition.  `code` is for data that do not fit."""
    import duckdb

    connection.register(ROWS, columns)
    try:
        yield
    except duckdb.Error as error:
        described = connection.execute(f"DESCRIBE {ROWS}").fetchall()
        kinds = [(name, kind) for name, kind, *_ in described if name in condition.columns]
        code = code if isinstance(error, duckdb.DataError) else 2
        raise condition_error(condition.text, str(error), kinds, code) from None
    finally:
        connection.unregister(ROWS)


def _type(condition: Condition, connection: duckdb.DuckDBPyConnection) -> str:
    """The type of a condition over the rows that the database has."""
    described = connection.execute(f"DESCRIBE SELECT (\n{condition.text}\n) AS value FROM {ROWS}").fetchall()
    return described[0][1]


def _no_condition(condition: Condition, what: str) -> CurateError:
    return CurateError(f"condition {condition.text!r}: is {what}, not true or false; write it as: {EXAMPLE}")
