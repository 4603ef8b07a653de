"""How surely the row is a good example, by a classifier that the pool teaches itself."""

from __future__ import annotations

import numpy as np

from curate.score.column import Column
from curate.score.quality import metric
from curate.score.scoring import Scoring
from curate.score.texts import RowTexts

COLUMN = Column(
    "quality",
    "probability that the row is no corruption of a good one, by a classifier that tells rows of the pool and sample "
    "rows from corruptions of them and did not see the row; 0 with a certain fault",
    "probability, 0 to 1",
    "higher",
    "noise-contrastive estimation (Gutmann & Hyvärinen 2010) with rows trimmed as in confident learning (Northcutt et "
    "al. 2021)",
    needs="embedder",
)


def values(texts: RowTexts, scoring: Scoring) -> np.ndarray:
    """(n,) probability of each row.

    Raises:
        CurateError: without scikit-learn, and where an embedder is missing.
    """
    return metric.pool_quality(texts, scoring).scores


def made_by(scoring: Scoring) -> str:
    """The embedder, for a column's metadata."""
    return metric.made_by(scoring)
