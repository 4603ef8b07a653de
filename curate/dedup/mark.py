"""Duplicates of rows by one or more methods, marked in columns with all that tells why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from curate.dedup import near
from curate.dedup.digests import TextDigests, concatenate_digests, digest_rows
from curate.dedup.distinct_texts import DistinctTexts, exact_links, find_distinct_texts, row_links
from curate.dedup.link_column import OutsideRows
from curate.dedup.links import NEAR, SEMANTIC, Links, concatenate_links
from curate.dedup.mark_columns import can_be_marked, with_marks
from curate.dedup.options import Dedup
from curate.dedup.ranking import rank_rows
from curate.dedup.row_texts import chosen_texts, table_texts
from curate.dedup.similar_pairs import SimilarPairs
from curate.dedup.sizing import check_size, sized_links
from curate.engine.local_rows import LocalRows, as_rows
from curate.engine.rows import Rows
from curate.options import check
from curate.progress import Progress, counted, part, silent
from curate.text.exact_form import check_folds


class DedupResult(NamedTuple):
    """Rows with their duplicates marked.

    Attributes:
        rows: with the columns that `mark` adds.
        notes: sentences on how duplicates were looked for.
    """

    rows: Rows
    notes: list[str]

    @property
    def table(self) -> pa.Table:
        """The table of the rows; its texts may be empty where they lie on a cluster, see `engine.rows.Rows`."""
        return self.rows.thin


class FoundLinks(NamedTuple):
    """Links by all methods.

    Attributes:
        links: between rows.
        complete: see `SimilarPairs`.
        notes: a sentence on each method.
    """

    links: Links
    complete: bool
    notes: list[str]


def mark(
    rows: pa.Table | Rows,
    options: Dedup,
    against: pa.Table | None = None,
    embedder: str = "auto",
    progress: Progress = silent,
) -> DedupResult:
    """The rows with their duplicates marked: exact ones, and near and semantic ones where asked for.

    Columns: duplicate_of, the position of the row that is kept for this one (null for rows that are kept; ELSEWHERE for
    a row of `against`); duplicate_method, duplicate_similarity; duplicate_cluster, the same text for all rows that
    links lead to from one another; duplicate_place and duplicate_text of a row elsewhere; similar, all links to better
    rows.  No row is dropped for one that it is not like itself, and no two rows that are alike are kept.  With
    `cluster` drop none of them is: the best one is marked as a duplicate of the one most like it.

    Args:
        rows: a table, or rows on either engine.
        options: the thresholds, what of a row counts, and which row is best; its `against` is not read here.
        against: rows that are all kept and remain as they are; `rows` that are like them are dropped.
        embedder: see `models.embed.embed`.
        progress: called with what is being done, how much of it is done, and how much there is.

    Raises:
        CurateError: for a value outside its limits, an unknown column, and a package or model that is missing.
    """
    check(options)
    check_folds(options.normalise)
    check_size(options)
    marked_rows = as_rows(rows)
    pools = [marked_rows] if against is None else [marked_rows, as_rows(against)]
    progress("looking for exact duplicates", 0, 1)
    digests = concatenate_digests([digest_rows(pool, options.key, options.normalise) for pool in pools])
    order, fixed = _rank(marked_rows.thin, against, digests, options.best)
    nodes = np.concatenate([fixed + marked_rows.num_rows, order])
    texts = find_distinct_texts(len(digests.lengths), nodes, digests)
    result = _find_links(pools, texts, options, embedder, progress)
    settings = {
        "key": options.key,
        "best": options.best,
        "normalise": options.normalise,
        "shingle": options.shingle,
        "cluster": options.cluster,
        "near": options.near,
        "semantic": options.semantic,
        "embedder": embedder,
        "complete": result.complete,
    }
    progress("telling which rows are kept", 0.9, 1)
    outside = _outside_rows(against, fixed, options.key)
    direct, notes = result.links, result.notes
    if options.size is not None:
        direct, settings, note = sized_links(direct, len(nodes), len(fixed), options.size, settings)
        notes = [*notes, note]
    table = with_marks(marked_rows.thin, order, digests.record_hashes, direct, outside, settings)
    return DedupResult(marked_rows.with_thin(table), notes)


def _rank(
    table: pa.Table, against: pa.Table | None, digests: TextDigests, best: str | None
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the rows that count, the best first: those of the table, and those of `against`."""
    rows = table.num_rows
    order = rank_rows(table, can_be_marked(table), digests.lengths, digests.record_hashes, best)
    if against is None:
        return order, np.zeros(0, np.int64)
    lengths, record_hashes = digests.lengths[rows:], digests.record_hashes[rows:]
    return order, rank_rows(against, can_be_marked(against), lengths, record_hashes)


def _find_links(
    pools: Sequence[Rows], texts: DistinctTexts, options: Dedup, embedder: str, progress: Progress
) -> FoundLinks:
    one_text_each = options.key != "exchange"
    parts, notes, complete = [exact_links(texts, one_text_each)], [], True
    if options.near is not None:
        pairs = _near_pairs(pools, texts, options, part(progress, 0.1, 0.4))
        parts.append(row_links(texts, one_text_each, pairs.left, pairs.right, pairs.similarity, NEAR))
        notes.append(f"near {options.near:g}: {pairs.note}")
        complete = pairs.complete
    if options.semantic is not None:
        from curate.dedup import semantic

        in_row_order = list(chosen_texts(pools, options.key, texts))
        best_first = [in_row_order[i] for i in texts.order.tolist()]
        pairs = semantic.pairs(best_first, options.semantic, embedder, part(progress, 0.5, 0.9))
        parts.append(row_links(texts, one_text_each, pairs.left, pairs.right, pairs.similarity, SEMANTIC))
        notes.append(f"semantic {options.semantic:g}: {pairs.note}")
        complete &= pairs.complete
    return FoundLinks(concatenate_links(parts), complete, notes)


def _near_pairs(pools: Sequence[Rows], texts: DistinctTexts, options: Dedup, progress: Progress) -> SimilarPairs:
    """Pairs of similar texts: compared in this process if the rows are here, else shuffled on the cluster."""
    assert options.near is not None
    if all(isinstance(rows, LocalRows) for rows in pools):
        read = chosen_texts(pools, options.key, texts)
        read = counted(read, "cutting texts into shingles", len(texts.sizes), progress)
        return near.pairs(read, options.near, options.shingle, order=texts.order)
    from curate.dedup import shuffle

    return shuffle.pairs(pools, options, texts, progress)


def _outside_rows(against: pa.Table | None, positions: np.ndarray, key: str) -> OutsideRows:
    if against is None:
        return OutsideRows([], [])
    rows = against.select(["file", "row"]).take(pa.array(positions, pa.int64()))
    places = [f"{file}:{row}" for file, row in zip(rows["file"].to_pylist(), rows["row"].to_pylist(), strict=True)]
    return OutsideRows(places, ["\n\n".join(texts) for texts in table_texts(against, positions, key)])
