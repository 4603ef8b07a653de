"""Which part of a condition leaves no row: `a and b` is told apart into a and b."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.filter.columns import NamedColumns
from curate.filter.condition import PREFIX, Condition, connect, of_flag, parse
from curate.filter.where import ask
from curate.table.counting import FILTERED

if TYPE_CHECKING:
    import duckdb


def conjuncts(condition: Condition, connection: duckdb.DuckDBPyConnection) -> list[Condition]:
    """The parts that a condition joins by `and`; none for one that joins nothing."""
    tree = json.loads(connection.execute("SELECT json_serialize_sql(?)", [PREFIX + condition.text]).fetchall()[0][0])
    node = tree["statements"][0]["node"]
    whole = node["where_clause"]
    if whole["type"] != "CONJUNCTION_AND":
        return []
    texts = []
    for part in whole["children"]:
        node["where_clause"] = part
        [(query,)] = connection.execute("SELECT json_deserialize_sql(?::JSON)", [json.dumps(tree)]).fetchall()
        texts.append(query.partition(" WHERE ")[2])
    return parse(texts, connection)


def why_no_row(table: pa.Table) -> list[str]:
    """A sentence on each condition of several parts that left out rows: in how many of them each part holds.

    Args:
        table: with `filtered_by`, and all columns that the conditions name.
    """
    texts = table[FILTERED].drop_null().unique().to_pylist()
    return [sentence for text in texts if (sentence := _why(table, text))]


def _why(table: pa.Table, text: str) -> str:
    if of_flag(text):  # told without a database, which may not be installed
        return ""
    connection = connect()
    [condition] = parse([text], connection)
    parts = conjuncts(condition, connection)
    positions = np.flatnonzero(pc.fill_null(pc.equal(table[FILTERED], text), False).to_numpy())
    if not parts:
        return ""
    try:
        columns = NamedColumns(table, positions).values(condition.columns, np.arange(len(positions)))
    except KeyError:  # a condition of an earlier run, whose scores were not kept
        return ""
    holds = {_shown(part.text): ask(part, columns, connection).count(True) for part in parts}
    never = [f"`{part}`" for part, count in holds.items() if not count]
    if never:
        return f"{text}: {' and '.join(never)} {'hold' if len(never) > 1 else 'holds'} in no row of {len(positions):,}"
    return f"{text}: no row of {len(positions):,} fulfils all parts; " + ", ".join(
        f"`{part}` holds in {count:,}" for part, count in holds.items()
    )


def _shown(text: str) -> str:
    """A part as people write it: the database writes `like` as signs, and some names in quotes."""
    text = text[1:-1] if text.startswith("(") else text
    return re.sub(r'"(\w+)"', r"\1", text.replace(" !~~ ", " not like ").replace(" ~~ ", " like "))
