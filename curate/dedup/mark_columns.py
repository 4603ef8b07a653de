"""The columns that mark duplicates, made of links."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.dedup.clusters import Clusters, resolve
from curate.dedup.link_column import OutsideRows, to_column
from curate.dedup.links import EXACT, METHODS, Links
from curate.table.counting import rows_that_count
from curate.table.ledger import METADATA
from curate.table.table import named, placed, with_columns

# `duplicate_of` of a row whose like is in no row of the table but in another file; a sum with it stays negative, so
# that ledgers can be read together.
ELSEWHERE = -(1 << 62)


def can_be_marked(table: pa.Table) -> np.ndarray:
    """(k,) int64 positions of the rows that are compared: the valid ones that no other step has dropped."""
    return np.flatnonzero(table["record"].is_valid().to_numpy() & ~_dropped_before(table))


def _dropped_before(table: pa.Table) -> np.ndarray:
    """(n,) bool: rows that other steps have dropped (as contaminated, say), and exact duplicates of such rows."""
    counts = np.zeros(table.num_rows, bool)
    counts[rows_that_count(table, "unique")] = True
    valid = table["record"].is_valid().to_numpy()
    if "duplicate_method" not in table.column_names:
        return valid & ~counts
    method, of = table["duplicate_method"], table["duplicate_of"].fill_null(ELSEWHERE).to_numpy()
    by_dedup = pc.is_in(method, pa.array(METHODS)).to_numpy()
    dropped = valid & ~counts & ~by_dedup
    copies = np.flatnonzero(pc.fill_null(pc.equal(method, METHODS[EXACT]), False).to_numpy() & (of >= 0))
    of_dropped = copies[dropped[of[copies]]]
    dropped[of_dropped] = True
    return dropped


def with_marks(
    table: pa.Table,
    order: np.ndarray,
    record_hashes: np.ndarray,
    direct: Links,
    outside: OutsideRows,
    settings: Mapping[str, Any],
) -> pa.Table:
    """The table with the columns that `mark.mark` names, and the settings in its metadata.

    Args:
        table: n rows.
        order: (k,) positions of the rows compared, the best first; nodes are those after the outside ones.
        record_hashes: (n or more,) uint64, of the table's rows first.
        direct: links between nodes.
        outside: the first nodes, which are in no row of the table.
        settings: what the links were found with.
    """
    fixed = len(outside.places)
    clusters = resolve(
        fixed + len(order), direct, fixed, settings["key"] != "exchange", settings.get("cluster") == "drop"
    )
    position = np.concatenate([np.full(fixed, ELSEWHERE), order])
    rows = table.num_rows
    inside = np.arange(fixed, fixed + len(order))
    inside = inside[clusters.cluster[inside] >= 0]
    heads, number = np.unique(clusters.cluster[inside], return_inverse=True)
    cluster, alone = np.zeros(rows, np.int64), np.ones(rows, bool)
    cluster[position[inside]], alone[position[inside]] = number, False
    marked = with_columns(
        table,
        **_fates(table, clusters, position),
        duplicate_cluster=named(cluster, _cluster_names(record_hashes, position, heads, outside), alone),
        **_places(rows, clusters, position, outside),
        similar=to_column(direct, position, rows, outside),
    )
    metadata = {**(table.schema.metadata or {}), METADATA: json.dumps(settings).encode()}
    return marked.replace_schema_metadata(metadata)


def _marked(table: pa.Table) -> np.ndarray:
    """(n,) bool: rows that have a mark already."""
    if "duplicate_method" not in table.column_names:
        return np.zeros(table.num_rows, bool)
    return table["duplicate_method"].is_valid().to_numpy()


def _fates(table: pa.Table, clusters: Clusters, position: np.ndarray) -> dict[str, pa.Array]:
    """duplicate_of, duplicate_method and duplicate_similarity; rows that were dropped before remain as they were."""
    before = np.flatnonzero(_dropped_before(table) & _marked(table))
    rows = table.num_rows
    dropped = np.flatnonzero(clusters.representative >= 0)
    at = position[dropped]
    empty = np.ones(rows, bool)
    empty[at] = empty[before] = False
    of, similarity, method = np.zeros(rows, np.int64), np.zeros(rows, np.float32), np.zeros(rows, np.int8)
    of[at] = position[clusters.representative[dropped]]
    similarity[at], method[at] = clusters.similarity[dropped], clusters.method[dropped]
    names = [*METHODS]
    if len(before):
        names += sorted(set(table["duplicate_method"].take(pa.array(before)).to_pylist()) - set(METHODS))
        of[before] = table["duplicate_of"].take(pa.array(before)).to_numpy()
        method[before] = [names.index(name) for name in table["duplicate_method"].take(pa.array(before)).to_pylist()]
    no_degree = empty.copy()
    no_degree[before] = True
    return {
        "duplicate_of": pa.array(of, mask=empty),
        "duplicate_method": named(method, names, empty),
        "duplicate_similarity": pa.array(similarity, mask=no_degree),
    }


def _places(rows: int, clusters: Clusters, position: np.ndarray, outside: OutsideRows) -> dict[str, pa.Array]:
    """duplicate_place and duplicate_text, for rows that are dropped for an outside one."""
    representative = clusters.representative
    dropped = np.flatnonzero((representative >= 0) & (representative < len(outside.places)))
    elsewhere = representative[dropped].tolist()
    return {
        "duplicate_place": placed(rows, position[dropped], [outside.places[i] for i in elsewhere], pa.string()),
        "duplicate_text": placed(rows, position[dropped], [outside.texts[i] for i in elsewhere], pa.string()),
    }


def _cluster_names(
    record_hashes: np.ndarray, position: np.ndarray, heads: np.ndarray, outside: OutsideRows
) -> list[str]:
    """Names of clusters, by the records of their best rows, so that no order of rows changes them."""
    fixed = len(outside.places)
    elsewhere = [outside.texts[head].encode("utf-8", "surrogatepass") for head in heads[heads < fixed].tolist()]
    inside = record_hashes[position[heads[heads >= fixed]]].tobytes()
    return [
        *(blake2b(text, digest_size=8).hexdigest() for text in elsewhere),
        *(inside[i : i + 8].hex() for i in range(0, len(inside), 8)),
    ]
