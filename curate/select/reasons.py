"""Columns that say of every row why it was chosen, or why not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.select.arrange import Arranged
from curate.select.candidates import Candidates
from curate.table.ledger import BELOW_FLOOR
from curate.table.table import placed
from curate.text.counted import counted

BLOCK = 4096


class Nearest(NamedTuple):
    """The chosen row that is most like each row of a pool.

    Attributes:
        rank: (n,) int64, from 0, of the most similar chosen row; of a chosen row, of those before it; -1 if none.
        similarity: (n,) float32, their cosine.
    """

    rank: np.ndarray
    similarity: np.ndarray


def nearest(vectors: np.ndarray, order: np.ndarray) -> Nearest:
    """The most similar chosen row of every row.

    Args:
        vectors: (n, d) float32 of unit length.
        order: (k,) positions.
    """
    n, k = len(vectors), len(order)
    turn = np.full(n, k)
    turn[order] = np.arange(k)
    rank, similarity = np.full(n, -1, np.int64), np.zeros(n, np.float32)
    chosen = vectors[order]
    for start in range(0, n, BLOCK):
        near = vectors[start : start + BLOCK] @ chosen.T
        own = turn[start : start + BLOCK]
        is_chosen = own < k
        near[is_chosen] = np.where(np.arange(k) < own[is_chosen, None], near[is_chosen], -np.inf)
        best = near.argmax(axis=1) if k else np.zeros(len(near), np.int64)
        value = near[np.arange(len(near)), best] if k else np.full(len(near), -np.inf)
        there = np.isfinite(value)
        rank[start : start + len(near)] = np.where(there, best, -1)
        similarity[start : start + len(near)] = np.where(there, value, 0)
    return Nearest(rank, similarity)


def columns(
    pool: Candidates,
    arranged: Arranged,
    labels: Sequence[str] | None,
    quality: np.ndarray | None,
    like: Nearest | None,
) -> dict[str, pa.Array]:
    """The columns select_reason, select_group, select_quality, select_gain, select_similar, select_similarity.

    Columns without content are left out; rows that were not in the pool are null in all.

    Args:
        pool: n rows.
        arranged: their order.
        labels: n names of groups; None without a balance.
        quality: (n,) float64 in [0, 1]; None if all rows count alike.
        like: the most similar chosen row of each; None without vectors.
    """
    rows, positions, order = pool.table.num_rows, pool.positions, arranged.order
    places = pool.places()
    ranks = [-1] * len(positions) if like is None else like.rank.tolist()
    similar = [places[order[rank]] if rank >= 0 else None for rank in ranks]
    out = {"select_reason": placed(rows, positions, _reasons(arranged, labels, quality, similar, like), pa.string())}
    if labels is not None:
        out["select_group"] = placed(rows, positions, list(labels), pa.string())
    if quality is not None:
        out["select_quality"] = placed(rows, positions, quality.tolist(), pa.float64())
    out["select_gain"] = placed(rows, positions[order], arranged.gains.tolist(), pa.float64())
    if like is not None:
        there = like.rank >= 0
        out["select_similar"] = placed(rows, positions, similar, pa.string())
        out["select_similarity"] = placed(
            rows, positions[there], np.round(like.similarity[there].astype(float), 4).tolist(), pa.float64()
        )
    return out


def with_floor(
    columns: dict[str, pa.Array], below: Candidates, quality: np.ndarray, floor: float
) -> dict[str, pa.Array]:
    """The columns with the reason and the quality of rows below the floor.

    Args:
        columns: those of the pool, see `columns`.
        below: k rows.
        quality: (k,) float64 in [0, 1].
        floor: a share of the rows, or a value.
    """
    rows, grades = below.table.num_rows, quality.tolist()
    sentences = [f"quality {grade:.3f} {BELOW_FLOOR}, {floor:.3g}" for grade in grades]
    reason = placed(rows, below.positions, sentences, pa.string())
    ranks = placed(rows, below.positions, grades, pa.float64())
    return {
        **columns,
        "select_reason": pc.coalesce(reason, columns["select_reason"]),
        "select_quality": pc.coalesce(ranks, columns["select_quality"]),
    }


def _reasons(
    arranged: Arranged,
    labels: Sequence[str] | None,
    quality: np.ndarray | None,
    similar: Sequence[str | None],
    like: Nearest | None,
) -> list[str]:
    """A sentence for each row of the pool: why it was chosen, or why not."""
    rows = len(similar)
    groups = [""] * rows if labels is None else labels
    grades = [None] * rows if quality is None else quality.tolist()
    ranks = [-1] * rows if like is None else like.rank.tolist()
    degrees = [0.0] * rows if like is None else like.similarity.tolist()
    chosen = dict(zip(arranged.order.tolist(), arranged.why, strict=True))
    return [
        (f"{group}: {chosen[i]}" if group else chosen[i])
        if i in chosen
        else _passed_over(group, arranged.group_sizes[group], grades[i], ranks[i], similar[i], degrees[i])
        for i, group in enumerate(groups)
    ]


def _passed_over(
    group: str, group_size: int, quality: float | None, rank: int, similar: str | None, similarity: float
) -> str:
    """Why a row that was in the pool was not chosen, in words."""
    sentence = f"{group or 'the selection'} was to give no row"
    if group_size:
        sentence = f"{group or 'the selection'} had its {counted(group_size, 'row')} before this one"
    if quality is not None:
        sentence += f"; quality {quality:.3f}"
    if similar is not None:  # the folder is in the column `select_similar`
        sentence += f"; most like rank {rank + 1:,} ({similar.rpartition('/')[2]}, similarity {similarity:.3f})"
    return sentence
