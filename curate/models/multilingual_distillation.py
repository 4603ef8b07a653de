"""A static embedder of all scripts, made of universal-sentence-encoder-multilingual.

The encoder sums states of pieces, which see five pieces around themselves, and puts the sum through dense layers.  Here
each piece has one state, whatever stands around it, so that a text costs a sum of rows of a table:

    state of a piece = mean over its places in the sample data, where a prediction counts as one more place
    prediction       = a linear map of its states alone and among random pieces, fitted on pieces that are there

The dense layers stay.  Of their output the mean is taken off, and its principal components are brought nearer to one
another in size (Su et al. 2021 make them equal, which is too much), so that not a few of them decide all cosines.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from curate.models.universal_encoder import FIRST, LAST, WIDTH, UniversalEncoder, dense
from curate.progress import Progress, silent

# Of the sums of states; the encoder's own have 512.
TABLE_WIDTH = 320
DIMENSIONS = 256
# Standard deviations are divided by this power of the variances: 0 leaves them, 1/2 makes them equal.
WHITENING = 0.2
# A piece that occurs so often in the sample data counts half as much as one that is always there.
HALF_WEIGHT = 5
# Of the linear map, in mean squares of its inputs.
RIDGE = 0.01
TABLE, LAYERS = "table.npy", "layers.npz"
PIECES_AT_ONCE = 1024


class Layers(NamedTuple):
    """What is done with sums of rows of the table.

    Attributes:
        ends: (320,) float32: what the pieces before and after a text add to its sum.
        first: (320, 640) float32: the first dense layer, of a sum by the root of its number of pieces.
        bias: (640,) float32: of the same.
        into_second: the other dense layers, as `universal_encoder.dense` takes them.
        into_third: the same.
        short_cut: the same.
        last: the same.
        mean: (512,) float32: what all vectors have in common.
        axes: (512, 256) float32: from vectors of the dense layers to those of the embedder.
    """

    ends: np.ndarray
    first: np.ndarray
    bias: np.ndarray
    into_second: np.ndarray
    into_third: np.ndarray
    short_cut: np.ndarray
    last: np.ndarray
    mean: np.ndarray
    axes: np.ndarray

    def __call__(self, means: np.ndarray) -> np.ndarray:
        """(n, 256) vectors, not of unit length, of (n, 320) sums by the roots of their numbers of pieces."""
        others = self.into_second, self.into_third, self.short_cut, self.last
        return (dense(means @ self.first + self.bias, others) - self.mean) @ self.axes


def distil(encoder: UniversalEncoder, texts: Sequence[str], folder: Path, progress: Progress = silent) -> None:
    """Write the table and the layers into a folder; the same bytes however many threads there are.

    Args:
        encoder: what is distilled.
        texts: sample texts, in an order that does not change.
        folder: where they go.
        progress: called with what is being done and how much of it.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        states = _piece_states(encoder, texts, progress)
        sums = np.stack([states[text].sum(axis=0) / np.sqrt(np.float32(len(text))) for text in encoder.ids(texts)])
        axes, layers = _layers(encoder, sums, states[[FIRST, LAST]].sum(axis=0))
        np.save(folder / TABLE, states @ axes)
    np.savez(folder / LAYERS, *layers)


def read_layers(folder: Path) -> Layers:
    """The layers that `distil` wrote into a folder."""
    with np.load(folder / LAYERS) as stored:
        return Layers._make(stored[f"arr_{i}"] for i in range(len(Layers._fields)))


def _layers(encoder: UniversalEncoder, sums: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, Layers]:
    """(512, 320) axes of the table, and the layers that follow.

    Args:
        encoder: what is distilled.
        sums: (n, 512) float32 of sample texts, each by the root of its number of pieces.
        ends: (512,) float32 of the pieces before and after a text.
    """
    centre = sums.mean(axis=0)
    axes, _ = _components(sums - centre, TABLE_WIDTH)
    # A sum becomes centre + (sum - centre) @ axes @ axes.T, so what follows the first product is one linear map.
    first = axes.T @ encoder.first_layer()
    bias = centre @ encoder.first_layer() - centre @ axes @ first
    others = encoder.other_layers()
    outputs = dense(sums @ axes @ first + bias, others)
    mean = outputs.mean(axis=0)
    directions, variances = _components(outputs - mean, DIMENSIONS)
    return axes, Layers(ends @ axes, first, bias, *others, mean, directions * variances**-WHITENING)


def _piece_states(encoder: UniversalEncoder, texts: Sequence[str], progress: Progress) -> np.ndarray:
    """(pieces, 512) float32: the one state that each piece has."""
    shuffled = np.random.default_rng(0).permutation(len(encoder))
    blocks = [shuffled[i : i + PIECES_AT_ONCE] for i in range(0, len(shuffled), PIECES_AT_ONCE)]
    alone = np.empty((len(encoder), WIDTH), np.float32)
    among = np.empty_like(alone)
    for done, block in enumerate(blocks):
        alone[block] = next(encoder.states(list(block[:, None])))[0]
        among[block] = next(encoder.states([block]))[0]
        progress("distilling the multilingual embedder (once)", done, len(blocks))
    sums, counts = np.zeros_like(alone), np.zeros(len(encoder), np.float32)
    ids = encoder.ids(texts)
    place = 0
    for states, lengths in encoder.states(ids):
        flat = np.concatenate(ids[place : place + len(lengths)])
        np.add.at(sums, flat, states)
        np.add.at(counts, flat, 1)
        place += len(lengths)
    known = np.flatnonzero(counts)
    linear_map = _fit(_inputs(alone[known], among[known]), sums[known] / counts[known, None], counts[known])
    for block in blocks:
        predicted = _inputs(alone[block], among[block]) @ linear_map
        alone[block] = (sums[block] + predicted) / (counts[block, None] + 1)
    return alone


def _inputs(alone: np.ndarray, among: np.ndarray) -> np.ndarray:
    return np.hstack([alone, among, np.ones((len(alone), 1), np.float32)])


def _fit(inputs: np.ndarray, outputs: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """(inputs, outputs) float32: weighted ridge regression."""
    weighted = inputs.T * (counts / (counts + HALF_WEIGHT))
    squares = (weighted @ inputs).astype(np.float64)
    squares[np.diag_indices(len(squares))] += RIDGE * np.trace(squares) / len(squares)
    return np.linalg.solve(squares, weighted @ outputs).astype(np.float32)


def _components(rows: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(d, count) principal axes of centred rows, and their (count,) variances, the largest first."""
    variances, axes = np.linalg.eigh(np.cov(rows.astype(np.float64), rowvar=False, bias=True))
    axes = axes[:, ::-1][:, :count]
    # The sign of an axis is chance; its largest part is made positive.
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(count)])
    return axes.astype(np.float32), np.maximum(variances[::-1][:count], 1e-12).astype(np.float32)
