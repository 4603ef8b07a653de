"""The quality of a table's rows, computed once for the columns that show it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from curate.score.faults.registry import names
from curate.score.quality.classifier import PoolQuality, score_pool
from curate.score.quality.prior import prior_rows
from curate.score.scoring import Scoring
from curate.score.texts import RowTexts

# Quality needs a fast space of all languages, whatever rows are embedded with for other ends.
EMBEDDER = "auto"
_SHARED = "pool quality"


def pool_quality(texts: RowTexts, scoring: Scoring) -> PoolQuality:
    """The quality of the rows of a pool and the reasons for it, computed at the first call.

    Raises:
        CurateError: without scikit-learn, and where an embedder is missing.
    """
    if _SHARED not in texts.shared:
        texts.shared[_SHARED] = _measured(texts, scoring)
    return texts.shared[_SHARED]  # type: ignore[return-value]


def made_by(_scoring: Scoring) -> str:
    """The embedder that a quality is measured with."""
    return f"embedder {EMBEDDER}"


def _measured(texts: RowTexts, scoring: Scoring) -> PoolQuality:
    from curate.models.embed import embed

    def vectors(texts_to_embed: Sequence[str]) -> np.ndarray:
        return embed(list(texts_to_embed), EMBEDDER, fidelity=False).vectors

    scoring.progress("quality", 0, 1)
    faults = names(texts, certain=True)
    faulty = np.array([bool(row_faults) for row_faults in faults], bool)
    measured = score_pool(texts.prompts, texts.responses, vectors, prior_rows(), faulty=faulty)
    scores = np.where(faulty, 0.0, measured.scores)
    rows = zip(faults, measured.reasons, strict=True)
    scoring.progress("quality", 1, 1)
    return PoolQuality(scores, [row_faults or reasons for row_faults, reasons in rows])
