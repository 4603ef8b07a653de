"""Rows that hold text of evaluation files: word for word, the whole prompt, near-duplicates, or close in meaning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.dedup.arrays import unpack_array
from curate.dedup.contamination_columns import with_contamination
from curate.dedup.ngram_index import NgramIndex
from curate.dedup.ngrams import SHORTEST
from curate.dedup.options import Decontaminate
from curate.dedup.overlaps import BATCH, HELD_BYTES, METHODS, SCHEMA, Overlaps, concatenate_overlaps
from curate.dedup.prompt_forms import PromptIndex, same_prompts
from curate.dedup.row_texts import ComparedTexts, table_texts
from curate.dedup.similar_pairs import SimilarPairs
from curate.engine.local_rows import as_rows
from curate.engine.rows import Rows
from curate.errors import CurateError
from curate.options import check
from curate.progress import Progress, part, silent
from curate.table.spill import Spill
from curate.table.table import take, valid
from curate.text.chinese import HAN, REMEDY, can_simplify, simplified
from curate.text.counted import counted
from schemas.record import loads
from schemas.thoughts import whole

# System prompts of items do not count: they are no secret and shared by many.
ITEM_ROLES = ("user", "assistant", "tool")
ROW_ROLES = ("system", *ITEM_ROLES)
# The roles that count of items and of rows, by the key.
ROLES = {"conversation": (ITEM_ROLES, ROW_ROLES), "prompt": (("user", "tool"), ("user",))}
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
    contamination_text, by the first method that finds an overlap in the order of METHODS.  Unless they are only
    flagged, the rows count as dropped: `duplicate_of` is ELSEWHERE.  A row with the whole prompt of an item is always
    one of them.

    Args:
        rows: a table, or rows on either engine.
        items: the evaluation rows.
        options: the methods and their limits; its `against` and `map` are not read here, see `evaluation_files`.
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
        index = NgramIndex((texts for _, texts in turn_texts(items, ROLES[options.key][0])), options.ngram)
        parts.append(_ngram_overlaps(compared, index, valid_items, options, part(progress, 0, 0.4)))
        notes.append(_describe(index, len(valid_items), options.ngram))
    progress("comparing whole prompts", 0.4, 1)
    parts.append(_prompt_overlaps(compared, items, valid_items))
    for method, by_key in _similar(compared, items, valid_items, options, embedder, part(progress, 0.5, 1)):
        parts.append(_most_similar(method, by_key, valid(compared.thin), items.num_rows))
        notes += [f"{method} {getattr(options, method):g} by {p.key}: {p.pairs.note}" for p in by_key]
    if not can_simplify() and pc.any(pc.match_substring_regex(items["record"], HAN.pattern)).as_py():
        notes.append(f"traditional and simplified Chinese are not compared as one, which needs opencc: {REMEDY}")
    overlaps = concatenate_overlaps(parts)
    table = with_contamination(compared.thin, items, overlaps, options.flag)
    return Decontamination(compared.with_thin(table), overlaps, notes)


def turn_texts(rows: pa.Table, roles: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """The position of each valid row, and the texts of its turns of these roles."""
    for start in range(0, rows.num_rows, AT_ONCE):
        for i, text in enumerate(rows["record"].slice(start, AT_ONCE).to_pylist(), start):
            if text is not None:
                yield i, [said for turn in loads(text).messages if turn.role in roles and (said := whole(turn))]


def batch_overlaps(
    batch: pa.Table, index: NgramIndex, share: float = 0, roles: tuple[str, ...] = ROW_ROLES
) -> pa.Table:
    """The overlaps, in `overlaps.SCHEMA`, of the rows of a batch that have n-grams of an item.

    Args:
        batch: k rows with `record`; `row` of an overlap is a place in it, `item` a place in the index.
        index: of the items.
        share: part of the item's n-grams that a row must have; 0 asks for one.
        roles: of the turns of rows that are looked at.
    """
    turns = list(turn_texts(batch, roles))
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


def _ngram_overlaps(
    rows: Rows, index: NgramIndex, items: np.ndarray, options: Decontaminate, progress: Progress
) -> pa.Table:
    shared = (index, options.share, ROLES[options.key][1])
    with Spill(SCHEMA, HELD_BYTES) as spill:
        for positions, overlaps in rows.gather(batch_overlaps, ["record"], *shared, ordered=True):
            row, item = pa.array(positions[overlaps["row"].to_numpy()]), pa.array(items[overlaps["item"].to_numpy()])
            for batch in overlaps.set_column(0, "row", row).set_column(1, "item", item).to_batches():
                spill.add(batch)
            progress("looking for n-grams", int(positions[-1]) + 1, rows.num_rows)
        return spill.table()


def _describe(index: NgramIndex, items: int, ngram: int) -> str:
    short = (
        f"; {index.short:,} have fewer than {min(SHORTEST, ngram)} and are looked for as whole prompts only"
        if index.short
        else ""
    )
    return f"{counted(items, 'evaluation row')} looked for by {ngram} words or characters in a row{short}"


def _prompt_overlaps(rows: Rows, items: pa.Table, valid_items: np.ndarray) -> pa.Table:
    index = PromptIndex([loads(text) for text in take(items["record"], valid_items)])
    prompts = items["prompt"].take(pa.array(valid_items))
    method = METHODS.index("prompt")
    with Spill(SCHEMA, HELD_BYTES) as spill:
        for positions, packed in (
            rows.gather(same_prompts, ["record"], index.digests, ordered=True) if len(index) else ()
        ):
            row, item = positions[unpack_array(packed, "owners")], index.items[unpack_array(packed, "numbers")]
            n = len(row)
            texts = prompts.take(pa.array(item)).combine_chunks()
            columns = (row, valid_items[item], np.full(n, method, np.int8), np.ones(n), texts)
            spill.add(pa.RecordBatch.from_arrays([pa.array(c) for c in columns], schema=SCHEMA))
        return spill.table()


class ComparedItems(NamedTuple):
    """Pairs of similar texts of a row (left) and an item (right).

    Attributes:
        key: what was compared of both.
        pairs: numbers of valid rows, and of these items.
        items: (m,) position of each item.
        texts: (m,) their texts.
    """

    key: str
    pairs: SimilarPairs
    items: np.ndarray
    texts: list[str]


def _similar(
    rows: Rows, items: pa.Table, valid_items: np.ndarray, options: Decontaminate, embedder: str, progress: Progress
) -> Iterator[tuple[str, list[ComparedItems]]]:
    """By each method the pairs of a row and an item: by prompt those of items without an answer, or all by that key."""
    answers = np.array([bool((text or "").strip()) for text in take(items["response"], valid_items)])
    by_conversation = answers & (options.key == "conversation")
    groups = (("conversation", valid_items[by_conversation]), ("prompt", valid_items[~by_conversation]))
    for method in ("near", "semantic"):
        threshold = getattr(options, method)
        if threshold is None:
            continue
        compared = []
        for key, positions in groups:
            if len(positions):
                progress(f"looking for {method} duplicates by {key}", 0, 1)
                item_texts = ["\n\n".join(map(simplified, texts)) for texts in table_texts(items, positions, key)]
                pairs = _pairs(method, ComparedTexts(rows, key), item_texts, options, embedder)
                compared.append(ComparedItems(key, pairs, positions, item_texts))
        yield method, compared


def _pairs(
    method: str, texts: ComparedTexts, item_texts: list[str], options: Decontaminate, embedder: str
) -> SimilarPairs:
    if method == "near":
        from curate.dedup import near

        assert options.near is not None
        return near.across(texts, item_texts, options.near, options.shingle)
    from curate.dedup import semantic

    assert options.semantic is not None
    return semantic.across(list(texts), item_texts, options.semantic, embedder)


def _most_similar(method: str, compared: Sequence[ComparedItems], rows: np.ndarray, items: int) -> pa.Table:
    """The overlaps of pairs: of several items of a row the most similar one, of these the first.

    Args:
        method: one of METHODS.
        compared: the pairs.
        rows: (n,) position of each valid row.
        items: how many there are.
    """
    row = np.concatenate([rows[part.pairs.left] for part in compared])
    item = np.concatenate([part.items[part.pairs.right] for part in compared])
    similarity = np.concatenate([part.pairs.similarity for part in compared])
    order = np.lexsort((item, -similarity, row))
    first = order[np.diff(row[order], prepend=-1) != 0]
    position = np.concatenate([part.items for part in compared])
    place = np.empty(items, np.int64)
    place[position] = np.arange(len(position))
    texts = pa.array([text for part in compared for text in part.texts], pa.string())
    with Spill(SCHEMA, HELD_BYTES) as spill:
        for start in range(0, len(first), BATCH):
            batch = first[start : start + BATCH]
            columns = (
                row[batch],
                item[batch],
                np.full(len(batch), METHODS.index(method), np.int8),
                similarity[batch].astype(float),
                texts.take(pa.array(place[item[batch]])),
            )
            spill.add(pa.RecordBatch.from_arrays([pa.array(c) for c in columns], schema=SCHEMA))
        return spill.table()
