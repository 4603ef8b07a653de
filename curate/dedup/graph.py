"""The graph of similar rows: its connected components, and the nodes that represent the others."""

from __future__ import annotations

import numpy as np


def components(n: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(n,) int64: the smallest member of the connected component of each of n nodes.

    Union-find on arrays: roots are hooked to smaller ones, then all paths are halved, until nothing changes.

    Args:
        n: how many nodes there are.
        left: (p,) one end of each edge.
        right: (p,) the other end.

    Source: Shiloach and Vishkin 1982.
    """
    parent = np.arange(n)
    while True:
        one, other = parent[left], parent[right]
        separate = one != other
        if not separate.any():
            return parent
        left, right = left[separate], right[separate]
        one, other = one[separate], other[separate]
        np.minimum.at(parent, np.maximum(one, other), np.minimum(one, other))
        while True:
            shorter = parent[parent]
            if (shorter == parent).all():
                break
            parent = shorter


def representatives(n: int, better: np.ndarray, worse: np.ndarray) -> np.ndarray:
    """(n,) bool: the nodes that are kept, when from best to worst each is dropped if linked to a better one kept.

    So no two nodes kept are linked, and each one dropped is linked to one kept: the greedy maximal independent set.
    All nodes that can be decided are decided at once, round by round.

    Args:
        n: how many nodes there are, numbered from the best (0) to the worst.
        better: (p,) the better end of each link.
        worse: (p,) the worse end.
    """
    is_kept = np.ones(n, bool)
    is_kept[worse] = False  # until all better ones are known to be dropped
    while len(worse):
        dropped = np.zeros(n, bool)
        dropped[worse[is_kept[better]]] = True
        undecided = ~dropped[worse]
        better, worse = better[undecided], worse[undecided]
        # Of the links that remain, those of a better node that is dropped mean nothing any more.
        waiting = np.zeros(n, bool)
        waiting[worse] = True
        void = ~is_kept[better] & ~waiting[better]
        better, worse = better[~void], worse[~void]
        blocked = np.zeros(n, bool)
        blocked[worse] = True
        is_kept |= waiting & ~blocked
    return is_kept
