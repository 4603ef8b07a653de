"""A condition as SQL: one expression over columns, checked by DuckDB's own parser before any row is read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from curate.errors import CurateError
from curate.extras import require

if TYPE_CHECKING:
    import duckdb

ROWS = "rows"
# What stands before a condition when it is parsed.
PREFIX = f"SELECT 1 FROM {ROWS} WHERE\n"
EXAMPLE = "quality >= 0.4 and not refusal"
# `refusal`, `not faulty`: read without a database.
_FLAG = re.compile(r"\s*(?P<negated>not\s+)?(?P<name>[a-z_]\w*)\s*", re.IGNORECASE | re.ASCII)
_NO_NAMES = {"true", "false", "null", "not"}
_NULL_BY_ZERO = ("ieee_floating_point_ops", "error_on_division_by_zero")
# The parts of a parsed SELECT that a single expression after WHERE leaves empty.
_OTHER_CLAUSES = ("modifiers", "group_expressions", "having", "sample", "qualify")


class Condition(NamedTuple):
    """One condition that rows must fulfil.

    Attributes:
        text: the SQL expression.
        columns: names of the columns that it reads, each once, as they are written.
        flag: what the only column must be, of `NAME` and `not NAME`; None for any other expression.
    """

    text: str
    columns: list[str]
    flag: bool | None = None


def connect() -> duckdb.DuckDBPyConnection:
    """A database in memory that reads no file and loads nothing; on one thread, so that rows keep their order.

    What is divided by zero is null in it, as in most databases, and not infinite, which would be above all numbers.

    Raises:
        CurateError: if DuckDB is not installed.
    """
    duckdb = require("duckdb", "filter", "a condition on rows")
    connection = duckdb.connect(config={"threads": "1", "autoinstall_known_extensions": "false"})
    connection.execute("SET enable_external_access = false")
    for setting in _NULL_BY_ZERO:
        # Versions before 2 lack the second one, and do not need it.
        with suppress(duckdb.CatalogException):
            connection.execute(f"SET {setting} = false")
    connection.execute("SET lock_configuration = true")
    return connection


def parse(texts: Iterable[str], connection: duckdb.DuckDBPyConnection | None) -> list[Condition]:
    """The conditions that these texts are.

    Args:
        texts: SQL expressions.
        connection: see `connect`; None will do where all of them are flags, see `of_flag`.

    Raises:
        CurateError: naming the text, if one is no SQL, more than one expression, or no matter of one row alone.
    """
    unsteady = {name for (name,) in connection.execute(_UNSTEADY).fetchall()} if connection else set()
    return [of_flag(text) or _parse(text, connection or connect(), unsteady) for text in texts]


def of_flag(text: str) -> Condition | None:
    """The condition `NAME` or `not NAME`, for which no database is needed; None for any other text."""
    match = _FLAG.fullmatch(text)
    if match is None or match["name"].lower() in _NO_NAMES:
        return None
    return Condition(text, [match["name"]], not match["negated"])


# Functions whose value is another one each time: what they keep cannot be made again.  Of those that are consistent
# within a query only, as `year` and `+` are by the time zone, those without arguments tell the time; so does `age`.
_UNSTEADY = """
    SELECT function_name FROM duckdb_functions() GROUP BY function_name HAVING function_name = 'age' OR bool_or(
        stability = 'VOLATILE' OR (stability = 'CONSISTENT_WITHIN_QUERY' AND len(parameters) = 0))
"""


def _parse(text: str, connection: duckdb.DuckDBPyConnection, unsteady: set[str]) -> Condition:
    query = f"{PREFIX}{text}\n"
    # Results are read to their end: the connection takes no other work before.
    [(answer,)] = connection.execute("SELECT json_serialize_sql(?)", [query]).fetchall()
    tree: dict[str, Any] = json.loads(answer)
    message = tree.get("error_message", "")
    statements = tree.get("statements", [])
    # "Only SELECT statements can be serialized": a second statement does something else.
    if tree["error"] and not message.startswith("Only SELECT"):
        before = int(tree.get("position") or 0) - len(PREFIX)
        place = f", character {before + 1}" if 0 < before < len(text) else ", at its end" if before > 0 else ""
        raise CurateError(f"condition {text!r}: {message}{place}; write SQL, as: {EXAMPLE}")
    node = statements[0]["node"] if len(statements) == 1 else {"type": "several"}
    if node["type"] != "SELECT_NODE" or any(node.get(name) for name in _OTHER_CLAUSES):
        raise CurateError(f"condition {text!r}: must be one expression, as: {EXAMPLE}")
    for part in _parts(node["where_clause"]):
        if part.get("class") in ("SUBQUERY", "STAR", "WINDOW"):
            what = {"SUBQUERY": "a query in a condition", "STAR": "`*`", "WINDOW": "a window"}[part["class"]]
            raise CurateError(f"condition {text!r}: {what} is not allowed; it must be told of each row by itself")
        if part.get("class") == "FUNCTION" and part["function_name"].lower() in unsteady:
            name = part["function_name"]
            raise CurateError(f"condition {text!r}: {name}() has another value each time; leave it out")
    return Condition(text, list(dict.fromkeys(_columns(node["where_clause"], frozenset()))))


def _parts(tree: Any) -> Iterator[dict]:
    """All parts of a parsed expression."""
    if isinstance(tree, dict):
        yield tree
    for value in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _parts(value)


def _columns(tree: Any, parameters: frozenset[str]) -> Iterator[str]:
    """Names of columns in a parsed expression; `parameters` are those of the lambdas around it."""
    if isinstance(tree, dict) and tree.get("class") == "COLUMN_REF":
        if tree["column_names"][0] not in parameters:
            yield tree["column_names"][0]
        return
    if isinstance(tree, dict) and tree.get("class") == "LAMBDA":
        parameters |= {name for part in _parts(tree["lhs"]) for name in part.get("column_names", ())}
    for value in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _columns(value, parameters)
