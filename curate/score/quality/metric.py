"""The quality of a table's rows, computed once for the columns that show it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from curate.score.faults.registry import names
from curate.score.quality.classifier import PoolQuality, score_pool
from curate.score.quality.conversation import judged
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
    certain, suspected = (names(texts, certain) for certain in (True, False))
    faults = np.array([[len(own), len(others)] for own, others in zip(certain, suspected, strict=True)], np.float32)
    faults = faults.reshape(-1, 2)
    records = texts.records or [""] * len(texts)
    rows = [judged(*row) for row in zip(texts.prompts, texts.responses, records, strict=True)]
    prompts, responses = [prompt for prompt, _ in rows], [response for _, response in rows]
    measured = score_pool(prompts, responses, vectors, prior_rows(), faults=faults, cached=True)
    scores = np.where(faults[:, 0] > 0, 0.0, measured.scores)
    scoring.progress("quality", 1, 1)
    named = zip(certain, measured.reasons, strict=True)
    return PoolQuality(scores, [row_faults or reasons for row_faults, reasons in named])
