"""Whether the response is about what the prompt asks: how many other responses would fit the prompt less well."""

from __future__ import annotations

import numpy as np

from curate.score.column import Column
from curate.score.options import Options
from curate.score.rows import Rows

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


def values(rows: Rows, options: Options) -> np.ndarray:
    """(n,) relevance of each row; equal cosines count by half; NaN where no other row has the script, or for no text.

    Only responses of one script are compared, since embedders keep scripts apart, which would make any Chinese answer
    fit a Chinese prompt.

    Raises:
        CurateError: where an embedder is missing.
    """
    from curate.models.embed import embed

    found = np.full(len(rows), np.nan)
    if len(rows) < 2:
        return found
    vectors, _ = embed([*rows.prompts, *rows.responses], options.embedder)
    prompts, responses = vectors[: len(rows)], vectors[len(rows) :]
    scripts = np.array(["Han" if s in ("Han", "Kana") else s for s in rows.scripts])
    empty = np.array([not p.strip() or not r.strip() for p, r in zip(rows.prompts, rows.responses, strict=True)])
    for script in np.unique(scripts):
        members = np.flatnonzero((scripts == script) & ~empty)
        if len(members) > 1:
            found[members] = _ranked(prompts[members], responses[members], _some(rows, members))
    return found


def _some(rows: Rows, members: np.ndarray) -> np.ndarray:
    """Which members stand for all: drawn by what they say, so that the order of the rows changes nothing."""
    if len(members) <= OTHERS:
        return np.arange(len(members))
    from curate.score.cache import key

    keys = [key(rows.prompts[i], rows.responses[i]) for i in members.tolist()]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__)[:OTHERS])


def _ranked(prompts: np.ndarray, responses: np.ndarray, some: np.ndarray) -> np.ndarray:
    """(n,) share of the other responses among `some` with a smaller cosine to the prompt than the row's own."""
    own = np.einsum("ij,ij->i", prompts, responses)
    found = np.empty(len(prompts))
    itself = np.full(len(prompts), -1)
    itself[some] = np.arange(len(some))
    for start in range(0, len(prompts), BLOCK):
        block = slice(start, start + BLOCK)
        cosines = prompts[block] @ responses[some].T
        # Products of matrices and of vectors round differently; what is equal must stay so.
        near = np.abs(cosines - own[block, None]) < 1e-5
        less = (cosines < own[block, None]) & ~near
        counted = less + 0.5 * near
        rows = np.flatnonzero(itself[block] >= 0)
        counted[rows, itself[block][rows]] = 0
        others = len(some) - (itself[block] >= 0)
        found[block] = counted.sum(1) / np.maximum(others, 1)
    return found


def made(options: Options) -> str:
    """The embedder, for a column's metadata."""
    return f"embedder {options.embedder}"
