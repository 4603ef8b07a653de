"""Features of the places where a response may go over into another text: does the rest belong to what stands before?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

# Characters of a segment, at least, and segments of a response, at most.
LEAST, MOST = 12, 12
_END = re.compile(r"[.!?。！？…]['\"”’)）]?\s|[。！？；]|\n")
# Code and tables, with the line before them: lines of them are no texts by themselves.
_FENCED = re.compile(r"(?:[^\n]*\n{1,2})?```.*?(?:```|\Z)", re.S)
_LINE = r"(?:[ \t]{2,}\S.*|.*[{};|>)\]]|[ \t]*(?:def|class|import|from|return|SELECT|FROM|WHERE|#|//)\b.*)"
_LINES = re.compile(rf"^(?:[^\n]*\n{{1,2}})?{_LINE}(?:\n{{1,2}}{_LINE})+$", re.M)
DIRECTIONS = {
    "rest_rank": 1,
    "rest_cosine": 1,
    "rest_deviation": 1,
    "rest_prompt_rank": 1,
    "rest_prompt_deviation": 1,
    "rest_joint": 1,
    "rest_joint_deviation": 1,
    "beginning_rank": 1,
}
NAMES = tuple(DIRECTIONS)


class Others(NamedTuple):
    """(m, d) unit vectors of other rows, which a row is compared with.

    Attributes:
        prompts: of their prompts.
        responses: of their responses.
    """

    prompts: np.ndarray
    responses: np.ndarray


def segments(text: str) -> list[str]:
    """Sentences or lines of a text in order; short neighbours are joined until there are few."""
    text = text.strip()
    cuts = [0]
    whole = [match.span() for pattern in (_FENCED, _LINES) for match in pattern.finditer(text)]
    for match in _END.finditer(text):
        end = match.end()
        if min(end - cuts[-1], len(text) - end) >= LEAST and not any(a < end < b for a, b in whole):
            cuts.append(end)
    cuts.append(len(text))
    found = [text[a:b].strip() for a, b in pairwise(cuts)]
    while len(found) > MOST:
        k = min(range(len(found) - 1), key=lambda i: len(found[i]) + len(found[i + 1]))
        found[k : k + 2] = [f"{found[k]} {found[k + 1]}"]
    return found


def features(prompts: np.ndarray, vectors: np.ndarray, texts: Sequence[list[str]], others: Others) -> np.ndarray:
    """(n, len(NAMES)) float32: the least of each measure over all places where a response can be split.

    Args:
        prompts: (n, d) unit vectors of prompts.
        vectors: (k, d) unit vectors of the segments of all responses, one after the other.
        texts: (n,) segments of each response, k together.
        others: rows of the same script.
    """
    contexts = _unit(others.prompts + others.responses)
    values = np.empty((len(texts), len(NAMES)), np.float32)
    start = 0
    for i, own in enumerate(texts):
        sizes = np.array([len(segment) + 1 for segment in own], np.float32)
        values[i] = _row(prompts[i], vectors[start : start + len(own)] * sizes[:, None], others, contexts)
        start += len(own)
    return values


def _row(prompt: np.ndarray, weighted: np.ndarray, others: Others, contexts: np.ndarray) -> list[float]:
    """The features of a row; a response that cannot be split is compared with its prompt alone."""
    sums = np.cumsum(weighted, axis=0)
    if len(weighted) > 1:
        before, rest = _unit(sums[:-1]), _unit(sums[-1] - sums[:-1])
        known = _unit(prompt + before)
    else:
        before = rest = _unit(sums)
        known = prompt[None]
    cosines = np.einsum("ij,ij->i", known, rest)
    rank, deviation = _among(rest, contexts, cosines)
    prompt_rank, prompt_deviation = _among(rest, others.prompts, rest @ prompt)
    joint = np.einsum("ij,ij->i", before, rest) if len(weighted) > 1 else cosines
    joint_deviation = _among(rest, others.responses, joint)[1]
    beginning, _ = _among(before, others.prompts, before @ prompt)
    columns = (rank, cosines, deviation, prompt_rank, prompt_deviation, joint, joint_deviation, beginning)
    return [float(column.min()) for column in columns]


def _among(vectors: np.ndarray, others: np.ndarray, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """((n,) share of the others whose cosine to each vector is below its own, (n,) its deviations from their mean)."""
    cosines = vectors @ others.T
    return (cosines < own[:, None]).mean(1), (own - cosines.mean(1)) / (cosines.std(1) + 1e-6)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
