"""Links between similar rows.

A link joins a better row and a worse one.  The ledger holds them, and nothing but links decides which rows are kept:
so a tighter threshold is answered from the ledger, by fewer links.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from curate.dedup.grouping import HUBS, pairs_between, pairs_within

METHODS = ("exact", "near", "semantic")
EXACT, NEAR, SEMANTIC = range(3)


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

    def where(self, mask: np.ndarray) -> Links:
        """The links for which `mask`, (p,) bool, holds."""
        return Links(*(values[mask] for values in self))


def links(better: np.ndarray, worse: np.ndarray, similarity: np.ndarray, method: int) -> Links:
    """Links of one method."""
    return Links(
        np.asarray(better, np.int64),
        np.asarray(worse, np.int64),
        np.asarray(similarity, np.float32),
        np.full(len(better), method, np.int8),
    )


def concatenate_links(parts: Sequence[Links]) -> Links:
    """All links of the parts, of which there is at least one."""
    return Links(*(np.concatenate(values) for values in zip(*parts, strict=True)))


def with_implied_links(n: int, direct: Links) -> Links:
    """The links, and for texts that are the same those that only the best of them has.

    Exact duplicates share all links, texts of the same shingles share the near ones.

    Args:
        n: how many nodes there are.
        direct: the links as they were found.
    """
    near = direct.method == NEAR
    full = _share(n, direct, near & (direct.similarity == 1), near)
    return _share(n, full, full.method == EXACT, np.ones(len(full.better), bool))


def _share(n: int, direct: Links, same: np.ndarray, shared: np.ndarray) -> Links:
    """The links, with the `shared` ones of a node also for those that it is the `same` as; both (p,) bool."""
    if not same.any():
        return direct
    leader = np.arange(n)
    leader[direct.worse[same]] = direct.better[same]
    order = np.argsort(leader, kind="stable")
    sizes = np.bincount(leader, minlength=n)
    one, other = pairs_within(order, sizes, hubs=HUBS)
    inner = links(one, other, np.ones(len(one)), int(direct.method[same][0]))
    outer, rest = direct.where(shared & ~same), direct.where(~shared & ~same)
    link, one, other = pairs_between(order, sizes, outer.better, outer.worse)
    outer = Links(np.minimum(one, other), np.maximum(one, other), outer.similarity[link], outer.method[link])
    return concatenate_links([rest, inner, outer])
