"""Whether the response is about what the prompt asks: how many other responses would fit the prompt less well."""

from __future__ import annotations

import numpy as np

from curate.score.column import Column
from curate.score.scoring import Scoring
from curate.score.texts import RowTexts

OTHERS = 1000
BLOCK = 1024
COLUMN = Column(
    "relevance",
    "share of other responses of the same script that fit the prompt less well; 1/2 is what chance gives",
    "share, 0 to 1",
    "higher",
    "rank of the right answer in retrieval by cosine (as in Lowe et al. 2015), among up to 1,000 responses of the pool",
    needs="embedder",
)


def values(texts: RowTexts, scoring: Scoring) -> np.ndarray:
    """(n,) relevance of each row; equal cosines count by half; NaN where no other row has the script, or for no text.

    Only responses of one script are compared, since embedders keep scripts apart, which would make any Chinese answer
    fit a Chinese prompt.

    Raises:
        CurateError: where an embedder is missing.
    """
    from curate.models.embed import embed

    relevance = np.full(len(texts), np.nan)
    if len(texts) < 2:
        return relevance
    vectors, _ = embed([*texts.prompts, *texts.responses], scoring.embedder)
    prompts, responses = vectors[: len(texts)], vectors[len(texts) :]
    scripts = np.array(["Han" if s in ("Han", "Kana") else s for s in texts.scripts])
    empty = np.array([not p.strip() or not r.strip() for p, r in zip(texts.prompts, texts.responses, strict=True)])
    for script in np.unique(scripts):
        members = np.flatnonzero((scripts == script) & ~empty)
        if len(members) > 1:
            relevance[members] = _ranked(prompts[members], responses[members], _sample(texts, members))
    return relevance


def _sample(texts: RowTexts, members: np.ndarray) -> np.ndarray:
    """(k,) places among the members whose responses stand for all, chosen by their texts: no order of rows matters."""
    if len(members) <= OTHERS:
        return np.arange(len(members))
    from curate.score.cache import key

    keys = [key(texts.prompts[i], texts.responses[i]) for i in members.tolist()]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__)[:OTHERS])


def _ranked(prompts: np.ndarray, responses: np.ndarray, sample: np.ndarray) -> np.ndarray:
    """(n,) share of the other responses among the sample with a smaller cosine to the prompt than the row's own."""
    own = np.einsum("ij,ij->i", prompts, responses)
    shares = np.empty(len(prompts))
    itself = np.full(len(prompts), -1)
    itself[sample] = np.arange(len(sample))
    for start in range(0, len(prompts), BLOCK):
        block = slice(start, start + BLOCK)
        cosines = prompts[block] @ responses[sample].T
        # Products of matrices and of vectors round differently; what is equal must stay so.
        near = np.abs(cosines - own[block, None]) < 1e-5
        less = (cosines < own[block, None]) & ~near
        counted = less + 0.5 * near
        rows = np.flatnonzero(itself[block] >= 0)
        counted[rows, itself[block][rows]] = 0
        others = len(sample) - (itself[block] >= 0)
        shares[block] = counted.sum(1) / np.maximum(others, 1)
    return shares


def made_by(scoring: Scoring) -> str:
    """The embedder, for a column's metadata."""
    return f"embedder {scoring.embedder}"
