"""Cluster-stratified: a row from each cluster of embeddings in turn, the best or most typical of a cluster first."""

from __future__ import annotations

import numpy as np

from curate.select import clusters, quotas
from curate.select.pool import Picks, Pool, Settings


def order(pool: Pool, size: int, settings: Settings) -> Picks:
    """Clusters take turns, the largest first; in each, rows by falling quality, equal ones nearest the middle first.

    Clusters that run out are passed over.
    """
    assert pool.vectors is not None
    n = len(pool.vectors)
    labels = clusters.assign(pool.vectors, settings.clusters, settings.seed)
    typical = np.empty(n)
    members = [np.flatnonzero(labels == label) for label in range(labels.max(initial=-1) + 1)]
    members = sorted((m for m in members if len(m)), key=lambda m: (-len(m), int(m[0])))
    for some in members:
        middle = pool.vectors[some].mean(axis=0)
        typical[some] = pool.vectors[some] @ (middle / max(float(np.linalg.norm(middle)), 1e-12))
    quality = np.ones(n) if pool.quality is None else pool.quality
    ranked = {f"{i:06}": some[np.lexsort((some, -typical[some], -quality[some]))] for i, some in enumerate(members)}
    chosen = quotas.in_turn(ranked, size)
    said = {i: name for name, some in ranked.items() for i in some.tolist()}
    why = [
        f"cluster {int(said[i]) + 1} of {len(members)}: quality {quality[i]:.3f}, {typical[i]:.3f} like its middle"
        for i in chosen.tolist()
    ]
    return Picks(chosen, quality[chosen], why)
