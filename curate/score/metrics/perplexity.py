"""Perplexity of the response, given its prompt."""

from __future__ import annotations

import numpy as np

from curate.score import likelihood
from curate.score.column import Column
from curate.score.scoring import Scoring
from curate.score.texts import RowTexts

COLUMN = Column(
    "perplexity",
    "how surprised the model is by the response, given its prompt; both ends deserve a look",
    "tokens as likely as the right one",
    "none",
    "exp of the mean loss; as a filter e.g. Ankner et al. 2024",
    needs="model",
)


def values(texts: RowTexts, scoring: Scoring) -> np.ndarray:
    """(n,) perplexity of each response; NaN for fewer than two tokens."""
    with_prompt, _, tokens = likelihood.measure(texts, scoring)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(tokens > 0, np.exp(with_prompt / tokens), np.nan)


def made_by(scoring: Scoring) -> str:
    """The model, for a column's metadata."""
    return likelihood.made_by(scoring)
