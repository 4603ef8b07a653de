"""Duplicates of rows by one or more methods, marked in columns with all that tells why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from curate.dedup import near
from curate.dedup.digests import TextDigests, concatenate_digests, digest_rows
from curate.dedup.distinct_texts import DistinctTexts, exact_links, find_distinct_texts, row_links
from curate.dedup.link_column import OutsideRows
from curate.dedup.links import NEAR, SEMANTIC, Links, concatenate_links
from curate.dedup.mark_columns import can_be_marked, with_marks
from curate.dedup.options import Dedup
from curate.dedup.ranking import BY_FAULTS, RowWorth, rank_rows, row_worth
from curate.dedup.reranking import CountFaults, fault_worth, linked_rows, renumbered
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


class RankedRows(NamedTuple):
    """Rows and their order.

    Attributes:
        rows: n rows.
        digests: of them, and of others after them.
        order: (k,) positions of those compared, the best first.
        outside: how many nodes are before these.
    """

    rows: Rows
    digests: TextDigests
    order: np.ndarray
    outside: int


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
    count_faults: CountFaults | None = None,
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
        count_faults: looks at the rows that are alike where no column says which one is best; None for no such look.

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
    worth = row_worth(marked_rows, options.best)
    order, fixed = _rank(marked_rows.thin, against, digests, worth)
    nodes = np.concatenate([fixed + marked_rows.num_rows, order])
    texts = find_distinct_texts(len(digests.lengths), nodes, digests)
    result = _find_links(pools, texts, options, embedder, progress)
    direct, notes = result.links, result.notes
    by_faults = count_faults is not None and worth.values is None
    if count_faults is not None and by_faults:
        progress("looking for faults of rows that are alike", 0.9, 1)
        ranked = RankedRows(marked_rows, digests, order, len(fixed))
        order, direct = _by_faults(ranked, direct, options.key, count_faults)
    rule = BY_FAULTS if by_faults else worth.rule
    settings = _settings(options, rule, embedder, result.complete)
    progress("telling which rows are kept", 0.9, 1)
    outside = _outside_rows(against, fixed, options.key)
    if options.size is not None:
        direct, settings, note = sized_links(direct, len(nodes), len(fixed), options.size, settings)
        notes = [*notes, note]
    table = with_marks(marked_rows.thin, order, digests.record_hashes, direct, outside, settings)
    return DedupResult(marked_rows.with_thin(table), notes)


def _settings(options: Dedup, rule: str, embedder: str, complete: bool) -> dict[str, Any]:
    """What the ledger's metadata have."""
    names = ("key", "best", "normalise", "shingle", "cluster", "near", "semantic")
    own = {name: getattr(options, name) for name in names}
    return {**own, "rule": rule, "embedder": embedder, "complete": complete}


def _by_faults(ranked: RankedRows, direct: Links, key: str, count: CountFaults) -> tuple[np.ndarray, Links]:
    """The order and the links with rows of fewer faults before others, where rows that are alike have any."""
    rows, digests, order, outside = ranked
    worth = fault_worth(rows, linked_rows(direct, order, outside), count)
    if not any(values.any() for values in worth):
        return order, direct
    better = rank_rows(rows.thin, order, digests.lengths, digests.record_hashes, worth)
    node = np.empty(rows.num_rows, np.int64)
    node[better] = np.arange(len(order))
    place = np.concatenate([np.arange(outside), outside + node[order]])
    return better, renumbered(direct, place, key != "exchange")


def _rank(
    table: pa.Table, against: pa.Table | None, digests: TextDigests, worth: RowWorth
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the rows that count, the best first: those of the table, and those of `against`."""
    rows = table.num_rows
    order = rank_rows(table, can_be_marked(table), digests.lengths, digests.record_hashes, [worth.values])
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
