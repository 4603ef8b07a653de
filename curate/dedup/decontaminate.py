"""Rows that hold text of evaluation files: word for word, near-duplicates of an item, or close in meaning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from curate.dedup.contamination_columns import with_contamination
from curate.dedup.ngram_index import NgramIndex
from curate.dedup.ngrams import SHORTEST
from curate.dedup.options import Decontaminate
from curate.dedup.overlaps import BATCH, HELD_BYTES, METHODS, SCHEMA, Overlaps, concatenate_overlaps
from curate.dedup.row_texts import ConversationTexts, table_texts
from curate.dedup.similar_pairs import SimilarPairs
from curate.engine.local_rows import as_rows
from curate.engine.rows import Rows
from curate.errors import CurateError
from curate.options import check
from curate.progress import Progress, part, silent
from curate.table.spill import Spill
from curate.table.table import valid
from schemas.record import loads

# System prompts of items do not count: they are no secret and shared by many.
ITEM_ROLES = ("user", "assistant", "tool")
ROW_ROLES = ("system", *ITEM_ROLES)
# Items whose texts are read at a time.
AT_ONCE = 8192


class Decontamination(NamedTuple):
    """Rows compared with evaluation items.

    Attributes:
        rows: with their contamination columns.
        overlaps: what they share.
        notes: sentences on how it was looked for.
    """

    rows: Rows
    overlaps: Overlaps
    notes: list[str]

    @property
    def table(self) -> pa.Table:
        """The table of the rows; its texts may be empty where they lie on a cluster, see `engine.rows.Rows`."""
        return self.rows.thin


def decontaminate(
    rows: pa.Table | Rows,
    items: pa.Table,
    options: Decontaminate,
    embedder: str = "auto",
    progress: Progress = silent,
) -> Decontamination:
    """The rows with those marked that share text with evaluation items.

    Columns: contaminated_by (file:row of the item), contamination_method, contamination_similarity and
    contamination_text, by the first method that finds an overlap in the order ngram, near, semantic.  Unless they are
    only flagged, the rows count as dropped: `duplicate_of` is ELSEWHERE.

    Args:
        rows: a table, or rows on either engine.
        items: the evaluation rows.
        options: the methods and their limits; its `against` is not read here.
        embedder: see `models.embed.embed`.
        progress: called with what is being done, how much of it is done, and how much there is.

    Raises:
        CurateError: for a value outside its limits, and if there is no valid item.
    """
    check(options)
    compared = as_rows(rows)
    valid_items = valid(items)
    if not len(valid_items):
        raise CurateError("the evaluation files hold no valid row; see `curate validate`", 1)
    parts: list[pa.Table] = []
    notes: list[str] = []
    if options.ngram is not None:
        index = NgramIndex((texts for _, texts in turn_texts(items, ITEM_ROLES)), options.ngram)
        parts.append(_ngram_overlaps(compared, index, valid_items, options.share, part(progress, 0, 0.5)))
        notes.append(_describe(index, len(valid_items), options.ngram))
    if options.near is not None or options.semantic is not None:
        for method, pairs, texts in _similar(compared, items, valid_items, options, embedder, part(progress, 0.5, 1)):
            parts.append(_most_similar(pairs, method, valid(compared.thin), valid_items, texts))
            notes.append(f"{method} {getattr(options, method):g}: {pairs.note}")
    overlaps = concatenate_overlaps(parts)
    table = with_contamination(compared.thin, items, overlaps, options.flag)
    return Decontamination(compared.with_thin(table), overlaps, notes)


def turn_texts(rows: pa.Table, roles: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """The position of each valid row, and the texts of its turns of these roles."""
    for start in range(0, rows.num_rows, AT_ONCE):
        for i, text in enumerate(rows["record"].slice(start, AT_ONCE).to_pylist(), start):
            if text is not None:
                yield i, [turn.content for turn in loads(text).messages if turn.role in roles and turn.content]


def batch_overlaps(batch: pa.Table, index: NgramIndex, share: float = 0) -> pa.Table:
    """The overlaps, in `overlaps.SCHEMA`, of the rows of a batch that have n-grams of an item.

    Args:
        batch: k rows with `record`; `row` of an overlap is a place in it, `item` a place in the index.
        index: of the items.
        share: part of the item's n-grams that a row must have; 0 asks for one.
    """
    turns = list(turn_texts(batch, ROW_ROLES))
    overlaps = [overlap for overlap in index.overlaps([texts for _, texts in turns]) if overlap.share >= share]
    columns = (
        [turns[overlap.row][0] for overlap in overlaps],
        [overlap.item for overlap in overlaps],
        [METHODS.index("ngram")] * len(overlaps),
        [overlap.share for overlap in overlaps],
        [overlap.text for overlap in overlaps],
    )
    arrays = [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def _ngram_overlaps(rows: Rows, index: NgramIndex, items: np.ndarray, share: float, progress: Progress) -> pa.Table:
    with Spill(SCHEMA, HELD_BYTES) as spill:
        for positions, overlaps in rows.gather(batch_overlaps, ["record"], index, share, ordered=True):
            row, item = pa.array(positions[overlaps["row"].to_numpy()]), pa.array(items[overlaps["item"].to_numpy()])
            for batch in overlaps.set_column(0, "row", row).set_column(1, "item", item).to_batches():
                spill.add(batch)
            progress("looking for n-grams", int(positions[-1]) + 1, rows.num_rows)
        return spill.table()


def _describe(index: NgramIndex, items: int, ngram: int) -> str:
    short = f"; {index.short:,} have fewer than {min(SHORTEST, ngram)} and are not looked for" if index.short else ""
    return f"{items:,} evaluation rows looked for by {ngram} words or characters in a row{short}"


def _similar(
    rows: Rows, items: pa.Table, valid_items: np.ndarray, options: Decontaminate, embedder: str, progress: Progress
) -> Iterator[tuple[str, SimilarPairs, list[str]]]:
    """By each method, pairs of whole conversations of a row and an item, and the texts of the items."""
    item_texts = ["\n\n".join(texts) for texts in table_texts(items, valid_items, "conversation")]
    texts = ConversationTexts(rows)
    if options.near is not None:
        from curate.dedup import near

        progress("looking for near-duplicates", 0, 1)
        yield "near", near.across(texts, item_texts, options.near), item_texts
    if options.semantic is not None:
        from curate.dedup import semantic

        pairs = semantic.across(list(texts), item_texts, options.semantic, embedder, part(progress, 0.5, 1))
        yield "semantic", pairs, item_texts


def _most_similar(
    pairs: SimilarPairs, method: str, rows: np.ndarray, items: np.ndarray, item_texts: list[str]
) -> pa.Table:
    """The overlaps of pairs: of several items of a row the most similar one.

    Args:
        pairs: of a row (left) and an item.
        method: one of METHODS.
        rows: (n,) position of each row of the pairs.
        items: (m,) position of each item.
        item_texts: (m,) their texts.
    """
    order = np.lexsort((pairs.right, -pairs.similarity, pairs.left))
    first = order[np.diff(pairs.left[order], prepend=-1) != 0]
    texts = pa.array(item_texts, pa.string())
    with Spill(SCHEMA, HELD_BYTES) as spill:
        for start in range(0, len(first), BATCH):
            batch = first[start : start + BATCH]
            columns = (
                rows[pairs.left[batch]],
                items[pairs.right[batch]],
                np.full(len(batch), METHODS.index(method), np.int8),
                pairs.similarity[batch].astype(float),
                texts.take(pa.array(pairs.right[batch])),
            )
            spill.add(pa.RecordBatch.from_arrays([pa.array(c) for c in columns], schema=SCHEMA))
        return spill.table()
