"""Conditions checked before rows are scored: names, types and functions, against the columns that there will be."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from curate.errors import CurateError
from curate.filter.columns import FAULTY, MEASURED, like, unknown_column, unmeasured
from curate.filter.condition import Condition, connect, parse
from curate.filter.where import ask, database
from curate.io import expand
from curate.score.registry import SCORES, column
from curate.table import table
from curate.table.reading import read

if TYPE_CHECKING:
    import duckdb

# Rows from the first one in which a field of the name of a score is looked for.
FIRST_ROWS = 1000


class ComingColumns(NamedTuple):
    """What conditions may name.

    Attributes:
        types: of the columns of the table that the inputs are read into, and of those that earlier steps add.
        files: the inputs.
        format_name: of their rows; detected if None.
        repair: whether rows are repaired when they are read.
    """

    types: Mapping[str, pa.DataType]
    files: Sequence[str]
    format_name: str | None
    repair: bool


def check_ahead(
    conditions: Sequence[str],
    inputs: Sequence[str],
    format_name: str | None = None,
    made: Mapping[str, pa.DataType] | None = None,
    repair: bool = False,
) -> None:
    """Check conditions before anything is measured, and before anything is read where they name columns alone.

    A name that is no column and no score must be a field of the rows; they are read until there is one.  Of inputs that
    can be read only once, such names and the types of such fields are left to `where.where`.

    Args:
        conditions: SQL expressions.
        inputs: files, folders, patterns or hub ids.
        format_name: of their rows; detected if None.
        made: columns that are there besides when the conditions are asked, with their types.
        repair: whether rows that can safely be repaired are, when they are read.

    Raises:
        CurateError: if DuckDB is missing, for a condition that is no SQL, names an unknown column, with the nearest
            ones, or is not true or false.
    """
    with database(conditions) as connection:
        parsed = parse(conditions, connection)
        if not parsed:
            return
        files = expand(map(str, inputs))
        coming = ComingColumns({**_table_types(files), **(made or {})}, files, format_name, repair)
        fields = _fields(parsed, coming)
        types: dict[str, pa.DataType | None] = {}
        for condition in parsed:
            for name in condition.columns:
                types[name] = _type(name, coming, fields)
        for condition in parsed:
            if condition.flag is None or types[condition.columns[0]] not in (None, pa.bool_(), pa.int8()):
                _check_types(condition, types, connection or connect())


def _table_types(files: Sequence[str]) -> dict[str, pa.DataType]:
    """The columns of the table that files are read into, with those of ledgers among them."""
    types = {field.name: field.type for field in table.SCHEMA}
    for file in files:
        schema = table.table_schema(file) if os.path.isfile(file) else None
        types |= {field.name: field.type for field in schema or ()}
    return types


def _fields(conditions: Sequence[Condition], coming: ComingColumns) -> set[str] | None:
    """Fields of the rows, all that conditions name among them if they are there; None where that cannot be told."""
    names = {name for condition in conditions for name in condition.columns}
    names = {name for name in names if like(name, coming.types) is None and name.lower() != FAULTY}
    if not names:
        return set()
    if not all(map(os.path.isfile, coming.files)):
        return None
    fields: set[str] = set()
    # A score of this name is likely meant, so that its absence among the first rows is enough.
    needed = {name for name in names if (score := like(name, SCORES)) is None or column(score).needs not in MEASURED}
    for number, found in enumerate(_fields_by_row(coming)):
        fields |= found
        if number >= FIRST_ROWS and all(like(name, fields) is not None for name in needed):
            break
    return fields


def _fields_by_row(coming: ComingColumns) -> Iterator[set[str]]:
    """The names of the fields of each valid row."""
    for file in coming.files:
        if table.is_table(file):
            for batch in table.batches([file]):
                whole = pa.Table.from_batches([batch])
                for record in table.records(whole, table.valid(whole)):
                    yield set(record.extra or ())
        else:
            for _, results in read(file, coming.format_name, repair=coming.repair):
                yield from (set(row.conversation.extra or ()) for row in results if hasattr(row, "conversation"))


def _type(name: str, coming: ComingColumns, fields: set[str] | None) -> pa.DataType | None:
    """The type of the column that a name will stand for; None where it is told by the rows."""
    own = like(name, coming.types)
    if own is not None:
        return coming.types[own]
    if name.lower() == FAULTY:
        return pa.bool_()
    if fields is None or like(name, fields) is not None:
        return None
    score = like(name, SCORES)
    if score is None:
        raise unknown_column(name, [*coming.types, FAULTY, *sorted(fields), *SCORES])
    if column(score).needs not in MEASURED:
        raise unmeasured(score)
    return column(score).field().type


def _check_types(
    condition: Condition, types: Mapping[str, pa.DataType | None], connection: duckdb.DuckDBPyConnection
) -> None:
    """Check that a condition fits the types of its columns; of one that names fields, only that its functions exist."""
    known = {name: types[name] for name in condition.columns}
    folded = {name.lower(): kind or pa.string() for name, kind in known.items()}
    # Of no row at all the database would not even look at constants.
    columns = pa.table({**{name: pa.nulls(1, kind) for name, kind in folded.items()}, "": pa.nulls(1)})
    try:
        ask(condition, columns, connection)
    except CurateError as error:
        if None not in known.values() or getattr(error, "unknown_function", False):
            raise CurateError(str(error)) from None
