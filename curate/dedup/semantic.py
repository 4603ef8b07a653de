"""Rows close in meaning: pairs of texts whose embeddings have a cosine of at least a threshold.

Up to EXACT_ROWS texts all pairs are compared, block by block.  Above, vectors are put into cells around centroids, and
each is compared with those of the nearest cells (an inverted file, Jegou et al. 2011, by faiss; with one cell this is
SemDeDup, Abbas et al. 2023), and what that misses is measured on a sample.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from curate.dedup.clusters import stay
from curate.dedup.near import Pairs, reaches
from curate.errors import CurateError
from curate.models.embed import embed
from curate.progress import Progress, silent

EXACT_ROWS = 200_000
BLOCK = 1024
# Links for which memory is set aside; where there are more, only those to rows that stay are looked for.
MOST_LINKS = 20_000_000
CELLS_LOOKED_AT = 8
SAMPLE = 500
# Cosines are rounded, so that they do not depend on how a matrix product was cut into blocks.
DIGITS = 5


def pairs(texts: Sequence[str], threshold: float, embedder: str = "auto", progress: Progress = silent) -> Pairs:
    """All pairs of texts whose embeddings have a cosine of `threshold` or more.

    Args:
        texts: from the best to the worst, none empty.
        threshold: in (0, 1].
        embedder: see `embed.embed`.

    Raises:
        CurateError: where a package or model is missing.
    """
    vectors, note = _embedded(texts, embedder, progress)
    progress("comparing embeddings", 1, 1)
    if len(vectors) > EXACT_ROWS:
        return _by_cells(vectors, threshold, note)
    found = _all(vectors, threshold)
    complete = found is not None
    return Pairs(*(found or _staying(vectors, threshold)), complete, f"{note}; all pairs compared")


def across(
    texts: Sequence[str], others: Sequence[str], threshold: float, embedder: str = "auto", progress: Progress = silent
) -> Pairs:
    """All pairs of a text (left) and one of the others (right) with a cosine of `threshold` or more, as `pairs`."""
    vectors, note = _embedded([*texts, *others], embedder, progress)
    own, rest = vectors[: len(texts)], vectors[len(texts) :]
    parts = [_close(own[i : i + BLOCK], rest, threshold, i) for i in range(0, len(own), BLOCK)]
    return Pairs(*_joined(parts), True, f"{note}; all pairs compared")


def _embedded(texts: Sequence[str], embedder: str, progress: Progress) -> tuple[np.ndarray, str]:
    """Vectors that do not depend on the order of the texts, and how they were made."""
    if not texts:
        return np.zeros((0, 1), np.float32), "no texts"
    # Sums over all texts, which some embedders make, round alike only in the same order.
    order = sorted(range(len(texts)), key=texts.__getitem__)
    found = embed([texts[i] for i in order], embedder, progress)
    vectors = np.empty_like(found.vectors)
    vectors[order] = found.vectors
    return vectors, found.note


def _close(
    block: np.ndarray, vectors: np.ndarray, threshold: float, start: int, after: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of a vector of the block, whose first is number `start`, and one of the others; after: later ones only."""
    cosines = np.round(block @ vectors.T, DIGITS)
    one, other = np.nonzero(reaches(cosines, threshold))
    if after:
        later = other > one
        one, other = one[later], other[later]
    return one + start, other, np.minimum(cosines[one, other], 1)


def _joined(parts: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    none = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
    left, right, similarity = (np.concatenate(column) for column in zip(none, *parts, strict=True))
    return left, right, similarity


def _all(vectors: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """All pairs, the better one left, or None if there are more than MOST_LINKS."""
    parts, count = [], 0
    for i in range(0, len(vectors), BLOCK):
        one, other, cosine = _close(vectors[i : i + BLOCK], vectors[i:], threshold, i)
        later = other + i > one
        parts.append((one[later], other[later] + i, cosine[later]))
        count += int(later.sum())
        if count > MOST_LINKS:
            return None
    return _joined(parts)


def _staying(vectors: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of a row that stays and a worse one: block by block from the best on, against what stays so far."""
    staying = np.zeros(0, np.int64)
    parts = []
    for i in range(0, len(vectors), BLOCK):
        block = vectors[i : i + BLOCK]
        worse, kept, cosine = _close(block, vectors[staying], threshold, i)
        goes = np.zeros(len(block), bool)
        goes[worse - i] = True
        left = np.flatnonzero(~goes)
        one, other, inner = _close(block[left], block[left], threshold, 0, after=True)
        stays = stay(len(left), one, other)
        told = stays[one]
        parts += [(staying[kept], worse, cosine), (left[one[told]] + i, left[other[told]] + i, inner[told])]
        staying = np.concatenate([staying, left[stays] + i])
    return _joined(parts)


def _by_cells(vectors: np.ndarray, threshold: float, note: str) -> Pairs:
    try:
        import faiss
    except ImportError:
        raise CurateError(
            f"{len(vectors):,} rows are too many to compare all; that needs faiss-cpu: pip install 'curate-sft[embed]'"
        ) from None
    cells = int(4 * len(vectors) ** 0.5)
    width = vectors.shape[1]
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(width), width, cells, faiss.METRIC_INNER_PRODUCT)
    index.cp.seed = 0
    index.train(np.ascontiguousarray(vectors[:: max(1, len(vectors) // (64 * cells))]))
    index.add(vectors)
    index.nprobe = CELLS_LOOKED_AT
    radius = float(threshold - 10.0**-DIGITS)
    parts, count, complete = [], 0, True
    for i in range(0, len(vectors), BLOCK):
        bounds, cosines, other = index.range_search(vectors[i : i + BLOCK], radius)
        one = np.repeat(np.arange(i, i + len(bounds) - 1), np.diff(bounds).astype(np.int64))
        cosines = np.round(cosines, DIGITS)
        chosen = (other > one) & reaches(cosines, threshold)
        one, other, cosines = one[chosen], other[chosen], np.minimum(cosines[chosen], 1)
        if count + len(one) > MOST_LINKS:  # the most similar worse rows of each row will have to do
            complete = False
            order = np.lexsort((-cosines, one))
            place = np.arange(len(order)) - np.searchsorted(one[order], one[order])
            one, other, cosines = (values[order[place < 64]] for values in (one, other, cosines))
        parts.append((one, other, cosines))
        count += len(one)
    found = _joined(parts)
    return Pairs(
        *found, complete, f"{note}; {cells:,} cells, recall {_recall(vectors, threshold, found):.3f} (measured)"
    )


def _recall(vectors: np.ndarray, threshold: float, found: tuple[np.ndarray, np.ndarray, np.ndarray]) -> float:
    """Share of the true pairs of SAMPLE rows that were found."""
    some = np.random.default_rng(0).choice(len(vectors), SAMPLE, replace=False)
    true = 0
    for i in some.tolist():
        close = reaches(np.round(vectors[i] @ vectors.T, DIGITS), threshold)
        true += int(close.sum()) - int(close[i])
    sampled = np.zeros(len(vectors), bool)
    sampled[some] = True
    got = int(sampled[found[0]].sum() + sampled[found[1]].sum())
    return got / true if true else 1.0
