"""Scores of rows, on either engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from curate.engine.local_rows import as_rows
from curate.engine.rows import Rows
from curate.progress import Progress, part, silent
from curate.score import judge, texts
from curate.score.column import Column, add, is_there
from curate.score.combine import with_combined
from curate.score.measure import BatchProgress, measure
from curate.score.options import Score
from curate.score.registry import by_row, column, names
from curate.score.scoring import Scoring
from curate.table.spill import Spill

# Rows that are sent to a judge before the values are put away.
AT_ONCE = 20_000
# Above this, columns of scores are held in a file.
HELD_BYTES = 128 << 20


class Scored(NamedTuple):
    """Rows with their scores.

    Attributes:
        rows: the rows, with a column for each score.
        combined: what the column `score` is; None where nothing was combined.
    """

    rows: Rows
    combined: Column | None


def check(options: Score) -> None:
    """Check the options without looking at any row.

    Raises:
        CurateError: for an unknown score, and for none; for a file of words that cannot be read.
    """
    names(options.with_)
    if options.words:
        from curate.score.metrics.profanity import read_words

        read_words(options.words)


def score(
    rows: Rows | pa.Table,
    options: Score,
    embedder: str = "auto",
    cache: bool = True,
    progress: Progress = silent,
) -> Scored:
    """Rows with the scores that the options name, and with the column `score` that combines them.

    Args:
        rows: n rows; see `add_scores`.
        options: which scores, what they use, and how they are combined.
        embedder: for `relevance`, as `curate.models.embed.embed` takes it.
        cache: whether the answers of models and judges are kept on disk and taken from there.
        progress: called with what is being done, how much of it is done, and how much there is.

    Raises:
        CurateError: for an unknown score, rule or column, and where a model or endpoint that a score needs is missing.
    """
    scored = add_scores(rows, options, embedder, cache, progress)
    thin, combined = with_combined(scored.thin, options.combine, options.by)
    return Scored(scored.with_thin(thin), combined)


def add_scores(
    rows: Rows | pa.Table,
    options: Score,
    embedder: str = "auto",
    cache: bool = True,
    progress: Progress = silent,
) -> Rows:
    """Rows with a column for each score that the options name.

    Values are null for rows without a record, and where a row cannot be measured.  A column that is there from the same
    score, made the same way, is kept as it is.  Scores that depend on their row alone are measured where the rows lie.
    Those that compare rows with one another are measured here, and so are those of a judge, who is asked by one process
    at the pace that was set.

    Args:
        rows: n rows, valid ones and others.
        options: which scores, and what they use.
        embedder: see `score`.
        cache: see `score`.
        progress: see `score`.

    Raises:
        CurateError: for an unknown score, and where a model or endpoint that a score needs is missing.
    """
    rows = as_rows(rows)
    scoring = Scoring(options, embedder, cache, progress)
    wanted = [column(name, scoring) for name in names(options.with_)]
    missing = [described for described in wanted if not is_there(rows.thin, described)]
    if any(described.needs == "judge" for described in missing):
        judge.check(options.judge)
    here = [described for described in missing if not by_row(described) or described.needs == "judge"]
    values = _where_rows_lie(rows, [described for described in missing if described not in here], scoring)
    if here:
        values |= _values_in_process(rows.table(), here, scoring)
    thin = rows.thin
    for described in missing:
        thin = add(thin, described, values[described.name])
    return rows.with_thin(thin)


def _where_rows_lie(rows: Rows, columns: Sequence[Column], scoring: Scoring) -> dict[str, pa.ChunkedArray]:
    """Values of scores that depend on their row alone, by name."""
    if not columns:
        return {}
    progress = BatchProgress(scoring.progress, rows.num_rows)
    gathered = rows.gather(measure, texts.COLUMNS, columns, replace(scoring, progress=progress), ordered=True)
    return _spilled(_counted(gathered, progress), columns)


def _counted(gathered: Iterator[tuple[np.ndarray, pa.Table]], progress: BatchProgress) -> Iterator[pa.Table]:
    for positions, values in gathered:
        progress.done = int(positions[-1]) + 1
        progress("scores", 0, 1)
        yield values


def _values_in_process(table: pa.Table, columns: Sequence[Column], scoring: Scoring) -> dict[str, pa.ChunkedArray]:
    """Values of scores that are measured in this process, by name."""
    judged = [described for described in columns if by_row(described)]
    values = _spilled(_in_parts(table, judged, scoring), judged) if judged else {}
    compared = [described for described in columns if not by_row(described)]
    if compared:
        measured = measure(table, compared, scoring)
        values |= {described.name: measured[described.name] for described in compared}
    return values


def _in_parts(table: pa.Table, columns: Sequence[Column], scoring: Scoring) -> Iterator[pa.Table]:
    """Values of parts of the rows.

    The parts have the same size: a short last one would tell too little of a judge that refuses all of it.
    """
    count = max(1, -(-table.num_rows // AT_ONCE))
    for i in range(count):
        begin, end = (table.num_rows * j // count for j in (i, i + 1))
        progress = part(scoring.progress, i / count, (i + 1) / count)
        yield measure(table.slice(begin, end - begin), columns, replace(scoring, progress=progress))


def _spilled(tables: Iterator[pa.Table], columns: Sequence[Column]) -> dict[str, pa.ChunkedArray]:
    """The columns of tables that follow one another; in a file where they are large."""
    schema = pa.schema([described.field() for described in columns])
    with Spill(schema, HELD_BYTES) as spill:
        for table in tables:
            for batch in table.combine_chunks().to_batches():
                spill.add(batch)
        whole = spill.table()
    return {name: whole[name] for name in schema.names}
