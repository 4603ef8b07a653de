"""The different texts of rows, each looked at once, and what is found for texts as links between rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from curate.dedup import keys
from curate.dedup.links import EXACT, NEAR, Links, crossed, links
from curate.dedup.minhash import HUBS, groups, pairs_within


class Items(NamedTuple):
    """Different texts of the nodes, in the order of the best node that has each.

    Attributes:
        owners: (m,) nodes, text by text and ascending in each.
        sizes: (t,) how many nodes have each text.
        read: (m,) int64 rows that have a text, as they come, a row as often as it has one
        wanted: (m,) bool, of which of these texts there is none before that is the same and of a better node.
        order: (t,) the place of each different text among those wanted.
    """

    owners: np.ndarray
    sizes: np.ndarray
    read: np.ndarray
    wanted: np.ndarray
    order: np.ndarray


def items_of(rows: int, nodes: np.ndarray, said: keys.Said) -> Items:
    """The different texts of so many rows.

    Args:
        nodes: (n,) rows, the best first.
        said: what the rows say.
    """
    node = np.full(rows, -1, np.int64)
    node[nodes] = np.arange(len(nodes))
    among = np.flatnonzero(node[said.owners] >= 0)
    read = said.owners[among]
    by_node = np.argsort(node[read], kind="stable")
    digests, owners = said.digests[among[by_node]], node[read[by_node]]
    members, sizes = groups(digests)
    number = np.arange(len(owners))
    number[members] = np.repeat(members[np.cumsum(sizes) - sizes], sizes)
    together = np.argsort(number, kind="stable")
    counts = np.bincount(number, minlength=len(owners))
    first = by_node[counts > 0]
    wanted = np.zeros(len(read), bool)
    wanted[first] = True
    return Items(owners[together], counts[counts > 0], read, wanted, (np.cumsum(wanted) - 1)[first])


def same(items: Items) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Links of every text to itself, for the nodes that share it."""
    shared = np.flatnonzero(items.sizes > 1)
    return shared, shared, np.ones(len(shared), np.float32)


def lifted(items: Items, lone: bool, left: np.ndarray, right: np.ndarray, similarity: np.ndarray, method: int) -> Links:
    """Links between texts as links between the nodes that have them.

    Args:
        lone: whether each node has one text. Then the first node of a text has its links; else all have them, and each
            two nodes are linked once, by their most similar texts.
    """
    first = items.owners[np.cumsum(items.sizes) - items.sizes]
    if lone:
        if method == EXACT:
            one, other = pairs_within(items.owners, items.sizes, hubs=1)
            return links(one, other, np.ones(len(one)), EXACT)
        one, other = first[left], first[right]
        return links(np.minimum(one, other), np.maximum(one, other), similarity, method)
    if method == NEAR:  # a text of the same shingles as a better one has the links of that
        base = np.arange(len(items.sizes))
        twin = similarity == 1
        base[right[twin]] = left[twin]
        by_base = np.argsort(base, kind="stable")
        count = np.bincount(base, minlength=len(base))
        one, other = pairs_within(by_base, count, hubs=HUBS)
        link, left, right = crossed(by_base, count, left[~twin], right[~twin])
        similarity = np.concatenate([np.ones(len(one), np.float32), similarity[~twin][link]])
        left, right = np.concatenate([one, left]), np.concatenate([other, right])
    link, one, other = crossed(items.owners, items.sizes, left, right)
    better, worse, similarity = np.minimum(one, other), np.maximum(one, other), similarity[link]
    order = np.lexsort((-similarity, worse, better))
    better, worse, similarity = better[order], worse[order], similarity[order]
    new = better != worse
    new[1:] &= (better[1:] != better[:-1]) | (worse[1:] != worse[:-1])
    return links(better[new], worse[new], similarity[new], method)
