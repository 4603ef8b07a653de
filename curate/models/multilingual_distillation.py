"""A static embedder of all scripts, made of universal-sentence-encoder-multilingual.

The encoder sums states of pieces, which see five pieces around themselves, and puts the sum through dense layers.  Here
each piece has one state, whatever stands around it, so that a text costs a sum of rows of a table:

    state of a piece = mean over its places in the sample data, where a prediction counts as one more place
    prediction       = a linear map of its mean state among common pieces of its script, fitted on known pieces

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
from curate.text.script import script

# Of the sums of states; the encoder's own have 512.
TABLE_WIDTH = 256
DIMENSIONS = 256
# Standard deviations are divided by this power of the variances: 0 leaves them, 1/2 makes them equal.
WHITENING = 0.2
# A piece that occurs so often in the sample data counts half as much as one that is always there.
HALF_WEIGHT = 5
# Of the linear map, in mean squares of its inputs.
RIDGE = 0.01
TABLE, LAYERS = "table.npy", "layers.npz"
MADE_UP_LENGTH = 512
# What sentencepiece writes for a space.
SPACE = "\u2581"


class Layers(NamedTuple):
    """What is done with sums of rows of the table.

    Attributes:
        ends: (256,) float32: what the pieces before and after a text add to its sum.
        first: (256, 640) float32: the first dense layer, of a sum by the root of its number of pieces.
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
        """(n, 256) vectors, not of unit length, of (n, 256) sums by the roots of their numbers of pieces."""
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
        arrays = [stored[f"arr_{i}"] for i in range(len(Layers._fields))]
    return Layers._make(arrays)


def _layers(encoder: UniversalEncoder, sums: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, Layers]:
    """(512, 256) axes of the table, and the layers that follow.

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
    outputs = dense(sums @ axes @ first + bias, encoder.other_layers())
    mean = outputs.mean(axis=0)
    directions, variances = _components(outputs - mean, DIMENSIONS)
    arrays = [ends @ axes, first, bias, *encoder.other_layers(), mean, directions * variances**-WHITENING]
    return axes, Layers._make(arrays)


def _piece_states(encoder: UniversalEncoder, texts: Sequence[str], progress: Progress) -> np.ndarray:
    """(pieces, 512) float32: the one state that each piece has."""
    sums, counts = _summed(encoder, encoder.ids(texts))
    known = np.flatnonzero(counts)
    made_up, places = _summed(encoder, _made_up_texts(encoder), progress)
    inputs = np.hstack([made_up / np.maximum(places, 1)[:, None], np.ones((len(encoder), 1), np.float32)])
    linear_map = _fit(inputs[known], sums[known] / counts[known, None], counts[known])
    return (sums + inputs @ linear_map) / (counts + 1)[:, None]


def _summed(
    encoder: UniversalEncoder, ids: Sequence[np.ndarray], progress: Progress = silent
) -> tuple[np.ndarray, np.ndarray]:
    """(pieces, 512) sums of the states of each piece in texts, and (pieces,) in how many places it stands."""
    sums = np.zeros((len(encoder), WIDTH), np.float32)
    counts = np.zeros(len(encoder), np.float32)
    place = 0
    for states, lengths in encoder.states(ids):
        progress("distilling the multilingual embedder (once)", place, len(ids))
        flat = np.concatenate(ids[place : place + len(lengths)])
        np.add.at(sums, flat, states)
        np.add.at(counts, flat, 1)
        place += len(lengths)
    return sums, counts


def _made_up_texts(encoder: UniversalEncoder) -> list[np.ndarray]:
    """Texts in which each piece stands at least once, every other piece being a common one of its script."""
    rng = np.random.default_rng(0)
    names = [encoder.pieces.id_to_piece(i).replace(SPACE, "") for i in range(len(encoder))]
    scripts = np.array([script(name) for name in names])
    # The roots of their frequencies, so that common ones do not crowd out the others; control pieces have none.
    weights = np.exp(np.array([encoder.pieces.get_score(i) for i in range(len(encoder))]) / 2)
    weights[weights == 1] = 0
    texts = []
    for name in sorted(set(scripts.tolist())):
        pieces = rng.permutation(np.flatnonzero(scripts == name))
        common = np.flatnonzero((scripts == name) | (scripts == "none") | (name == "none"))
        share = weights[common] / weights[common].sum()
        others = rng.choice(common, len(pieces), p=share)
        both = np.stack([pieces, others], axis=1).ravel()
        texts += [both[i : i + MADE_UP_LENGTH] for i in range(0, len(both), MADE_UP_LENGTH)]
    return texts


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
