"""Scores of rows that are on a Ray cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from curate.engine.rows import Rows
from curate.progress import silent
from curate.score import score as scores
from curate.score.column import Column
from curate.score.options import Judge, Options
from curate.table.table import TEXTS


def score(rows: Rows, wanted: Sequence[str], options: Options) -> Rows:
    """The rows with a column for each of these scores; see `curate.score.score.score`.

    Workers measure what depends on its row alone.  Scores that compare rows with one another are made here, and so are
    those of a judge, who is to be asked by one process at the pace that was set.
    """
    needed = scores.missing(rows.thin, wanted, options)
    there = [c for c in needed if scores.by_row(c) and c.needs != "judge"]
    here = [c for c in needed if c not in there]
    thin = rows.thin
    made: dict[str, pa.ChunkedArray] = {}
    if there:
        options.progress("scores on the cluster", 0, 1)
        sent = replace(options, progress=silent, judge=Judge())
        measured = rows.columns(_measured, TEXTS, there, sent)
        made = {c.name: measured[c.name] for c in there}
    if here:
        table = scores.score(rows.table(), [c.name for c in here], options)
        made |= {c.name: table[c.name] for c in here}
    for c in needed:
        thin = scores.add(thin, c, made[c.name])
    return rows.with_thin(thin)


def _measured(batch: pa.Table, columns: Sequence[Column], options: Options) -> pa.Table:
    return pa.table(scores.measure(batch, columns, options), schema=pa.schema([c.field() for c in columns]))
