"""Scores of rows: each is one file, one formula, one source and one column of the table.

A score's file has `COLUMN`, which says what it is, and `values(rows)`, or `values(rows, options)` where it needs more
than the text, which gives one value a row.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Sequence
from dataclasses import replace
from types import ModuleType

import numpy as np
import pyarrow as pa

from curate.errors import CurateError
from curate.progress import part
from curate.score.column import Column, of_field, of_table
from curate.score.options import Options
from curate.score.rows import Rows
from curate.table.spill import Spill

__all__ = [
    "GROUPS",
    "SCORES",
    "Column",
    "Options",
    "Rows",
    "add",
    "by_row",
    "column",
    "measure",
    "missing",
    "names",
    "of_table",
    "score",
]

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
# Of so many rows the texts are held at a time, and of so many of these the words.
AT_ONCE = 20_000
BATCH = 2000
# Above this, columns of scores go to a file.
HELD_BYTES = 128 << 20


def names(given: str) -> list[str]:
    """The scores that a list such as `length,ifd` or `lexical,ifd` names, each once.

    Raises:
        CurateError: for a name that is none, with the nearest that is.
    """
    found: dict[str, None] = {}
    # Not by `map`: that is the module of that name here, once it has been imported.
    for name in filter(None, (name.strip() for name in given.split(","))):
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
    return importlib.import_module(f"curate.score.metrics.{name}")


def column(name: str, options: Options | None = None) -> Column:
    """What the score of this name is; with options, also by what it is made."""
    module = _module(name)
    made = module.made(options) if options is not None and hasattr(module, "made") else ""
    return Column(**{f: getattr(module.COLUMN, f) for f in Column.__struct_fields__ if f != "made"}, made=made)


def by_row(column: Column) -> bool:
    """Whether a score's value depends on its row alone; one by an embedder compares the rows with one another."""
    return column.needs != "embedder"


def measure(batch: pa.Table, columns: Sequence[Column], options: Options | None = None) -> list[pa.Array]:
    """What each of these scores is for some rows: arrays of n values, as the columns' fields have them.

    Args:
        batch: n rows with `record`, `prompt` and `response`; null for those without a record and for what cannot be
            measured.
        columns: scores for which `by_row` holds.

    Raises:
        CurateError: where a model or endpoint that a score needs is missing.
    """
    options = options or Options()
    there = batch["record"].is_valid()
    texts = batch.select(["prompt", "response", "record"]).filter(there)
    made: dict[str, list[pa.Array]] = {c.name: [] for c in columns}
    plain = [c for c in columns if not c.needs]
    for start in range(0, texts.num_rows if plain else 0, BATCH):
        rows = _rows(texts.slice(start, BATCH))
        for c in plain:
            made[c.name].append(_array(_module(c.name).values(rows), c))
        options.progress("scores of the text", min(start + BATCH, texts.num_rows), texts.num_rows)
    if len(plain) < len(columns) and texts.num_rows:
        rows = _rows(texts)
        for c in columns:
            if c.needs:
                made[c.name] = [_array(_module(c.name).values(rows, options), c)]
    return [_spread(pa.chunked_array(made[c.name], c.field().type), there) for c in columns]


def missing(table: pa.Table, wanted: Sequence[str], options: Options) -> list[Column]:
    """Those of the scores that a table does not have yet, made in this way."""
    return [c for c in (column(name, options) for name in wanted) if not _there(table, c)]


def score(table: pa.Table, wanted: Sequence[str], options: Options | None = None) -> pa.Table:
    """The table with a column for each of these scores; null for rows without a record and for what cannot be measured.

    A column that the table already has from the same score, made the same way, is kept as it is.

    Raises:
        CurateError: where a model or endpoint that a score needs is missing.
    """
    options = options or Options()
    needed = missing(table, wanted, options)
    if not needed:
        return table
    made = _by_row(table, [c for c in needed if by_row(c)], options)
    for c in needed:
        if not by_row(c):
            there = table["record"].is_valid()
            rows = _rows(table.select(["prompt", "response", "record"]).filter(there))
            made[c.name] = pa.chunked_array([_spread(_array(_module(c.name).values(rows, options), c), there)])
    for c in needed:
        table = add(table, c, made[c.name])
    return table


def _by_row(table: pa.Table, columns: Sequence[Column], options: Options) -> dict[str, pa.ChunkedArray]:
    """The columns of scores that depend on their row alone, by name."""
    if not columns:
        return {}
    schema = pa.schema([c.field() for c in columns])
    parts = max(1, -(-table.num_rows // AT_ONCE))
    with Spill(schema, HELD_BYTES) as spill:
        for i in range(parts):
            # Parts of the same size: a short last one would tell too little of a judge that refuses all of it.
            begin, end = (table.num_rows * j // parts for j in (i, i + 1))
            given = replace(options, progress=part(options.progress, i / parts, (i + 1) / parts))
            made = measure(table.slice(begin, end - begin), columns, given)
            spill.add(pa.RecordBatch.from_arrays(made, schema=schema))
        found = spill.table()
    return {c.name: found[c.name] for c in columns}


def _rows(texts: pa.Table) -> Rows:
    return Rows(*(texts[name].to_pylist() for name in ("prompt", "response", "record")))


def _spread(values: pa.Array | pa.ChunkedArray, there: pa.ChunkedArray) -> pa.Array:
    """The values of the rows that are there, each at its row's place; null elsewhere."""
    mask = there.to_numpy()
    spread = values.take(pa.array(np.cumsum(mask) - 1, mask=~mask))
    return spread.combine_chunks() if isinstance(spread, pa.ChunkedArray) else spread


def _array(values: Sequence | np.ndarray, described: Column) -> pa.Array:
    return pa.array(values, described.field().type, from_pandas=True)  # not a number is null


def add(table: pa.Table, described: Column, values: Sequence | np.ndarray | pa.ChunkedArray) -> pa.Table:
    """The table with a score's column, in place of any of the same name.

    Raises:
        CurateError: if the name is that of a column which is no score.
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
