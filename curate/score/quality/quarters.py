"""Features of the quarters of a response: does it stay with its prompt and with itself from beginning to end?"""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np

PARTS = 4
BLOCK = 2048
# Ends of sentences and lines, where an answer goes over into another text if it does so at all.
_END = re.compile(r"[.!?。！？…]\s|[。！？\n]")
DIRECTIONS = {
    "weakest_quarter": 1,
    "weakest_quarter_rank": 1,
    "last_quarter": 1,
    "last_quarter_rank": 1,
    "quarters_break": 1,
    "last_quarter_with_rest": 1,
}
NAMES = tuple(DIRECTIONS)


def quarters(text: str) -> tuple[str, ...]:
    """Four parts of a text, cut at ends of sentences where some are near; a text too short for that four times."""
    ends = np.array([match.end() for match in _END.finditer(text)], np.int64)
    cuts = [0]
    for part in range(1, PARTS):
        middle = len(text) * part // PARTS
        near = ends[np.abs(ends - middle) <= len(text) // (2 * PARTS)] if len(ends) else ends
        cuts.append(int(near[np.abs(near - middle).argmin()]) if len(near) else middle)
    cuts.append(len(text))
    parts = tuple(text[a:b].strip() or text for a, b in pairwise(cuts))
    return parts if len(text) >= 40 else (text,) * PARTS


def features(prompts: np.ndarray, parts: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """(n, len(NAMES)) float32.

    Args:
        prompts: (n, d) unit vectors of prompts.
        parts: (PARTS, n, d) unit vectors of the quarters of responses.
        reference: (m, d) unit vectors of prompts of other rows.
    """
    own = np.einsum("ij,kij->ki", prompts, parts)
    ranks = np.empty_like(own)
    for k in range(PARTS):
        for start in range(0, len(prompts), BLOCK):
            block = slice(start, start + BLOCK)
            ranks[k, block] = (parts[k, block] @ reference.T < own[k, block, None]).mean(1)
    adjacent = np.einsum("kij,kij->ki", parts[:-1], parts[1:])
    rest = parts[:-1].sum(0)
    rest /= np.maximum(np.linalg.norm(rest, axis=1, keepdims=True), 1e-9)
    columns = (own.min(0), ranks.min(0), own[-1], ranks[-1], adjacent.min(0), np.einsum("ij,ij->i", rest, parts[-1]))
    return np.column_stack(columns).astype(np.float32)
