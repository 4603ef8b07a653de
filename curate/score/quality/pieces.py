"""Features of the subword pieces of a response: damaged words fall into more and rarer pieces, in every language.

The pieces and their probabilities are those of universal-sentence-encoder-multilingual (128,000 pieces of 16 languages,
a unigram language model: Kudo 2018, arXiv 1804.10959), so that they depend on the text alone and not on a pool.
"""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from curate.models.universal_encoder import sentence_pieces, weights_folder
from curate.score.quality.pairs import Pairs

DIRECTIONS = {
    "pieces_per_letter": -1,
    "piece_probability": 1,
    "rarest_stretch": 1,
    "unknown_pieces": -1,
}
NAMES = tuple(DIRECTIONS)
# Characters of a response that are looked at, from its beginning.
CHARACTERS = 1500
# Pieces of a stretch, and the logarithm of the probability that a piece unknown to the model counts as.
STRETCH, UNKNOWN = 12, -20.0


class _Pieces(NamedTuple):
    """The model: its processor, and the (128,000,) logarithms of the probabilities of its pieces."""

    processor: Any
    logs: np.ndarray


def features(pairs: Pairs) -> np.ndarray:
    """(n, len(NAMES)) float32 features of the responses; all 0 where the model is not installed."""
    values = np.zeros((len(pairs), len(NAMES)), np.float32)
    model = _model()
    if model is None or not len(pairs):
        return values
    texts = [text[:CHARACTERS] for text in pairs.responses]
    for i, (text, ids) in enumerate(zip(texts, model.processor.encode(texts), strict=True)):
        values[i] = _row(text, np.array(ids, np.int64), model)
    return values


def _row(text: str, ids: np.ndarray, model: _Pieces) -> list[float]:
    letters = max(sum(not c.isspace() for c in text), 1)
    if not len(ids):
        return [0.0, 0.0, 0.0, 0.0]
    logs = model.logs[ids]
    size = min(STRETCH, len(ids))
    stretches = np.convolve(logs, np.full(size, 1 / size), "valid")
    unknown = float(np.mean(ids == model.processor.unk_id()))
    return [len(ids) / letters, float(logs.sum() / letters), float(stretches.min()), unknown]


def is_installed() -> bool:
    """Whether the model and its processor are installed."""
    return weights_folder() is not None and importlib.util.find_spec("sentencepiece") is not None


@lru_cache(maxsize=1)
def _model() -> _Pieces | None:
    folder = weights_folder()
    if folder is None or not is_installed():
        return None
    processor = sentence_pieces(folder)
    size = processor.get_piece_size()
    logs = np.array([processor.get_score(i) for i in range(size)], np.float32)
    logs[processor.unk_id()] = UNKNOWN
    return _Pieces(processor, logs)
