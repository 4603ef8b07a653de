"""What a method of selection gets, and what it gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from curate.engine.rows import Workers


class Pool(NamedTuple):
    """Rows to choose from, in the order of the hashes of what they say: of equal rows the first goes first.

    Attributes:
        vectors: (n, d) float32 of unit length; None for methods that look at none.
        quality: (n,) float64 in [0, 1], 1 the best; None if all rows count alike.
        hashes: n hashes of what the rows say, ascending.
        reference: (m, d) float32, the rows against which density is measured; `vectors` if None.
    """

    vectors: np.ndarray | None
    quality: np.ndarray | None
    hashes: Sequence[bytes]
    reference: np.ndarray | None = None

    def take(self, members: np.ndarray) -> Pool:
        """The pool of these rows, measured against the same reference.

        Args:
            members: (k,) positions, ascending.
        """
        return Pool(
            None if self.vectors is None else np.ascontiguousarray(self.vectors[members]),
            None if self.quality is None else self.quality[members],
            [self.hashes[i] for i in members],
            self.vectors if self.reference is None else self.reference,
        )


class Settings(NamedTuple):
    """What the user may set, the same for all methods.

    Attributes:
        seed: of random choices.
        trade_off: how much quality weighs beside coverage, in [0, 1]; see facility_location.
        threshold: cosine similarity from which on score_first passes a row over.
        clusters: how many clusters; by the size of the pool if None.
        workers: where a model embeds and parts of a large pool are ordered; this process if None.
    """

    seed: int = 0
    trade_off: float = 0.5
    threshold: float = 0.9
    clusters: int | None = None
    workers: Workers | None = None


class Picks(NamedTuple):
    """Attributes:
    order: (min(size, n),) int64 positions, best first.
    gains: (k,) float64, what spoke for each at its turn.
    why: a sentence for each.
    note: what is to be said of the whole, empty if nothing.
    """

    order: np.ndarray
    gains: np.ndarray
    why: list[str]
    note: str = ""
