"""Near-duplicates: pairs of texts whose shingle sets have a Jaccard similarity of at least a threshold.

Candidates come from MinHash and bands, and every one is verified, so all pairs found are true ones.  Up to EXACT_TEXTS
texts every pair is compared and none is missed; above that a pair at the threshold is missed with a chance of
1 - `Bands.recall`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np

from curate.dedup.banding import banded_pairs, describe_recall
from curate.dedup.grouping import groups, pairs_within
from curate.dedup.jaccard import jaccard
from curate.dedup.links import NEAR, links, with_implied_links
from curate.dedup.shingles import SIZE, Shingles, elements, shingles
from curate.dedup.similar_pairs import SimilarPairs, reaches
from curate.dedup.units import mix

EXACT_TEXTS = 1500
# A shingle of more texts than this: their rows of the table of pairs are set at once.
WIDE = 256


def pairs(
    texts: Iterable[str], threshold: float, size: int = SIZE, outside: int = 0, order: np.ndarray | None = None
) -> SimilarPairs:
    """All pairs of texts that are similar to a degree of `threshold` or more.

    Texts with the same set (similarity 1) are paired with the best of them only, which stands for the others in all
    other pairs.

    Args:
        texts: n of them, read once, in any order.
        threshold: Jaccard similarity in (0, 1].
        size: units in a shingle.
        outside: if not 0, so many of the best texts are compared with the others only, and those not with one another.
        order: (n,) the place of each among the texts, from the best text to the worst, by which they are numbered; they
            come so if None.
    """
    sets = shingles(texts, size)
    if order is not None:
        sets = sets._replace(starts=sets.starts[order], sizes=sets.sizes[order])
    nonempty = np.flatnonzero(sets.sizes)
    left, right = _twins(sets, nonempty)
    is_twin = np.zeros(len(sets.sizes), bool)
    is_twin[right] = True
    return with_twins(left, right, compare(sets, nonempty[~is_twin[nonempty]], threshold, outside))


def with_twins(left: np.ndarray, right: np.ndarray, others: SimilarPairs) -> SimilarPairs:
    """Pairs of texts of the same set, then other pairs.

    Args:
        left: (k,) the best text of each set.
        right: (k,) each other text of it.
        others: pairs of texts of different sets.
    """
    return others._replace(
        left=np.concatenate([left, others.left]),
        right=np.concatenate([right, others.right]),
        similarity=np.concatenate([np.ones(len(left), np.float32), others.similarity.astype(np.float32)]),
    )


def compare(sets: Shingles, single: np.ndarray, threshold: float, outside: int = 0) -> SimilarPairs:
    """Pairs of these texts, of which no two have the same set.

    Args:
        sets: of all texts.
        single: (n,) texts, the best first.
        threshold: Jaccard similarity in (0, 1].
        outside: see `pairs`.
    """
    if len(single) > EXACT_TEXTS:
        between = int(np.searchsorted(single, outside)) if outside else None
        better, worse, similarity, complete = banded_pairs(sets, single, threshold, between)
        return SimilarPairs(better, worse, similarity, complete, describe_recall(threshold))
    better, worse = _sharing(sets, single)
    mixed = (better < outside) & (worse >= outside) if outside else np.ones(len(better), bool)
    better, worse = better[mixed], worse[mixed]
    similarity = jaccard(sets, better, worse)
    similar = reaches(similarity, threshold)
    return SimilarPairs(better[similar], worse[similar], similarity[similar], True, "all pairs compared")


def across(texts: Iterable[str], others: Sequence[str], threshold: float, size: int = SIZE) -> SimilarPairs:
    """All pairs of a text (left) and one of the others (right) that are similar to a degree of `threshold` or more.

    Args:
        texts: read once.
        others: compared with the texts only.
        threshold: Jaccard similarity in (0, 1].
        size: units in a shingle.
    """
    # The others come first, so that each of them, and none of the texts, stands for those with the same set.
    direct = pairs(chain(others, texts), threshold, size=size, outside=len(others))
    n = int(max(direct.right.max(initial=-1) + 1, len(others)))
    full = with_implied_links(n, links(direct.left, direct.right, direct.similarity, NEAR))
    mixed = (full.better < len(others)) & (full.worse >= len(others))
    return direct._replace(
        left=full.worse[mixed] - len(others), right=full.better[mixed], similarity=full.similarity[mixed]
    )


def _twins(sets: Shingles, best_first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of the best text of those with the same set and each other one, of texts that have shingles."""
    if not len(best_first):
        return best_first, best_first
    in_memory = best_first[np.argsort(sets.starts[best_first], kind="stable")]
    sums = np.empty(len(sets.sizes), np.uint64)
    # Two sets may have the same sum by chance; the jaccard below tells them apart.
    sums[in_memory] = np.add.reduceat(sets.hashes, sets.starts[in_memory])
    members, sizes = groups(sums[best_first] ^ mix(sets.sizes[best_first].astype(np.uint64)))
    one, other = pairs_within(members, sizes, hubs=1)
    one, other = best_first[one], best_first[other]
    same = jaccard(sets, one, other) == 1
    return one[same], other[same]


def _sharing(sets: Shingles, single: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of texts that share a shingle, the better one first."""
    hashes, owner = elements(sets, single)
    members, sizes = groups(hashes)
    sharing = np.zeros((len(single), len(single)), bool)
    order = owner[members]
    wide = np.repeat(sizes > WIDE, sizes)
    one, other = pairs_within(order[~wide], sizes[sizes <= WIDE])
    sharing[one, other] = True
    for texts in np.split(order[wide], np.cumsum(sizes[sizes > WIDE])[:-1]):
        sharing[np.ix_(texts, texts)] = True
    one, other = np.nonzero(np.triu(sharing | sharing.T, 1))
    return single[one], single[other]
