"""Selection: an order of rows whose first n are the selection of size n, and for every row why."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from curate.engine.local_rows import as_rows
from curate.engine.rows import Rows, Workers
from curate.progress import Progress, silent
from curate.select import balance, categories, lima, reasons
from curate.select.arrange import LOOKS_AT_QUALITY, NEEDS_VECTORS, Arranged, arrange
from curate.select.candidates import Candidates, candidates_of
from curate.select.options import Select, by_name, check
from curate.select.pool import MethodContext, Pool
from curate.select.quality import Quality, row_quality
from curate.table.ledger import with_rank
from curate.table.quality_column import default_quality
from curate.table.table import with_columns
from curate.text.counted import counted


class Selection(NamedTuple):
    """The rows selected, and what there is to say of them.

    Attributes:
        order: (k,) int64 table positions, best first.
        shortfalls: groups and quotas that had not enough rows, with (rows asked for, rows there).
        notes: sentences on the balance, how texts were embedded, where quality came from and what is known of the
            result.
        columns: what to add to the table as ledger; see `reasons.columns`.
        below: how many rows are under the floor of quality.
        balance: the columns that the options balance by, `auto` decided.
        spare: how many rows could have been chosen and were not.
    """

    order: np.ndarray
    shortfalls: dict[str, tuple[int, int]]
    notes: list[str]
    columns: dict[str, pa.Array]
    below: int
    balance: str | None
    spare: int

    def ledger(self, table: pa.Table) -> pa.Table:
        """The table with rank and reasons, in place of those of an earlier selection."""
        earlier = [name for name in table.column_names if name.startswith("select_")]
        return with_columns(with_rank(table.drop_columns(earlier), self.order), **self.columns)

    def messages(self, options: Select) -> list[str]:
        """All that a user should know, a sentence each: the notes, and where rows were not enough."""
        messages = list(self.notes)
        complete = len(self.order) >= options.size
        for group, (wanted, got) in self.shortfalls.items():
            number = f"{'at least ' if _is_minimum(options, group, wanted) else ''}{wanted:,}"
            rest = "; the rest came from the other groups" if complete else ""
            messages.append(f"{group}: not enough rows, {got:,} of {number}{rest}")
        if self.below:
            messages.append(f"{counted(self.below, 'row is', 'rows are')} below the floor of quality")
        if not complete:
            limits = ["quotas"] * bool(options.quotas) + ["maxima"] * (options.max not in ({}, None))
            allowed = f"the {' and '.join(limits)} allow no more"
            why = allowed if limits and self.spare else "not enough rows to choose from"
            why += " (--floor 0 takes those below the floor too)" if self.below else ""
            messages.append(f"{counted(len(self.order), 'row')}, not the {options.size:,} asked for: {why}")
        return messages


def _is_minimum(options: Select, group: str, number: int) -> bool:
    minima = by_name(options.min)
    return group not in options.quotas and number == minima.get(group, minima.get(""))


def choose(
    rows: pa.Table | Rows,
    options: Select,
    seed: int = 0,
    embedder: str = "auto",
    vectors: np.ndarray | None = None,
    progress: Progress = silent,
    workers: Workers | None = None,
) -> Selection:
    """The best rows, in order, among those that are valid and no duplicates.

    A pool smaller than the size gives what it has.  The order does not depend on that of the rows.

    Args:
        rows: n rows, valid or not.
        options: size, method, balance and all else.
        seed: of random choices.
        embedder: of texts, see `curate.models.embed.embed`.
        vectors: (n, d) float32 of unit length; made by the embedder if None and needed.
        progress: called with what is being done, how much of it is done, and how much there is.
        workers: where texts are embedded and parts of a large pool are ordered; this process if None.

    Raises:
        CurateError: for options outside their limits, an unknown column or group, and quotas that do not fit the size.
    """
    check(options)
    table = as_rows(rows).table()
    candidates = candidates_of(table)
    options, notes = balance.with_balance(options, candidates.columns)
    notes += _bad_answers(candidates.bad)
    balanced_by = options.balance
    graded = row_quality(candidates.columns, candidates.records, options.quality or _default_quality(candidates))
    if options.method == "lima":
        options = lima.completed(options, candidates.columns, graded.gate > 0)
    notes += [graded.about(options.floor)] if options.quality or options.method in LOOKS_AT_QUALITY else []
    added: dict[str, pa.Array] = {}
    if options.assign_categories:
        candidates, added, note = categories.with_categories(candidates, embedder)
        notes += [note] if note else []
    inside, below, floor = _by_floor(candidates, graded, options.floor)
    if options.floor not in (None, 0, "auto") and graded.values is None and options.method != "lima":
        notes.append("there is no quality to apply the floor to")
    pool = candidates.take(inside)
    if _needs_vectors(options):
        vectors, note = _vectors(pool, vectors, embedder, progress, workers)
        notes[:0] = [note] if note else []
    else:
        vectors = None
    low = None if graded.values is None else graded.values[below]
    if graded.values is not None:
        graded = graded._replace(values=graded.values[inside])
    arranged, columns = _arranged(pool, vectors, graded, MethodContext(options, seed, workers))
    added |= columns
    if low is not None and len(below):
        added = reasons.with_floor(added, candidates.take(below), low, floor)
    order = pool.positions[arranged.order]
    notes += arranged.notes
    spare = len(pool.positions) - len(order)
    return Selection(order, arranged.shortfalls, notes, added, len(below), balanced_by, spare)


def _bad_answers(rows: int) -> list[str]:
    """What is said of rows whose answer is labelled as bad."""
    told = f"{counted(rows, 'row has', 'rows have')} an answer that is labelled as bad and is never selected"
    return [told] if rows else []


def order(
    rows: pa.Table | Rows,
    options: Select,
    seed: int = 0,
    embedder: str = "auto",
    vectors: np.ndarray | None = None,
) -> np.ndarray:
    """The order alone; see `choose`."""
    return choose(rows, options, seed, embedder, vectors).order


def _by_floor(
    candidates: Candidates, quality: Quality, floor: float | str | None
) -> tuple[np.ndarray, np.ndarray, float]:
    """Places of the candidates whose quality is not below the floor, of those below it, ascending, and its value."""
    places = np.arange(len(candidates.positions))
    above, value = quality.inside(floor)
    return (places, places[:0], value) if above is None else (places[above], places[~above], value)


def _default_quality(candidates: Candidates) -> str | None:
    """What says how good the candidates are if nothing is named; see `quality_column.default_quality`."""
    return default_quality(candidates.columns, candidates.table["record"], lambda: candidates.records)


def _needs_vectors(options: Select) -> bool:
    return options.method in NEEDS_VECTORS or balance.CLUSTER in balance.names(options.balance)


def _vectors(
    pool: Candidates, vectors: np.ndarray | None, embedder: str, progress: Progress, workers: Workers | None
) -> tuple[np.ndarray, str]:
    """((n, d) vectors of the pool, a sentence on how they were made); those of the table if it has them."""
    if vectors is not None:
        return np.ascontiguousarray(vectors[pool.positions], np.float32), ""
    from curate.models.embed import embed_table

    return embed_table(pool.table, embedder, pool.positions, progress=progress, workers=workers)


def _arranged(
    pool: Candidates, vectors: np.ndarray | None, quality: Quality, context: MethodContext
) -> tuple[Arranged, dict[str, pa.Array]]:
    """The order of the pool, and the columns that say why."""
    options = context.options
    labels = balance.labels(pool, balance.names(options.balance), vectors, options.clusters, context.seed)
    for_method = vectors if options.method in NEEDS_VECTORS else None
    arranged = arrange(Pool(for_method, quality.values, pool.hashes, full=quality.full), labels, context)
    like = None if vectors is None else reasons.nearest(vectors, arranged.order)
    return arranged, reasons.columns(pool, arranged, labels, quality.values, like)
