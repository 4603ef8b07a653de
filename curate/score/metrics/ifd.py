"""Instruction-Following Difficulty: how little the instruction helps a model to say the response."""

from __future__ import annotations

import numpy as np

from curate.score import likelihood
from curate.score.column import Column
from curate.score.likelihood import made as made
from curate.score.options import Options
from curate.score.rows import Rows

COLUMN = Column(
    "ifd",
    "perplexity of the response given its prompt over its perplexity alone; above 1 the prompt does not help at all",
    "ratio of perplexities",
    "higher",
    "Cherry LLM (Li et al. 2024), with a small model as in Superfiltering (Li et al. 2024)",
    limit=1,
    needs="model",
)


def values(rows: Rows, options: Options) -> np.ndarray:
    """(n,) IFD of each row; NaN for responses of fewer than two tokens.

    exp(mean loss given the prompt - mean loss alone), both over the same tokens.
    """
    given, alone, tokens = likelihood.measure(rows, options)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(tokens > 0, np.exp((given - alone) / tokens), np.nan)
