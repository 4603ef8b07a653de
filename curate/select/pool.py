"""What a method of selection gets, and what it gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from curate.engine.rows import Workers
from curate.select.options import Select


class Pool(NamedTuple):
    """Rows to choose from, in the order of the hashes of their texts: of equal rows the first is chosen first.

    Attributes:
        vectors: (n, d) float32 of unit length; None for methods that look at none.
        quality: (n,) float64 in [0, 1], 1 the best; None if all rows count alike.
        hashes: n hashes of the rows' texts, ascending.
        reference: (m, d) float32, the rows against which density is measured; `vectors` if None.
        full: the quality from which on rows count alike where it is a weight.
    """

    vectors: np.ndarray | None
    quality: np.ndarray | None
    hashes: Sequence[bytes]
    reference: np.ndarray | None = None
    full: float = 1.0

    def weights(self, trade_off: float) -> np.ndarray | None:
        """(n,) float64 in [0, 1], what novelty or coverage of each row is multiplied by; None if all rows count alike.

        A row of quality q has 1 - t + t min(q / full, 1).

        Args:
            trade_off: t in [0, 1].
        """
        if self.quality is None or not trade_off:
            return None
        return 1 - trade_off + trade_off * np.minimum(self.quality / self.full, 1)

    def take(self, members: np.ndarray) -> Pool:
        """The pool of some rows, measured against the same reference.

        Args:
            members: (k,) positions, ascending.
        """
        return Pool(
            None if self.vectors is None else np.ascontiguousarray(self.vectors[members]),
            None if self.quality is None else self.quality[members],
            [self.hashes[i] for i in members],
            self.vectors if self.reference is None else self.reference,
            self.full,
        )


class MethodContext(NamedTuple):
    """What a method needs besides the rows, the same for all groups.

    Attributes:
        options: of the selection.
        seed: of random choices.
        workers: where parts of a large pool are ordered; this process if None.
    """

    options: Select
    seed: int = 0
    workers: Workers | None = None


class Picks(NamedTuple):
    """The rows that a method picks.

    Attributes:
        order: (min(size, n),) int64 positions, best first.
        gains: (k,) float64, what spoke for each at its turn.
        why: a sentence for each.
        note: a sentence on the whole; empty if there is none.
    """

    order: np.ndarray
    gains: np.ndarray
    why: list[str]
    note: str = ""
