"""Features of the parts of a response: does it stay with its prompt and with itself from beginning to end?"""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np

from curate.score.quality.company import among

QUARTERS = 4
# Characters of the last sentence, and of what stands before it, at least.
LEAST = 12
# Ends of sentences and lines, where an answer goes over into another text if it does so at all.
_END = re.compile(r"[.!?。！？…]\s|[。！？\n]")
DIRECTIONS = {
    "weakest_quarter": 1,
    "weakest_quarter_rank": 1,
    "last_quarter": 1,
    "last_quarter_rank": 1,
    "quarters_break": 1,
    "last_quarter_with_rest": 1,
    "ending": 1,
    "ending_rank": 1,
    "ending_with_rest": 1,
    "ending_with_rest_rank": 1,
}
NAMES = tuple(DIRECTIONS)


def quarters(text: str) -> tuple[str, ...]:
    """Four parts of a text, cut at ends of sentences where some are near; a text too short for that four times."""
    ends = np.array([match.end() for match in _END.finditer(text)], np.int64)
    cuts = [0]
    for part in range(1, QUARTERS):
        middle = len(text) * part // QUARTERS
        near = ends[np.abs(ends - middle) <= len(text) // (2 * QUARTERS)] if len(ends) else ends
        cuts.append(int(near[np.abs(near - middle).argmin()]) if len(near) else middle)
    cuts.append(len(text))
    parts = tuple(text[a:b].strip() or text for a, b in pairwise(cuts))
    return parts if len(text) >= 40 else (text,) * QUARTERS


def ending(text: str) -> tuple[str, str]:
    """(what stands before the last sentence or line, that sentence); the text twice where it is one sentence."""
    text = text.strip()
    cuts = [match.end() for match in _END.finditer(text) if LEAST <= match.end() <= len(text) - LEAST]
    return (text[: cuts[-1]].strip(), text[cuts[-1] :].strip()) if cuts else (text, text)


def features(
    prompts: np.ndarray, quarters: np.ndarray, endings: np.ndarray, reference: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """(n, len(NAMES)) float32.

    Args:
        prompts: (n, d) unit vectors of prompts.
        quarters: (QUARTERS, n, d) unit vectors of the quarters of responses.
        endings: (2, n, d) unit vectors of what `ending` gives.
        reference: (m, d) unit vectors of prompts and of responses of other rows.
    """
    own = np.einsum("ij,kij->ki", prompts, quarters)
    ranks = np.stack([among(part, reference[0], cosines)[0] for part, cosines in zip(quarters, own, strict=True)])
    adjacent = np.einsum("kij,kij->ki", quarters[:-1], quarters[1:])
    rest = quarters[:-1].sum(0)
    rest /= np.maximum(np.linalg.norm(rest, axis=1, keepdims=True), 1e-9)
    columns = (own.min(0), ranks.min(0), own[-1], ranks[-1], adjacent.min(0), np.einsum("ij,ij->i", rest, quarters[-1]))
    before, last = endings
    asked, joined = np.einsum("ij,ij->i", prompts, last), np.einsum("ij,ij->i", before, last)
    of_prompt, of_rest = among(last, reference[0], asked)[0], among(last, reference[1], joined)[0]
    return np.column_stack([*columns, asked, of_prompt, joined, of_rest]).astype(np.float32)
