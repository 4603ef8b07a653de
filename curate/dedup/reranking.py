"""Rows that are alike ranked by their faults, which are looked for in such rows alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.dedup.links import EXACT, NEAR, Links, concatenate_links, links
from curate.engine.rows import Rows

# Of a batch of rows with TEXTS a table of `certain` and `suspected`: how many faults each has.
CountFaults = Callable[[pa.Table], pa.Table]
TEXTS = ("prompt", "response", "record")
# The columns that a score leaves, lists of names.
COLUMNS = ("faults", "suspicions")
MEMBER = "_member"


def fault_worth(rows: Rows, members: np.ndarray, count: CountFaults) -> list[np.ndarray]:
    """Two arrays for `ranking.rank_rows`: certain faults and suspicions of each row, less being better.

    Args:
        rows: n rows, whose faults are in columns where they were scored.
        members: positions of the rows that are looked at; the others count as without faults.
        count: how many faults rows have.
    """
    thin = rows.thin
    worth = [np.zeros(rows.num_rows) for _ in COLUMNS]
    if set(COLUMNS) <= set(thin.column_names):
        lengths = (pc.list_value_length(thin[name]).cast(pa.float64()) for name in COLUMNS)
        return [-values.to_numpy(zero_copy_only=False) for values in lengths]  # rows that were not scored come last
    if not len(members):
        return worth
    is_member = np.zeros(rows.num_rows, bool)
    is_member[members] = True
    marked = rows.with_thin(thin.append_column(MEMBER, pa.array(is_member)))
    for positions, counts in marked.gather(_count_members, [*TEXTS, MEMBER], count):
        at = positions[is_member[positions]]
        for values, name in zip(worth, ("certain", "suspected"), strict=True):
            values[at] = -counts[name].to_numpy().astype(float)
    return worth


def _count_members(batch: pa.Table, count: CountFaults) -> pa.Table:
    return count(batch.filter(batch[MEMBER]).drop_columns([MEMBER]))


def linked_rows(direct: Links, order: np.ndarray, outside: int) -> np.ndarray:
    """The positions of rows that have links.

    Args:
        direct: links between nodes.
        order: (k,) positions of the nodes after the outside ones.
        outside: so many first nodes are in no row.
    """
    linked = np.unique(np.concatenate([direct.better, direct.worse]))
    return order[linked[linked >= outside] - outside]


def renumbered(direct: Links, place: np.ndarray, implied: bool) -> Links:
    """Links between nodes in another order.

    Of the nodes with the same text only the best has all links, and so of texts with the same shingles; see
    `links.with_implied_links`.  Where another one is the best now, it takes them over.

    Args:
        direct: links between n nodes.
        place: (n,) the new number of each.
        implied: whether links of texts that are the same count for all of them; else each node has its own.
    """
    if implied:
        everything = np.ones(len(direct.better), bool)
        direct = _recentred(direct, direct.method == EXACT, everything, place)
        near = direct.method == NEAR
        direct = _recentred(direct, near & (direct.similarity == 1), near, place)
    one, other = place[direct.better], place[direct.worse]
    return direct._replace(better=np.minimum(one, other), worse=np.maximum(one, other))


def _recentred(direct: Links, same: np.ndarray, shared: np.ndarray, place: np.ndarray) -> Links:
    """The links with the `shared` ones at the best by place of each group of nodes that are the `same`."""
    if not same.any():
        return direct
    leader = np.arange(len(place))
    leader[direct.worse[same]] = direct.better[same]
    by_group = np.lexsort((place, leader))
    first = by_group[np.append(True, np.diff(leader[by_group]) != 0)]
    best = np.arange(len(place))
    best[leader[first]] = first
    members = np.unique(np.concatenate([direct.better[same], direct.worse[same]]))
    members = members[best[leader[members]] != members]
    star = links(best[leader[members]], members, np.ones(len(members)), int(direct.method[same][0]))
    outer, rest = direct.where(shared & ~same), direct.where(~shared & ~same)
    outer = outer._replace(better=best[outer.better], worse=best[outer.worse])
    return concatenate_links([rest, star, outer])
