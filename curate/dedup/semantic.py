"""Rows close in meaning: pairs of texts whose embeddings have a cosine of at least a threshold.

Up to EXACT_ROWS texts all pairs are compared, block by block.  Above, vectors are put into cells around centroids, and
each is compared with those of the nearest cells by faiss, and what that misses is measured on a sample.

Source: Jegou et al. 2011 for the inverted file; with one cell this is SemDeDup, Abbas et al. 2023.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from curate.dedup.graph import representatives
from curate.dedup.similar_pairs import SimilarPairs, reaches
from curate.errors import CurateError
from curate.models.embed import embed
from curate.progress import Progress, silent

EXACT_ROWS = 200_000
BLOCK = 1024
# Pairs for which memory is reserved; where there are more, only those with texts that are kept are looked for.
MOST_PAIRS = 20_000_000
CELLS_LOOKED_AT = 8
SAMPLE = 500
# Of a text with too many similar ones, so many pairs are held.
MOST_OF_A_TEXT = 64
# Cosines are rounded, so that they do not depend on how a matrix product was cut into blocks.
DIGITS = 5

# (left (p,), right (p,), cosine (p,)).
CosinePairs = tuple[np.ndarray, np.ndarray, np.ndarray]


def pairs(texts: Sequence[str], threshold: float, embedder: str = "auto", progress: Progress = silent) -> SimilarPairs:
    """All pairs of texts whose embeddings have a cosine of `threshold` or more.

    Args:
        texts: from the best to the worst, none empty.
        threshold: in (0, 1].
        embedder: see `embed.embed`.
        progress: called with what is being done, how much of it is done, and how much there is.

    Raises:
        CurateError: where a package or model is missing.
    """
    vectors, note = _embed(texts, embedder, progress)
    progress("comparing embeddings", 1, 1)
    if len(vectors) > EXACT_ROWS:
        return pairs_by_cells(vectors, threshold, note)
    every = all_pairs(vectors, threshold)
    return SimilarPairs(
        *(every or pairs_with_kept(vectors, threshold)), every is not None, f"{note}; all pairs compared"
    )


def across(
    texts: Sequence[str], others: Sequence[str], threshold: float, embedder: str = "auto", progress: Progress = silent
) -> SimilarPairs:
    """All pairs of a text (left) and one of the others (right) with a cosine of `threshold` or more, as `pairs`."""
    vectors, note = _embed([*texts, *others], embedder, progress)
    own, rest = vectors[: len(texts)], vectors[len(texts) :]
    parts = [_similar(own[i : i + BLOCK], rest, threshold, i) for i in range(0, len(own), BLOCK)]
    return SimilarPairs(*_concatenate(parts), True, f"{note}; all pairs compared")


def _embed(texts: Sequence[str], embedder: str, progress: Progress) -> tuple[np.ndarray, str]:
    """Vectors that do not depend on the order of the texts, and how they were made."""
    if not texts:
        return np.zeros((0, 1), np.float32), "no texts"
    # Sums over all texts, which some embedders make, round alike only in the same order.
    order = sorted(range(len(texts)), key=texts.__getitem__)
    embedding = embed([texts[i] for i in order], embedder, progress)
    vectors = np.empty_like(embedding.vectors)
    vectors[order] = embedding.vectors
    return vectors, embedding.note


def _similar(block: np.ndarray, vectors: np.ndarray, threshold: float, start: int, after: bool = False) -> CosinePairs:
    """Pairs of a vector of the block, whose first is number `start`, and one of the others; after: later ones only."""
    cosines = np.round(block @ vectors.T, DIGITS)
    one, other = np.nonzero(reaches(cosines, threshold))
    if after:
        later = other > one
        one, other = one[later], other[later]
    return one + start, other, np.minimum(cosines[one, other], 1)


def _concatenate(parts: Sequence[CosinePairs]) -> CosinePairs:
    none = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
    left, right, similarity = (np.concatenate(column) for column in zip(none, *parts, strict=True))
    return left, right, similarity


def all_pairs(vectors: np.ndarray, threshold: float) -> CosinePairs | None:
    """All pairs, the better one left, or None if there are more than MOST_PAIRS.

    Args:
        vectors: (n, d) float32 of unit length, from the best text to the worst.
        threshold: cosine in (0, 1].
    """
    parts, count = [], 0
    for i in range(0, len(vectors), BLOCK):
        one, other, cosine = _similar(vectors[i : i + BLOCK], vectors[i:], threshold, i)
        later = other + i > one
        parts.append((one[later], other[later] + i, cosine[later]))
        count += int(later.sum())
        if count > MOST_PAIRS:
            return None
    return _concatenate(parts)


def pairs_with_kept(vectors: np.ndarray, threshold: float) -> CosinePairs:
    """Pairs of a text that is kept and a worse one: block by block from the best on, against what is kept so far.

    Args:
        vectors: see `all_pairs`.
        threshold: see `all_pairs`.
    """
    kept_texts = np.zeros(0, np.int64)
    parts = []
    for i in range(0, len(vectors), BLOCK):
        block = vectors[i : i + BLOCK]
        worse, better, cosine = _similar(block, vectors[kept_texts], threshold, i)
        dropped = np.zeros(len(block), bool)
        dropped[worse - i] = True
        open_texts = np.flatnonzero(~dropped)
        one, other, inner = _similar(block[open_texts], block[open_texts], threshold, 0, after=True)
        is_kept = representatives(len(open_texts), one, other)
        decided = is_kept[one]
        parts += [
            (kept_texts[better], worse, cosine),
            (open_texts[one[decided]] + i, open_texts[other[decided]] + i, inner[decided]),
        ]
        kept_texts = np.concatenate([kept_texts, open_texts[is_kept] + i])
    return _concatenate(parts)


def pairs_by_cells(vectors: np.ndarray, threshold: float, note: str) -> SimilarPairs:
    """Nearly all pairs, each vector compared with those of the cells nearest to it.

    Args:
        vectors: see `all_pairs`.
        threshold: see `all_pairs`.
        note: how the vectors were made.

    Raises:
        CurateError: where faiss is missing.
    """
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
        similar = (other > one) & reaches(cosines, threshold)
        one, other, cosines = one[similar], other[similar], np.minimum(cosines[similar], 1)
        if count + len(one) > MOST_PAIRS:  # the most similar worse rows of each row will have to do
            complete = False
            order = np.lexsort((-cosines, one))
            place = np.arange(len(order)) - np.searchsorted(one[order], one[order])
            one, other, cosines = (values[order[place < MOST_OF_A_TEXT]] for values in (one, other, cosines))
        parts.append((one, other, cosines))
        count += len(one)
    result = _concatenate(parts)
    recall = _recall(vectors, threshold, result)
    return SimilarPairs(*result, complete, f"{note}; {cells:,} cells, recall {recall:.3f} (measured)")


def _recall(vectors: np.ndarray, threshold: float, result: CosinePairs) -> float:
    """Share of the true pairs of SAMPLE texts that are in the result."""
    sample = np.random.default_rng(0).choice(len(vectors), SAMPLE, replace=False)
    true = 0
    for i in sample.tolist():
        similar = reaches(np.round(vectors[i] @ vectors.T, DIGITS), threshold)
        true += int(similar.sum()) - int(similar[i])
    in_sample = np.zeros(len(vectors), bool)
    in_sample[sample] = True
    hits = int(in_sample[result[0]].sum() + in_sample[result[1]].sum())
    return hits / true if true else 1.0
