"""Cluster-stratified: a row from each cluster of embeddings in turn."""

from __future__ import annotations

import numpy as np

from curate.select import clusters, quotas, random
from curate.select.pool import MethodContext, Picks, Pool


def order(pool: Pool, size: int, context: MethodContext) -> Picks:
    """Clusters take turns, the largest first; in each, rows by falling quality, equal ones at random.

    Clusters that run out are passed over.
    """
    assert pool.vectors is not None
    n = len(pool.vectors)
    labels = clusters.assign(pool.vectors, context.options.clusters, context.seed)
    random_rank = np.empty(n, np.int64)
    random_rank[random.order(pool, n, context).order] = np.arange(n)
    quality = np.ones(n) if pool.quality is None else pool.quality
    members = [np.flatnonzero(labels == label) for label in range(labels.max(initial=-1) + 1)]
    members = sorted((m for m in members if len(m)), key=lambda m: (-len(m), int(m[0])))
    ranked = {f"{i:06}": rows[np.lexsort((random_rank[rows], -quality[rows]))] for i, rows in enumerate(members)}
    chosen = quotas.in_turn(ranked, size)
    cluster = {i: int(name) + 1 for name, rows in ranked.items() for i in rows.tolist()}
    why = [f"cluster {cluster[i]} of {len(members)}, quality {quality[i]:.3f}" for i in chosen.tolist()]
    return Picks(chosen, quality[chosen], why)
