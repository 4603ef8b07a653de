"""Random order, the same for the same rows and seed whatever the order in which they come."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np

from curate.select.pool import MethodContext, Picks, Pool


def order(pool: Pool, size: int, context: MethodContext) -> Picks:
    """Rows in the order of their keyed hashes; another seed gives another order, another row does not change it."""
    key = str(context.seed).encode()
    drawn = [blake2b(h, key=key, digest_size=16).digest() for h in pool.hashes]
    first = sorted(range(len(drawn)), key=drawn.__getitem__)[:size]
    return Picks(np.array(first, np.int64), np.zeros(len(first)), ["drawn at random"] * len(first))
