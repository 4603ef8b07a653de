"""Instruction-Following Difficulty: how little the instruction helps a model to predict the response."""

from __future__ import annotations

import numpy as np

from curate.score import likelihood
from curate.score.column import Column
from curate.score.scoring import Scoring
from curate.score.texts import RowTexts

COLUMN = Column(
    "ifd",
    "perplexity of the response given its prompt over its perplexity alone; above 1 the prompt does not help at all",
    "ratio of perplexities",
    "higher",
    "Cherry LLM (Li et al. 2024), with a small model as in Superfiltering (Li et al. 2024)",
    limit=1,
    needs="model",
)


def values(texts: RowTexts, scoring: Scoring) -> np.ndarray:
    """(n,) IFD of each row; NaN for responses of fewer than two tokens.

    exp(mean loss given the prompt - mean loss alone), both over the same tokens.

    Source: Cherry LLM (Li et al. 2024).
    """
    with_prompt, alone, tokens = likelihood.measure(texts, scoring)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(tokens > 0, np.exp((with_prompt - alone) / tokens), np.nan)


def made_by(scoring: Scoring) -> str:
    """The model, for a column's metadata."""
    return likelihood.made_by(scoring)
