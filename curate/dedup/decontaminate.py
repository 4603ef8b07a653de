"""Rows that hold text of evaluation files: word for word, near-duplicates of an item, or close in meaning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.dedup import keys
from curate.dedup.exact import with_columns
from curate.dedup.mark import CONTAMINATED, ELSEWHERE, check
from curate.dedup.overlap import NGRAM, SHORTEST, Items
from curate.errors import CurateError
from curate.progress import Tell, counted, part, silent
from curate.table import take
from schemas.record import loads


class Hit(NamedTuple):
    """A row and what it shares with an evaluation item.

    row: its position in the table.  item: position of the item in the evaluation table.
    method: ngram, near or semantic.  similarity: share of the item's n-grams that the row has, Jaccard, or cosine.
    text: the longest overlapping stretch as the row writes it; for the other methods, the item.
    """

    row: int
    item: int
    method: str
    similarity: float
    text: str


class Found(NamedTuple):
    """table: with its contamination columns.  hits: row by row, at most one a method.  notes: how it was looked for."""

    table: pa.Table
    hits: list[Hit]
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
    tell: Tell = silent,
) -> Found:
    """The table with the rows marked that share text with evaluation items.

    ngram: so many words (characters in scripts without spaces) in a row of an item's prompts or answers; None looks for
    none.  share: part of the item's n-grams that a row must have; 0 asks for one.  System prompts of items do not
    count: they are no secret and shared by many.
    near_at, semantic_at: Jaccard and cosine similarity of whole conversations from which on a row is a hit.
    flag: mark rows only; else they count as set aside (`duplicate_of` is ELSEWHERE).
    tell: told how far it has come.

    Columns: contaminated_by (file:row of the item), contamination_method, contamination_similarity and
    contamination_text, by the first method that hits in the order ngram, near, semantic.
    Raises CurateError for thresholds that are none, and if there is no item.
    """
    check(near_at, semantic_at)
    if ngram is not None and ngram < 2:
        raise CurateError(f"--ngram is {ngram}; it must be at least 2")
    rows, tests = _valid(table), _valid(items)
    if not len(tests):
        raise CurateError("the evaluation files hold no valid row; see `curate validate`", 1)
    hits: list[Hit] = []
    notes: list[str] = []
    if ngram is not None:
        index = Items(_turns(items, tests, ("user", "assistant", "tool")), ngram)
        everything = ("system", "user", "assistant", "tool")
        turns = _turns(table, rows, everything)
        for o in index.overlaps(counted(turns, "looking for n-grams", len(rows), part(tell, 0, 0.5))):
            if o.share >= share:
                hits.append(Hit(int(rows[o.row]), int(tests[o.item]), "ngram", o.share, o.text))
        few = f"; {index.short:,} have fewer than {min(SHORTEST, ngram)} and are not looked for" if index.short else ""
        notes.append(f"{len(tests):,} evaluation rows looked for by {ngram} words or characters in a row{few}")
    if near_at is not None or semantic_at is not None:
        more, how = _alike(table, rows, items, tests, near_at, semantic_at, embedder, part(tell, 0.5, 1))
        hits += more
        notes += how
    rank = {"ngram": 0, "near": 1, "semantic": 2}
    hits.sort(key=lambda hit: (hit.row, rank[hit.method]))
    return Found(_marked(table, items, hits, flag), hits, notes)


def _valid(table: pa.Table) -> np.ndarray:
    return np.flatnonzero(table["record"].is_valid().to_numpy())


def _turns(table: pa.Table, positions: np.ndarray, roles: tuple[str, ...]) -> Iterator[list[str]]:
    for i in range(0, len(positions), keys.BATCH):
        for text in take(table["record"], positions[i : i + keys.BATCH]):
            yield [turn.content for turn in loads(text).messages if turn.role in roles and turn.content]


def _alike(
    table: pa.Table,
    rows: np.ndarray,
    items: pa.Table,
    tests: np.ndarray,
    near_at: float | None,
    semantic_at: float | None,
    embedder: str,
    tell: Tell,
) -> tuple[list[Hit], list[str]]:
    """Hits by the similarity of whole conversations; of several items the most similar one."""
    said = ["\n\n".join(texts) for texts in keys.table_texts(items, tests, "conversation")]
    own = [texts[0] for texts in keys.table_texts(table, rows, "conversation")]
    hits: list[Hit] = []
    notes: list[str] = []
    if near_at is not None:
        from curate.dedup import near

        tell("looking for near-duplicates", 0, 1)
        found = near.across(own, said, near_at)
        notes.append(f"near {near_at:g}: {found.note}")
        hits += _best(found, "near", rows, tests, said)
    if semantic_at is not None:
        from curate.dedup import semantic

        found = semantic.across(own, said, semantic_at, embedder, part(tell, 0.5, 1))
        notes.append(f"semantic {semantic_at:g}: {found.note}")
        hits += _best(found, "semantic", rows, tests, said)
    return hits, notes


def _best(found, method: str, rows: np.ndarray, tests: np.ndarray, said: list[str]) -> list[Hit]:  # type: ignore[no-untyped-def]
    order = np.lexsort((found.right, -found.similarity, found.left))
    first = order[np.append(True, found.left[order][1:] != found.left[order][:-1])] if len(order) else order
    return [
        Hit(int(rows[i]), int(tests[j]), method, similarity, said[j])
        for i, j, similarity in zip(
            found.left[first].tolist(), found.right[first].tolist(), found.similarity[first].tolist(), strict=True
        )
    ]


def _marked(table: pa.Table, items: pa.Table, hits: list[Hit], flag: bool) -> pa.Table:
    n = table.num_rows
    by, method, similarity, text = ([None] * n for _ in range(4))
    files, numbers = items["file"].to_pylist(), items["row"].to_pylist()
    for hit in reversed(hits):  # the first method of a row has the last word
        by[hit.row] = f"{files[hit.item]}:{numbers[hit.item]}"  # type: ignore[call-overload]
        method[hit.row], similarity[hit.row], text[hit.row] = hit.method, hit.similarity, hit.text  # type: ignore[call-overload]
    marked = with_columns(
        table,
        contaminated_by=pa.array(by, pa.string()),
        contamination_method=pa.array(method, pa.string()),
        contamination_similarity=pa.array(similarity, pa.float32()),
        contamination_text=pa.array(text, pa.string()),
    )
    if flag:
        return marked
    hit = pc.is_valid(marked["contaminated_by"])
    has = "duplicate_of" in table.column_names
    of = table["duplicate_of"] if has else pa.nulls(n, pa.int64())
    how = table["duplicate_method"] if has else pa.nulls(n, pa.string())
    return with_columns(
        marked,
        duplicate_of=pc.if_else(pc.and_(hit, pc.is_null(of)), pa.scalar(ELSEWHERE, pa.int64()), of),
        duplicate_method=pc.if_else(pc.and_(hit, pc.is_null(of)), CONTAMINATED, how),
    )
