"""Links between similar rows: kept in the ledger, and settled into which row stays for which.

A link joins a better row and a worse one.  Nothing but links decides, so that a tighter threshold is answered from the
ledger: fewer links, settled again.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.dedup.clusters import components, stay
from curate.dedup.minhash import HUBS, pairs_within
from curate.table.table import named, placed

METHODS = ("exact", "near", "semantic")
EXACT, NEAR, SEMANTIC = range(3)
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


class Links(NamedTuple):
    """p links between nodes that are numbered from the best (0) to the worst.

    A near link of similarity 1 joins texts of the same shingles; the worse one has no other near links, since it has
    those of the better one.

    Attributes:
        better: (p,) int64.
        worse: (p,) int64.
        similarity: (p,) float32.
        method: (p,) int8, an index into METHODS.
    """

    better: np.ndarray
    worse: np.ndarray
    similarity: np.ndarray
    method: np.ndarray

    def where(self, chosen: np.ndarray) -> Links:
        """The links for which `chosen`, (p,) bool, holds."""
        return Links(*(values[chosen] for values in self))


class Settled(NamedTuple):
    """What becomes of n nodes.

    Attributes:
        kept: (n,) int64, the node that stays in place of this one; -1 for those that stay.
        similarity: (n,) float32 of the two, method: (n,) int8; without meaning for nodes that stay.
        cluster: (n,) int64, the best node that links lead to from this one; -1 for nodes without links.
    """

    kept: np.ndarray
    similarity: np.ndarray
    method: np.ndarray
    cluster: np.ndarray


def links(better: np.ndarray, worse: np.ndarray, similarity: np.ndarray, method: int) -> Links:
    """Links of one method."""
    return Links(
        np.asarray(better, np.int64),
        np.asarray(worse, np.int64),
        np.asarray(similarity, np.float32),
        np.full(len(better), method, np.int8),
    )


def joined(parts: list[Links]) -> Links:
    """All links of the parts."""
    return Links(*(np.concatenate(values) for values in zip(*parts, strict=True)))


def settle(n: int, found: Links, fixed: int = 0, twins: bool = True) -> Settled:
    """Which node stays for which: none goes but for a linked one that stays, and no two linked ones stay.

    Of several nodes that stay, one by the first method in the order of METHODS stands for a node that goes, of these
    the most similar one, then the better one.

    Args:
        fixed: so many nodes, the best ones, stay whatever they are linked to.
        twins: whether links of similarity 1 stand for those that `Links` says they do.
    """
    full = spread(n, found) if twins else found
    full = full.where(full.worse >= fixed)
    stays = stay(n, full.better, full.worse)
    told = full.where(stays[full.better] & ~stays[full.worse])
    order = np.lexsort((told.better, -told.similarity, told.method, told.worse))
    worse = told.worse[order]
    first = order[np.append(True, worse[1:] != worse[:-1])] if len(order) else order
    kept = np.full(n, -1, np.int64)
    similarity, method = np.zeros(n, np.float32), np.zeros(n, np.int8)
    goes = told.worse[first]
    kept[goes], similarity[goes], method[goes] = told.better[first], told.similarity[first], told.method[first]
    root = components(n, full.better, full.worse)
    cluster = np.where(np.bincount(root, minlength=n)[root] > 1, root, -1)
    return Settled(kept, similarity, method, cluster)


def spread(n: int, found: Links) -> Links:
    """The links, and for texts that are the same those that only the best of them has.

    Exact duplicates share all links, texts of the same shingles share the near ones.
    """
    near = found.method == NEAR
    full = _share(n, found, near & (found.similarity == 1), near)
    return _share(n, full, full.method == EXACT, np.ones(len(full.better), bool))


def _share(n: int, found: Links, same: np.ndarray, shared: np.ndarray) -> Links:
    """The links, with the `shared` ones of a node also for those that it is the `same` as.

    Args:
        same: (p,) bool.
        shared: (p,) bool.
    """
    if not same.any():
        return found
    leader = np.arange(n)
    leader[found.worse[same]] = found.better[same]
    order = np.argsort(leader, kind="stable")
    sizes = np.bincount(leader, minlength=n)
    one, other = pairs_within(order, sizes, hubs=HUBS)
    inner = links(one, other, np.ones(len(one)), int(found.method[same][0]))
    outer, rest = found.where(shared & ~same), found.where(~shared & ~same)
    link, one, other = crossed(order, sizes, outer.better, outer.worse)
    outer = Links(np.minimum(one, other), np.maximum(one, other), outer.similarity[link], outer.method[link])
    return joined([rest, inner, outer])


def crossed(
    members: np.ndarray, sizes: np.ndarray, left: np.ndarray, right: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every member of a group with every one of another: for linked groups, (link, member of left, member of right).

    Args:
        members: (m,) group by group.
        sizes: (g,) sizes of the groups.
        left: (p,) the groups linked.
        right: (p,) the groups linked.
    """
    first = np.cumsum(sizes) - sizes
    times = sizes[left] * sizes[right]
    link = np.repeat(np.arange(len(left)), times)
    turn = np.arange(len(link)) - np.repeat(np.cumsum(times) - times, times)
    width = np.maximum(sizes[right], 1)[link]
    return link, members[first[left][link] + turn // width], members[first[right][link] + turn % width]


class Outside(NamedTuple):
    """Rows that are not in the table but in files it is compared with: place is file:row, text what counted of it."""

    places: list[str]
    texts: list[str]


def to_column(found: Links, position: np.ndarray, rows: int, outside: Outside) -> pa.Array:
    """The links as a list column of the table, each with its worse row.

    Args:
        position: (n,) row of each node in the table; offset is the better row less the worse one, so that a ledger may
            be read after another.
        outside: the first nodes, which are not in the table: of a row's links to those, the most similar one of each
            method is kept.
    """
    away = found.better < len(outside.places)
    far = np.flatnonzero(away)
    far = far[np.lexsort((found.better[far], -found.similarity[far], found.method[far], found.worse[far]))]
    worse, method = found.worse[far], found.method[far]
    repeats = far[1:][(worse[1:] == worse[:-1]) & (method[1:] == method[:-1])]
    needed = found.worse >= len(outside.places)
    needed[repeats] = False
    found = found.where(needed)
    row = position[found.worse]
    order = np.lexsort((found.better, found.method, -found.similarity, row))
    found, row = found.where(order), row[order]
    away = found.better < len(outside.places)
    far, elsewhere = np.flatnonzero(away), found.better[away].tolist()
    values = pa.StructArray.from_arrays(
        [
            pa.array(position[found.better] - row, mask=away),
            pa.array(found.similarity),
            named(found.method, METHODS),
            placed(len(row), far, [outside.places[i] for i in elsewhere], pa.string()),
            placed(len(row), far, [outside.texts[i] for i in elsewhere], pa.string()),
        ],
        fields=[TYPE.value_type.field(i) for i in range(TYPE.value_type.num_fields)],
    )
    bounds = np.cumsum(np.append(0, np.bincount(row, minlength=rows)), dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(bounds), values)


def from_column(column: pa.ChunkedArray, node: np.ndarray, outside: int) -> tuple[Links, Outside]:
    """The links that `to_column` wrote, and the rows elsewhere they lead to, which are the first nodes.

    Args:
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
    places, said = (values.field(name).filter(pa.array(away)).to_pylist() for name in ("place", "text"))
    found = Links(better, node[row] + outside, np.asarray(values.field("similarity")), method)
    return found, Outside(places, said)


def count_outside(column: pa.ChunkedArray) -> int:
    """How many links of a column lead to rows elsewhere."""
    return sum(chunk.flatten().field("offset").null_count for chunk in column.chunks)
