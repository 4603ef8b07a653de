"""Perplexity of the response, given its prompt."""

from __future__ import annotations

import numpy as np

from curate.score import likelihood
from curate.score.column import Column
from curate.score.likelihood import made as made
from curate.score.options import Options
from curate.score.rows import Rows

COLUMN = Column(
    "perplexity",
    "how surprised the model is by the response, given its prompt; both ends deserve a look",
    "tokens as likely as the right one",
    "none",
    "exp of the mean loss; as a filter e.g. Ankner et al. 2024",
    needs="model",
)


def values(rows: Rows, options: Options) -> np.ndarray:
    """(n,) perplexity of each response; NaN for fewer than two tokens."""
    given, _, tokens = likelihood.measure(rows, options)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(tokens > 0, np.exp(given / tokens), np.nan)
