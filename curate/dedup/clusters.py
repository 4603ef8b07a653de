"""Which rows of a cluster stay: never one like a better one that stays, and none goes for a row it is not like."""

from __future__ import annotations

import numpy as np


def components(n: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(n,) int64: the smallest member of the connected component of each of n nodes.

    Args:
        left: (p,) ends of the edges. Union-find on arrays: roots are hooked to smaller ones, then all paths are halved,
            until nothing changes (Shiloach and Vishkin 1982).
        right: see `left`.
    """
    parent = np.arange(n)
    while True:
        one, other = parent[left], parent[right]
        apart = one != other
        if not apart.any():
            return parent
        left, right = left[apart], right[apart]
        one, other = one[apart], other[apart]
        np.minimum.at(parent, np.maximum(one, other), np.minimum(one, other))
        while True:
            shorter = parent[parent]
            if (shorter == parent).all():
                break
            parent = shorter


def stay(n: int, better: np.ndarray, worse: np.ndarray) -> np.ndarray:
    """(n,) bool: the nodes that stay, when from best to worst each goes if it is linked to a better one that stays.

    All that can be settled is settled at once, round by round.

    Args:
        better: (p,) ends of the links, nodes being numbered from best (0) to worst.
        worse: (p,) ends of the links, nodes being numbered from best (0) to worst.
    """
    stays = np.ones(n, bool)
    stays[worse] = False  # until all better ones are known to go
    while len(worse):
        goes = np.zeros(n, bool)
        goes[worse[stays[better]]] = True
        open_ = ~goes[worse]
        better, worse = better[open_], worse[open_]
        # Of the links that are left, those of a better node that goes say nothing any more.
        waiting = np.zeros(n, bool)
        waiting[worse] = True
        gone = ~stays[better] & ~waiting[better]
        better, worse = better[~gone], worse[~gone]
        still = np.zeros(n, bool)
        still[worse] = True
        stays |= waiting & ~still
    return stays
