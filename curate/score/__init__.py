"""Scores of rows: each is one file, one formula, one source and one column of the table.

A score's file has `COLUMN`, which says what it is, and `values(rows)`, or `values(rows, options)` where it needs more
than the text, which gives one value a row.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Sequence
from types import ModuleType

import numpy as np
import pyarrow as pa

from curate.errors import CurateError
from curate.score.column import Column, of_field, of_table
from curate.score.options import Options
from curate.score.rows import Rows
from curate.table import take, valid

__all__ = ["GROUPS", "SCORES", "Column", "Options", "Rows", "add", "column", "names", "of_table", "score"]

# Groups of scores by what they need; each score is the module of its name in this package.
GROUPS = {
    "lexical": [
        "length",
        "prompt_length",
        "language",
        "script",
        "refusal",
        "truncated",
        "repetition",
        "echo",
        "fences",
        "mojibake",
        "special_tokens",
        "urls",
        "emails",
        "phones",
        "lexical_diversity",
        "readability",
    ],
    "embedding": ["relevance"],
    "model": ["ifd", "perplexity"],
    "judge": ["rating", "complexity", "quality"],
}
SCORES = [*GROUPS["lexical"], "profanity", "tokens", *GROUPS["embedding"], *GROUPS["model"], *GROUPS["judge"], "reward"]
BATCH = 2000


def names(given: str) -> list[str]:
    """The scores that a list such as `length,ifd` or `lexical,ifd` names, each once.

    Raises CurateError for a name that is none, with the nearest that is.
    """
    found: dict[str, None] = {}
    for name in filter(None, (part.strip() for part in given.split(","))):
        if name not in GROUPS and name not in SCORES:
            close = difflib.get_close_matches(name, [*SCORES, *GROUPS], 1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise CurateError(
                f"no score is called {name!r}; {hint}scores are {', '.join(SCORES)}; groups are {', '.join(GROUPS)}"
            )
        found.update(dict.fromkeys(GROUPS.get(name, [name])))
    if not found:
        raise CurateError(f"no score is named; scores are {', '.join(SCORES)}")
    return list(found)


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"curate.score.{name}")


def column(name: str, options: Options | None = None) -> Column:
    """What the score of this name is; with options, also by what it is made."""
    module = _module(name)
    made = module.made(options) if options is not None and hasattr(module, "made") else ""
    return Column(**{f: getattr(module.COLUMN, f) for f in Column.__struct_fields__ if f != "made"}, made=made)


def score(table: pa.Table, wanted: Sequence[str], options: Options | None = None) -> pa.Table:
    """The table with a column for each of these scores; null for rows without a record and for what cannot be measured.

    A column that the table already has from the same score, made the same way, is kept as it is.
    Raises CurateError where a model or endpoint that a score needs is missing.
    """
    options = options or Options()
    columns = [column(name, options) for name in wanted]
    missing = [c for c in columns if not _there(table, c)]
    positions = valid(table)
    if not missing:
        return table
    made: dict[str, list[pa.Array]] = {c.name: [] for c in missing}
    plain = [c for c in missing if not c.needs]
    for start in range(0, len(positions) if plain else 0, BATCH):
        rows = _rows(table, positions[start : start + BATCH])
        for c in plain:
            made[c.name].append(_array(_module(c.name).values(rows), c))
        options.progress("scores of the text", min(start + BATCH, len(positions)), len(positions))
    if len(plain) < len(missing):
        rows = _rows(table, positions)
        for c in missing:
            if c.needs:
                made[c.name] = [_array(_module(c.name).values(rows, options), c)]
    place = np.zeros(table.num_rows, np.int64)
    place[positions] = np.arange(len(positions))
    at = pa.array(place, mask=~table["record"].is_valid().to_numpy())
    for c in missing:
        table = add(table, c, pa.chunked_array(made[c.name], c.field().type).take(at))
    return table


def _rows(table: pa.Table, positions: np.ndarray) -> Rows:
    return Rows(*(take(table[name], positions) for name in ("prompt", "response", "record")))


def _array(values: Sequence | np.ndarray, described: Column) -> pa.Array:
    return pa.array(values, described.field().type, from_pandas=True)  # not a number is null


def add(table: pa.Table, described: Column, values: Sequence | np.ndarray | pa.ChunkedArray) -> pa.Table:
    """The table with a score's column, in place of any of the same name.

    Raises CurateError if the name is that of a column which is no score.
    """
    field = described.field()
    at = table.schema.get_field_index(described.name)
    array = values if isinstance(values, pa.ChunkedArray) else _array(values, described)
    if at < 0:
        return table.append_column(field, array)
    if of_field(table.schema.field(at)) is None:
        raise CurateError(f"the table has a column {described.name!r} that is no score of ours; rename it")
    return table.set_column(at, field, array)


def _there(table: pa.Table, wanted: Column) -> bool:
    at = table.schema.get_field_index(wanted.name)
    return at >= 0 and of_field(table.schema.field(at)) == wanted and table.column(at).null_count < table.num_rows
