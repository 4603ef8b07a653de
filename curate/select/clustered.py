"""Cluster-stratified: a row from each cluster of embeddings in turn, as far as the clusters' rows are good."""

from __future__ import annotations

import numpy as np

from curate.select import clusters, random
from curate.select.pool import MethodContext, Picks, Pool

LEAST = 1e-9


def order(pool: Pool, size: int, context: MethodContext) -> Picks:
    """Clusters take turns, the largest first; in each, rows by falling quality, equal ones at random.

    The k-th row of a cluster has the place k / w, where w is its weight, so that clusters of rows that are half as good
    take half as many turns.  Clusters that run out are passed over.
    """
    assert pool.vectors is not None
    n = len(pool.vectors)
    labels = clusters.assign(pool.vectors, context.options.clusters, context.seed)
    random_rank = np.empty(n, np.int64)
    random_rank[random.order(pool, n, context).order] = np.arange(n)
    quality = np.ones(n) if pool.quality is None else pool.quality
    weights = pool.weights(context.options.trade_off)
    members = [np.flatnonzero(labels == label) for label in range(labels.max(initial=-1) + 1)]
    members = sorted((m for m in members if len(m)), key=lambda m: (-len(m), int(m[0])))
    cluster, place = np.empty(n, np.int64), np.empty(n)
    for number, rows in enumerate(members):
        ranked = rows[np.lexsort((random_rank[rows], -quality[rows]))]
        cluster[ranked], place[ranked] = number, np.arange(1, len(rows) + 1)
    if weights is not None:
        place = place / np.maximum(weights, LEAST)
    chosen = np.lexsort((-quality, cluster, place))[:size]
    why = [f"cluster {cluster[i] + 1} of {len(members)}, quality {quality[i]:.3f}" for i in chosen.tolist()]
    return Picks(chosen, quality[chosen], why)
