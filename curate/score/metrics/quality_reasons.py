"""What pulled a row's quality down."""

from __future__ import annotations

from curate.score.column import Column
from curate.score.quality import metric
from curate.score.scoring import Scoring
from curate.score.texts import RowTexts

COLUMN = Column(
    "quality_reasons",
    "what pulled the row's quality down, most first; none for rows above the median",
    "names",
    "none",
    "groups of features by how much the logit of quality rises when each is set to what is usual in the pool",
    kind="names",
    needs="embedder",
)


def values(texts: RowTexts, scoring: Scoring) -> list[list[str]]:
    """(n,) names of `curate.score.quality.reasons.GROUPS`, at most three for each row.

    Raises:
        CurateError: as for `quality`.
    """
    return metric.pool_quality(texts, scoring).reasons


def made_by(scoring: Scoring) -> str:
    """The embedder, for a column's metadata."""
    return metric.made_by(scoring)
