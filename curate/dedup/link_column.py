"""Links as a column of the ledger, each with its worse row, and back."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.dedup.links import METHODS, Links
from curate.table.table import named, placed

TYPE = pa.list_(
    pa.struct(
        [
            ("offset", pa.int64()),
            ("similarity", pa.float32()),
            ("method", pa.string()),
            ("place", pa.string()),
            ("text", pa.string()),
        ]
    )
)


class OutsideRows(NamedTuple):
    """Rows that are not in the table but in files it is compared with.

    Attributes:
        places: file:row of each.
        texts: what counted of it.
    """

    places: list[str]
    texts: list[str]


def to_column(direct: Links, position: np.ndarray, rows: int, outside: OutsideRows) -> pa.Array:
    """The links as a list column of the table, each with its worse row.

    Args:
        direct: links between n nodes.
        position: (n,) row of each node in the table; offset is the better row less the worse one, so that a ledger may
            be read after another.
        rows: how many the table has.
        outside: the first nodes, which are not in the table: of a row's links to those, the most similar one of each
            method is kept.
    """
    away = direct.better < len(outside.places)
    far = np.flatnonzero(away)
    far = far[np.lexsort((direct.better[far], -direct.similarity[far], direct.method[far], direct.worse[far]))]
    worse, method = direct.worse[far], direct.method[far]
    repeats = far[1:][(worse[1:] == worse[:-1]) & (method[1:] == method[:-1])]
    needed = direct.worse >= len(outside.places)
    needed[repeats] = False
    direct = direct.where(needed)
    row = position[direct.worse]
    order = np.lexsort((direct.better, direct.method, -direct.similarity, row))
    direct, row = direct.where(order), row[order]
    away = direct.better < len(outside.places)
    far, elsewhere = np.flatnonzero(away), direct.better[away].tolist()
    values = pa.StructArray.from_arrays(
        [
            pa.array(position[direct.better] - row, mask=away),
            pa.array(direct.similarity),
            named(direct.method, METHODS),
            placed(len(row), far, [outside.places[i] for i in elsewhere], pa.string()),
            placed(len(row), far, [outside.texts[i] for i in elsewhere], pa.string()),
        ],
        fields=[TYPE.value_type.field(i) for i in range(TYPE.value_type.num_fields)],
    )
    bounds = np.cumsum(np.append(0, np.bincount(row, minlength=rows)), dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(bounds), values)


def from_column(column: pa.ChunkedArray, node: np.ndarray, outside: int) -> tuple[Links, OutsideRows]:
    """The links that `to_column` wrote, and the rows elsewhere they lead to, which are the first nodes.

    Args:
        column: of the ledger.
        node: (rows,) the number of each row of the table among the rows of the table, from the best (0) on.
        outside: how many links lead elsewhere (`count_outside`).
    """
    lists = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    row = np.repeat(np.arange(len(lists)), np.diff(lists.offsets.to_numpy()))
    values = lists.flatten()
    offsets = values.field("offset")
    away = np.asarray(offsets.is_null())
    better = np.empty(len(row), np.int64)
    better[away] = np.arange(outside)
    inside = np.asarray(offsets.fill_null(0))[~away]
    better[~away] = node[row[~away] + inside] + outside
    method = pc.index_in(values.field("method"), pa.array(METHODS)).to_numpy().astype(np.int8)
    places, texts = (values.field(name).filter(pa.array(away)).to_pylist() for name in ("place", "text"))
    direct = Links(better, node[row] + outside, np.asarray(values.field("similarity")), method)
    return direct, OutsideRows(places, texts)


def rows_with_links(column: pa.ChunkedArray) -> np.ndarray:
    """Positions of the rows at either end of the links of a column, ascending."""
    lists = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    row = np.repeat(np.arange(len(lists)), np.diff(lists.offsets.to_numpy()))
    offset = lists.flatten().field("offset")
    inside = np.asarray(offset.is_valid())
    return np.unique(np.concatenate([row, (row + np.asarray(offset.fill_null(0)))[inside]]))


def count_outside(column: pa.ChunkedArray) -> int:
    """How many links of a column lead to rows elsewhere."""
    return sum(chunk.flatten().field("offset").null_count for chunk in column.chunks)
