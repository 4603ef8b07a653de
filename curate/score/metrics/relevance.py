"""Whether the response is about what the prompt asks: how near it is, and how many other responses are less near."""

from __future__ import annotations

import re

import numpy as np

from curate.score.column import Column
from curate.score.scoring import Scoring
from curate.score.texts import RowTexts

OTHERS = 1000
BLOCK = 1024
COLUMN = Column(
    "relevance",
    "mean of the share of other responses that fit the prompt less well and the cosine of prompt and response; chance "
    "gives about 1/4",
    "share, 0 to 1",
    "higher",
    "rank of the right answer in retrieval by cosine (as in Lowe et al. 2015), among up to 1,000 responses of the pool",
    needs="embedder",
)
_LETTER = re.compile(r"[^\W\d_]")


def values(texts: RowTexts, scoring: Scoring) -> np.ndarray:
    """(n,) relevance of each row; equal cosines count by half.

    The rank alone is 1 for most rows of a clean pool, and tells them from those of other topics; the cosine tells them
    from one another.  NaN where it cannot be measured: no other row, no prompt, or a response without a letter ("42").
    Embedders that keep scripts apart make any Chinese response fit a Chinese prompt: with those, only responses of one
    script are compared, and a row whose prompt is in another script than its response gets NaN.

    Raises:
        CurateError: where an embedder is missing.
    """
    from curate.models.embed import across_scripts, embed

    relevance = np.full(len(texts), np.nan)
    if len(texts) < 2:
        return relevance
    vectors, _ = embed([*texts.prompts, *texts.responses], scoring.embedder)
    prompts, responses = vectors[: len(texts)], vectors[len(texts) :]
    pairs = zip(texts.prompts, texts.responses, strict=True)
    measurable = np.array([bool(prompt.strip() and _LETTER.search(response)) for prompt, response in pairs])
    groups = np.zeros(len(texts), np.int64)
    if not across_scripts(scoring.embedder):
        groups = _scripts(texts)
        measurable &= groups >= 0
    for group in np.unique(groups[measurable]):
        members = np.flatnonzero((groups == group) & measurable)
        if len(members) > 1:
            ranked = _ranked(prompts[members], responses[members], _sample(texts, members))
            cosines = np.einsum("ij,ij->i", prompts[members], responses[members])
            relevance[members] = (ranked + np.clip(cosines, 0, 1)) / 2
    return relevance


def _scripts(texts: RowTexts) -> np.ndarray:
    """(n,) a number for the script of prompt and response, -1 where they differ; Kana are taken for Han."""
    from curate.text.script import script

    joined = {"Kana": "Han"}
    of_responses = [joined.get(name, name) for name in texts.scripts]
    of_prompts = [joined.get(name, name) for name in map(script, texts.prompts)]
    numbers = {name: i for i, name in enumerate(sorted(set(of_responses)))}
    pairs = zip(of_prompts, of_responses, strict=True)
    return np.array([numbers[response] if prompt in (response, "none") else -1 for prompt, response in pairs])


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
