"""Links resolved into clusters: which nodes are kept, and which one each of the others is a duplicate of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from curate.dedup.graph import components, representatives
from curate.dedup.links import Links, concatenate_links, with_implied_links


class Clusters(NamedTuple):
    """What becomes of n nodes.

    Attributes:
        representative: (n,) int64, the node that is kept in place of this one (where none is, the one most like it); -1
            for nodes that are kept.
        similarity: (n,) float32 of the two; without meaning for nodes that are kept.
        method: (n,) int8, an index into `links.METHODS`; likewise.
        cluster: (n,) int64, the best node that links lead to from this one; -1 for nodes without links.
    """

    representative: np.ndarray
    similarity: np.ndarray
    method: np.ndarray
    cluster: np.ndarray


def resolve(n: int, direct: Links, fixed: int = 0, implied: bool = True, drop: bool = False) -> Clusters:
    """Which nodes are kept: none is dropped but for a linked one that is kept, and no two linked ones are kept.

    Of several kept nodes, one linked by the first method in the order of METHODS represents a dropped node, of these
    the most similar one, then the better one.

    Args:
        n: how many nodes there are.
        direct: links between them.
        fixed: so many nodes, the best ones, are kept whatever they are linked to.
        implied: whether links of texts that are the same count for all of them; see `links.with_implied_links`.
        drop: whether nodes with links are all dropped but for the fixed ones; those that would be kept are then
            represented by what they would represent, or are most like.
    """
    full = with_implied_links(n, direct) if implied else direct
    full = full.where(full.worse >= fixed)
    is_kept = representatives(n, full.better, full.worse)
    deciding = full.where(is_kept[full.better] & ~is_kept[full.worse])
    if drop:
        deciding = concatenate_links([deciding, _of_kept(full, is_kept, fixed)])
    order = np.lexsort((deciding.better, -deciding.similarity, deciding.method, deciding.worse))
    worse = deciding.worse[order]
    first = order[np.append(True, worse[1:] != worse[:-1])] if len(order) else order
    representative = np.full(n, -1, np.int64)
    similarity, method = np.zeros(n, np.float32), np.zeros(n, np.int8)
    dropped = deciding.worse[first]
    representative[dropped] = deciding.better[first]
    similarity[dropped], method[dropped] = deciding.similarity[first], deciding.method[first]
    root = components(n, full.better, full.worse)
    cluster = np.where(np.bincount(root, minlength=n)[root] > 1, root, -1)
    return Clusters(representative, similarity, method, cluster)


def _of_kept(full: Links, is_kept: np.ndarray, fixed: int) -> Links:
    """The links of kept nodes that are not fixed, seen from these nodes: `worse` is the kept one."""
    turned = full._replace(better=full.worse, worse=full.better)
    both = concatenate_links([full, turned])
    return both.where(is_kept[both.worse] & (both.worse >= fixed))
