"""Exact Jaccard similarity of many pairs of shingle sets at once.

Near-duplicates come in families, so pairs are worked on family by family: each shingle of a family is looked at once,
and the pairs of texts that hold it are counted.  Pairs of large, loose families are merged one by one instead.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from threadpoolctl import threadpool_limits

from curate.dedup.graph import components
from curate.dedup.grouping import pairs_within, ranges
from curate.dedup.shingles import BITS, BLOCK_ROWS, Shingles, elements

ELEMENTS = 1 << 14
# Families up to these many texts are counted in a table of all their pairs, if the pairs asked for are one in LOOSE.
FAMILY = 4096
LOOSE = 8
# In a family of more texts than this, the shingles that most of them hold are counted by a matrix product.
WIDE = 16


def jaccard(sets: Shingles, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(p,) float64 similarities of the pairs left[i], right[i]; those of empty sets are 0."""
    shared = intersections(sets, left, right)
    union = sets.sizes[left] + sets.sizes[right] - shared
    return shared / np.maximum(union, 1)


def intersections(sets: Shingles, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(p,) int64 sizes of what the sets left[i] and right[i] share.

    Args:
        sets: of all texts.
        left: (p,) texts, left[i] != right[i].
        right: (p,) texts, left[i] != right[i].
    """
    shared = np.zeros(len(left), np.int64)
    if not len(left):
        return shared
    texts, ends = np.unique(np.concatenate([left, right]), return_inverse=True)
    ends = ends.reshape(2, -1)
    _, family = np.unique(components(len(texts), ends[0], ends[1]), return_inverse=True)
    members = np.bincount(family)
    pairs_of = np.bincount(family[ends[0]])
    dense = (members <= FAMILY) & (members * members <= 2 * LOOSE * pairs_of)
    by_family = np.argsort(family, kind="stable")
    first = np.cumsum(members) - members
    place = np.empty(len(texts), np.int64)  # of a text in its family
    place[by_family] = np.arange(len(texts)) - first[family[by_family]]
    in_dense = dense[family[ends[0]]]
    order = np.argsort(family[ends[0]], kind="stable")
    order = order[in_dense[order]]
    upto = np.searchsorted(family[ends[0]][order], np.arange(len(members) + 1))

    def count(span: tuple[int, int]) -> None:
        low, high = span
        of_span = by_family[first[low] : first[high - 1] + members[high - 1]]
        of_span = of_span[dense[family[of_span]]]
        sizes = np.where(dense[low:high], members[low:high], 0)
        table = _table(sets, texts[of_span], sizes)
        pairs = order[upto[low] : upto[high]]
        one, other = np.sort(ends[:, pairs], axis=0)
        squares = sizes * sizes
        base = np.cumsum(squares) - squares
        within = family[one] - low
        shared[pairs] = table[base[within] + place[one] * sizes[within] + place[other]]

    def merge(pairs: np.ndarray) -> None:
        shared[pairs] = merged_intersections(sets, left[pairs], right[pairs])

    weights = np.bincount(family, sets.sizes[texts])
    # The threads are ours; those of BLAS would only wait for one another on such small products.
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool, threadpool_limits(1, "blas"):
        list(pool.map(count, _spans(np.where(dense, weights + members * members / 8, 0), members)))
        loose = np.flatnonzero(~in_dense)
        spans = _spans(sets.sizes[left[loose]] + sets.sizes[right[loose]], np.ones(len(loose), np.int64))
        list(pool.map(merge, (loose[low:high] for low, high in spans)))
    return shared


def _spans(weights: np.ndarray, rows: np.ndarray) -> Iterator[tuple[int, int]]:
    """Ranges that cover all items, each of about ELEMENTS in weight and at most BLOCK_ROWS rows."""
    low = weight = row = 0
    for i, (item_weight, item_rows) in enumerate(zip(weights.tolist(), rows.tolist(), strict=True)):
        if i > low and (weight + item_weight > ELEMENTS or row + item_rows > BLOCK_ROWS):
            yield low, i
            low, weight, row = i, 0, 0
        weight += item_weight
        row += item_rows
    if low < len(weights):
        yield low, len(weights)


def _table(sets: Shingles, texts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """For families one after the other, of these sizes, what each two of their texts share: squares end to end.

    Only the part above the diagonal is filled.
    """
    hashes, owner = elements(sets, texts)
    keys = (hashes << np.uint64(64 - BITS)) | owner.astype(np.uint64)
    keys.sort()
    elements_sorted = (keys >> np.uint64(64 - BITS)).view(np.int64)
    owner = (keys & np.uint64(BLOCK_ROWS - 1)).astype(np.int64)
    family = np.repeat(np.arange(len(sizes)), sizes)
    begin = np.cumsum(sizes) - sizes  # of a family among the texts, and of its square in the table
    base = np.cumsum(sizes * sizes) - sizes * sizes
    mine = family[owner]
    # The same shingle in two families is two shingles; texts are in the order of their families.
    new = np.ones(len(elements_sorted), bool)
    new[1:] = (elements_sorted[1:] != elements_sorted[:-1]) | (mine[1:] != mine[:-1])
    begins = np.flatnonzero(new)
    count = np.diff(np.append(begins, len(elements_sorted)))
    many = sizes[mine[begins]]
    wide = (many > WIDE) & (count * 8 > many)
    few = (count > 1) & ~wide
    one, other = pairs_within(owner[np.repeat(few, count)], count[few])
    row = (base[family] + (np.arange(len(family)) - begin[family]) * sizes[family]) - begin[family]
    cells = row[one]
    cells += other
    table = np.bincount(cells, minlength=int((sizes * sizes).sum()))
    _add_wide(table, sizes, begin, base, owner, begins[wide], count[wide], mine[begins[wide]])
    return table


def _add_wide(
    table: np.ndarray,
    sizes: np.ndarray,
    begin: np.ndarray,
    base: np.ndarray,
    owner: np.ndarray,
    begins: np.ndarray,
    count: np.ndarray,
    family: np.ndarray,
) -> None:
    """Add to the squares what their texts share of widely held shingles: those at begins[i], count[i] of them."""
    if not len(family):
        return
    order = np.argsort(family, kind="stable")
    begins, count, family = begins[order], count[order], family[order]
    bounds = np.flatnonzero(np.append(True, family[1:] != family[:-1]))
    for low, high in zip(bounds.tolist(), [*bounds[1:].tolist(), len(family)], strict=True):
        number = int(family[low])
        size = int(sizes[number])
        square = table[base[number] : base[number] + size * size].reshape(size, size)
        at_once = max(1, (1 << 22) // size)
        for i in range(low, high, at_once):
            counts = count[i : min(i + at_once, high)]
            element, column = ranges(begins[i : i + len(counts)], counts)
            matrix = np.zeros((size, len(counts)), np.float32)
            matrix[owner[element] - begin[number], column] = 1
            square += (matrix @ matrix.T).astype(np.int64)


def merged_intersections(sets: Shingles, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """What pairs share, found by sorting each pair's elements together: twice there is shared."""
    hashes, owner = elements(sets, np.stack([left, right], axis=1).ravel())
    keys = ((owner >> 1).astype(np.uint64) << np.uint64(BITS)) | hashes
    keys.sort()
    twice = keys[1:][keys[1:] == keys[:-1]]
    return np.bincount((twice >> np.uint64(BITS)).astype(np.int64), minlength=len(left))
