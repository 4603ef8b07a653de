"""What a selection is balanced by: the columns, and the group of each row."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import pyarrow as pa

from curate.select import clusters, groups
from curate.select.candidates import Candidates
from curate.select.options import Select
from curate.table import fields

CLUSTER = "cluster"


def with_balance(options: Select, pool: pa.Table) -> tuple[Select, list[str]]:
    """The options with columns in place of the balance `auto`, and sentences on why these.

    Args:
        options: of a selection.
        pool: the columns of the candidates.
    """
    if options.balance != "auto":
        return options, []
    if options.method == "lima":  # it has strata of its own
        return msgspec.structs.replace(options, balance=None), []
    categories = pool["category"]
    if 2 * categories.null_count <= pool.num_rows and len(categories.drop_null().unique()) > 1:
        note = "balanced by category, which at least half of the rows have"
        return msgspec.structs.replace(options, balance="category"), [note]
    note = "balanced by clusters of embeddings, since fewer than half of the rows have a category"
    return msgspec.structs.replace(options, balance=CLUSTER), [note]


def names(balance: str | None) -> list[str]:
    """The columns of a balance."""
    return [name.strip() for name in balance.split(",")] if balance else []


def labels(
    candidates: Candidates, columns: Sequence[str], vectors: np.ndarray | None, count: int | None, seed: int
) -> list[str] | None:
    """The group of each candidate; None without columns to balance by.

    Args:
        candidates: n rows.
        columns: names of columns or fields, see `fields.values`, and `cluster`.
        vectors: (n, d) float32 of unit length, for `cluster`.
        count: of the clusters; by the number of rows if None.
        seed: of the clusters.
    """
    if not columns:
        return None
    parts = []
    for name in columns:
        if name == CLUSTER and name not in candidates.columns.column_names:
            assert vectors is not None
            parts.append(_clusters(candidates, vectors, count, seed))
        else:
            values = fields.values(candidates.columns, candidates.records, name)
            parts.append([fields.text(value) for value in values])
    return groups.crossed(parts)


def _clusters(candidates: Candidates, vectors: np.ndarray, count: int | None, seed: int) -> list[str]:
    which = clusters.assign(vectors, count, seed)
    cluster_names = clusters.names(which, [record.prompt() for record in candidates.records])
    return [cluster_names[i] for i in which]
