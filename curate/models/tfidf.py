"""Vectors of character n-grams, which any text in any script has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from curate.extras import require
from curate.models.vectors import unit

DIMENSIONS = 256


def tfidf(texts: Sequence[str]) -> np.ndarray:
    """(n, d) float32 vectors of unit length, d at most 256: principal directions of the texts' character TF-IDF.

    Raises:
        CurateError: without scikit-learn.
    """
    require("sklearn", "embed", "the embedder `tfidf`")
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    # The analyser `char_wb` would pad words with blanks, which Chinese does not have.
    counts = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=1, max_features=50_000, sublinear_tf=True)
    try:
        matrix = counts.fit_transform([text or " " for text in texts])
    except ValueError:
        return unit(np.zeros((len(texts), 1), np.float32))
    if matrix.shape[1] <= DIMENSIONS:
        return unit(matrix.toarray())
    if matrix.shape[0] <= DIMENSIONS:
        # As many dimensions as texts lose nothing; one fewer would make the two closest texts one.
        values, directions = np.linalg.eigh((matrix @ matrix.T).toarray())
        return unit(directions * np.sqrt(np.maximum(values, 0)))
    return unit(TruncatedSVD(DIMENSIONS, random_state=0).fit_transform(matrix))
