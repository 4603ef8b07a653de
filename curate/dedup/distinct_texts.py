"""The distinct texts of rows, each looked at once, and links between texts as links between rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from curate.dedup.digests import TextDigests
from curate.dedup.grouping import HUBS, groups, pairs_between, pairs_within
from curate.dedup.links import EXACT, NEAR, Links, links


class DistinctTexts(NamedTuple):
    """The t distinct texts of the nodes, in the order of the best node that has each.

    Attributes:
        owners: (m,) nodes, text by text and ascending in each.
        sizes: (t,) how many nodes have each text.
        rows: (m,) int64 rows that have a text, ascending, a row as often as it has one.
        chosen: (m,) bool, of which of these texts no better node has the same.
        order: (t,) the place of each distinct text among those chosen.
    """

    owners: np.ndarray
    sizes: np.ndarray
    rows: np.ndarray
    chosen: np.ndarray
    order: np.ndarray

    def numbers(self) -> np.ndarray:
        """(m,) int64: the number of each text of `rows`, which is its place in the order; -1 for those not chosen."""
        numbers = np.full(len(self.rows), -1, np.int64)
        chosen = np.flatnonzero(self.chosen)
        numbers[chosen[self.order]] = np.arange(len(self.order))
        return numbers


def find_distinct_texts(rows: int, nodes: np.ndarray, digests: TextDigests) -> DistinctTexts:
    """The distinct texts of rows.

    Args:
        rows: how many there are.
        nodes: (n,) those that count, the best first; a node is known by its place here.
        digests: of all rows.
    """
    node = np.full(rows, -1, np.int64)
    node[nodes] = np.arange(len(nodes))
    of_nodes = np.flatnonzero(node[digests.owners] >= 0)
    text_rows = digests.owners[of_nodes]
    by_node = np.argsort(node[text_rows], kind="stable")
    values, owners = digests.digests[of_nodes[by_node]], node[text_rows[by_node]]
    members, sizes = groups(values)
    number = np.arange(len(owners))
    number[members] = np.repeat(members[np.cumsum(sizes) - sizes], sizes)
    together = np.argsort(number, kind="stable")
    counts = np.bincount(number, minlength=len(owners))
    first = by_node[counts > 0]
    chosen = np.zeros(len(text_rows), bool)
    chosen[first] = True
    return DistinctTexts(owners[together], counts[counts > 0], text_rows, chosen, (np.cumsum(chosen) - 1)[first])


def exact_links(texts: DistinctTexts, one_text_each: bool) -> Links:
    """Links between the nodes that have the same text, of similarity 1.

    Args:
        texts: the distinct texts.
        one_text_each: see `row_links`.
    """
    if one_text_each:
        better, worse = pairs_within(texts.owners, texts.sizes, hubs=1)
        return links(better, worse, np.ones(len(better)), EXACT)
    shared = np.flatnonzero(texts.sizes > 1)
    return _most_similar(texts, shared, shared, np.ones(len(shared), np.float32), EXACT)


def row_links(
    texts: DistinctTexts,
    one_text_each: bool,
    left: np.ndarray,
    right: np.ndarray,
    similarity: np.ndarray,
    method: int,
) -> Links:
    """Links between texts as links between the nodes that have them.

    Args:
        texts: the distinct texts.
        one_text_each: whether each node has one text. Then the first node of a text has its links; else all have them,
            and each two nodes are linked once, by their most similar texts.
        left: (p,) numbers of texts.
        right: (p,) numbers of the texts that they are similar to.
        similarity: (p,) float32.
        method: `links.NEAR` or `links.SEMANTIC`.
    """
    if one_text_each:
        first = texts.owners[np.cumsum(texts.sizes) - texts.sizes]
        one, other = first[left], first[right]
        return links(np.minimum(one, other), np.maximum(one, other), similarity, method)
    if method == NEAR:
        left, right, similarity = _of_same_shingles(len(texts.sizes), left, right, similarity)
    return _most_similar(texts, left, right, similarity, method)


def _of_same_shingles(
    texts: int, left: np.ndarray, right: np.ndarray, similarity: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The pairs, with those of a text also for the worse texts of the same shingles, which have none of their own."""
    base = np.arange(texts)
    twin = similarity == 1
    base[right[twin]] = left[twin]
    by_base = np.argsort(base, kind="stable")
    count = np.bincount(base, minlength=len(base))
    one, other = pairs_within(by_base, count, hubs=HUBS)
    pair, left, right = pairs_between(by_base, count, left[~twin], right[~twin])
    similarity = np.concatenate([np.ones(len(one), np.float32), similarity[~twin][pair]])
    return np.concatenate([one, left]), np.concatenate([other, right]), similarity


def _most_similar(
    texts: DistinctTexts, left: np.ndarray, right: np.ndarray, similarity: np.ndarray, method: int
) -> Links:
    """Each two nodes linked once, by their most similar texts."""
    pair, one, other = pairs_between(texts.owners, texts.sizes, left, right)
    better, worse, similarity = np.minimum(one, other), np.maximum(one, other), similarity[pair]
    order = np.lexsort((-similarity, worse, better))
    better, worse, similarity = better[order], worse[order], similarity[order]
    new = better != worse
    new[1:] &= (better[1:] != better[:-1]) | (worse[1:] != worse[:-1])
    return links(better[new], worse[new], similarity[new], method)
