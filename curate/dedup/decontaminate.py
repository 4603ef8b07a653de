"""Rows that hold text of evaluation files: word for word, near-duplicates of an item, or close in meaning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.dedup import keys
from curate.dedup.hits import BATCH, HELD_BYTES, METHODS, SCHEMA, Hits, hits
from curate.dedup.mark import ELSEWHERE, check
from curate.dedup.overlap import NGRAM, SHORTEST, Items
from curate.errors import CurateError
from curate.progress import Progress, part, silent
from curate.table.ledger import CONTAMINATED
from curate.table.spill import Spill
from curate.table.table import ROW_GROUP, valid, with_columns
from schemas.record import loads

SPOKEN = ("user", "assistant", "tool")
# Rows whose texts are held at a time.
AT_ONCE = 8192
MARKS = pa.schema(
    [
        ("contaminated_by", pa.string()),
        ("contamination_method", pa.string()),
        ("contamination_similarity", pa.float32()),
        ("contamination_text", pa.string()),
    ]
)


class Found(NamedTuple):
    """Attributes:
    table: with its contamination columns.
    hits: what was found.
    notes: how it was looked for.
    """

    table: pa.Table
    hits: Hits
    notes: list[str]


def decontaminate(
    table: pa.Table,
    items: pa.Table,
    ngram: int | None = NGRAM,
    near_at: float | None = None,
    semantic_at: float | None = None,
    embedder: str = "auto",
    flag: bool = False,
    share: float = 0,
    progress: Progress = silent,
) -> Found:
    """The table with the rows marked that share text with evaluation items.

    Columns: contaminated_by (file:row of the item), contamination_method, contamination_similarity and
    contamination_text, by the first method that hits in the order ngram, near, semantic.

    Args:
        ngram: so many words (characters in scripts without spaces) in a row of an item's prompts or answers; None looks
            for none.
        share: part of the item's n-grams that a row must have; 0 asks for one. System prompts of items do not count:
            they are no secret and shared by many.
        near_at: Jaccard and cosine similarity of whole conversations from which on a row is a hit.
        semantic_at: see `near_at`.
        flag: mark rows only; else they count as set aside (`duplicate_of` is ELSEWHERE).
        progress: called with what is being done, how much of it is done, and how much there is.

    Raises:
        CurateError: for thresholds that are none, and if there is no item.
    """
    check(near_at, semantic_at)
    if ngram is not None and ngram < 2:
        raise CurateError(f"--ngram is {ngram}; it must be at least 2")
    tests = valid(items)
    if not len(tests):
        raise CurateError("the evaluation files hold no valid row; see `curate validate`", 1)
    found: list[pa.Table] = []
    notes: list[str] = []
    if ngram is not None:
        index = Items((texts for _, texts in turns(items, SPOKEN)), ngram)
        found.append(_overlaps(table, index, tests, share, part(progress, 0, 0.5)))
        few = f"; {index.short:,} have fewer than {min(SHORTEST, ngram)} and are not looked for" if index.short else ""
        notes.append(f"{len(tests):,} evaluation rows looked for by {ngram} words or characters in a row{few}")
    if near_at is not None or semantic_at is not None:
        more, how = _alike(table, items, tests, near_at, semantic_at, embedder, part(progress, 0.5, 1))
        found += more
        notes += how
    ordered = hits(found)
    return Found(_marked(table, items, ordered, flag), ordered, notes)


def turns(rows: pa.Table, roles: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """The position of each valid row, and the texts of its turns of these roles."""
    for start in range(0, rows.num_rows, AT_ONCE):
        for i, text in enumerate(rows["record"].slice(start, AT_ONCE).to_pylist(), start):
            if text is not None:
                yield i, [turn.content for turn in loads(text).messages if turn.role in roles and turn.content]


def overlapping(batch: pa.Table, index: Items, share: float = 0) -> pa.RecordBatch:
    """The hits, in `hits.SCHEMA`, of the rows of a batch that have n-grams of an item.

    Args:
        batch: k rows with `record`; `row` of a hit is a place in it, `item` a place in the index.
        share: part of the item's n-grams that a row must have; 0 asks for one.
    """
    said = list(turns(batch, ("system", *SPOKEN)))
    found = [o for o in index.overlaps([texts for _, texts in said]) if o.share >= share]
    columns = (
        [said[o.row][0] for o in found],
        [o.item for o in found],
        [METHODS.index("ngram")] * len(found),
        [o.share for o in found],
        [o.text for o in found],
    )
    arrays = [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _overlaps(table: pa.Table, index: Items, tests: np.ndarray, share: float, progress: Progress) -> pa.Table:
    some = table.select(["record"])
    with Spill(SCHEMA, HELD_BYTES) as spill:
        for start in range(0, table.num_rows, AT_ONCE):
            found = overlapping(some.slice(start, AT_ONCE), index, share)
            rows = pa.array(found["row"].to_numpy() + start)
            spill.add(found.set_column(0, "row", rows).set_column(1, "item", pa.array(tests[found["item"].to_numpy()])))
            progress("looking for n-grams", min(start + AT_ONCE, table.num_rows), table.num_rows)
        return spill.table()


def _alike(
    table: pa.Table,
    items: pa.Table,
    tests: np.ndarray,
    near_at: float | None,
    semantic_at: float | None,
    embedder: str,
    progress: Progress,
) -> tuple[list[pa.Table], list[str]]:
    """Hits by the similarity of whole conversations; of several items the most similar one."""
    rows = valid(table)
    said = ["\n\n".join(texts) for texts in keys.table_texts(items, tests, "conversation")]
    own = _Conversations(table, rows)
    parts: list[pa.Table] = []
    notes: list[str] = []
    if near_at is not None:
        from curate.dedup import near

        progress("looking for near-duplicates", 0, 1)
        found = near.across(own, said, near_at)  # type: ignore[arg-type]
        notes.append(f"near {near_at:g}: {found.note}")
        parts.append(_best(found, "near", rows, tests, said))
    if semantic_at is not None:
        from curate.dedup import semantic

        found = semantic.across(list(own), said, semantic_at, embedder, part(progress, 0.5, 1))
        notes.append(f"semantic {semantic_at:g}: {found.note}")
        parts.append(_best(found, "semantic", rows, tests, said))
    return parts, notes


class _Conversations:
    """The texts of rows, read anew each time."""

    def __init__(self, table: pa.Table, rows: np.ndarray) -> None:
        self.table, self.rows = table, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[str]:
        return (texts[0] for texts in keys.table_texts(self.table, self.rows, "conversation"))


def _best(found, method: str, rows: np.ndarray, tests: np.ndarray, said: list[str]) -> pa.Table:  # type: ignore[no-untyped-def]
    order = np.lexsort((found.right, -found.similarity, found.left))
    first = order[np.diff(found.left[order], prepend=-1) != 0]
    texts = pa.array(said, pa.string())
    with Spill(SCHEMA, HELD_BYTES) as spill:
        for start in range(0, len(first), BATCH):
            some = first[start : start + BATCH]
            columns = (
                rows[found.left[some]],
                tests[found.right[some]],
                np.full(len(some), METHODS.index(method), np.int8),
                found.similarity[some].astype(float),
                texts.take(pa.array(found.right[some])),
            )
            spill.add(pa.RecordBatch.from_arrays([pa.array(c) for c in columns], schema=SCHEMA))
        return spill.table()


def _marked(table: pa.Table, items: pa.Table, found: Hits, flag: bool) -> pa.Table:
    marks = _marks(table.num_rows, items, found)
    marked = with_columns(table, **{name: marks[name] for name in MARKS.names})
    if flag:
        return marked
    hit = pc.is_valid(marked["contaminated_by"])
    has = "duplicate_of" in table.column_names
    of = table["duplicate_of"] if has else pa.nulls(table.num_rows, pa.int64())
    how = table["duplicate_method"] if has else pa.nulls(table.num_rows, pa.string())
    return with_columns(
        marked,
        duplicate_of=pc.if_else(pc.and_(hit, pc.is_null(of)), pa.scalar(ELSEWHERE, pa.int64()), of),
        duplicate_method=pc.if_else(pc.and_(hit, pc.is_null(of)), CONTAMINATED, how),
    )


def _marks(rows: int, items: pa.Table, found: Hits) -> pa.Table:
    """The contamination columns of so many rows, by the first hit of each."""
    place = pc.binary_join_element_wise(items["file"], items["row"].cast(pa.string()), ":").combine_chunks()
    method = pa.array(METHODS)
    hit_rows = found.rows[found.first]
    with Spill(MARKS, HELD_BYTES) as spill:
        for start in range(0, rows, ROW_GROUP):
            low, high = np.searchsorted(hit_rows, [start, start + ROW_GROUP])
            at = found.first[low:high]
            begin, end = (at[0], at[-1] + 1) if len(at) else (0, 0)
            some = found.table.slice(begin, end - begin).take(pa.array(at - begin))
            index = np.full(min(ROW_GROUP, rows - start), -1, np.int64)
            index[hit_rows[low:high] - start] = np.arange(len(at))
            spread = pa.array(index, mask=index < 0)
            columns = (
                place.take(some["item"]),
                method.take(some["method"]),
                some["similarity"].cast(pa.float32()),
                some["text"],
            )
            arrays = [column.combine_chunks().take(spread) for column in columns]
            spill.add(pa.RecordBatch.from_arrays(arrays, schema=MARKS))
        return spill.table()
