"""Random order, the same for the same rows and seed whatever the order in which they come."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np


def order(vectors: np.ndarray | None, hashes: Sequence[bytes], size: int, seed: int) -> np.ndarray:
    """(n,) int64 positions in random order.

    vectors: not looked at.  hashes: n hashes of what the rows say; equal ones keep their order.
    size: not looked at, the order is complete.  seed: another seed gives another order.
    """
    keyed = [blake2b(h, key=str(seed).encode(), digest_size=16).digest() for h in hashes]
    return np.array(sorted(range(len(keyed)), key=keyed.__getitem__), np.int64)
