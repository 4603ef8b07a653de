"""k-center radius over a pool: how far from the set the pool's farthest row is."""

from __future__ import annotations

from curate.score.diversity.metric import Metric, Sample
from curate.score.diversity.pool_facility import nearest_cosines

METRIC = Metric(
    "pool_radius",
    "distance of the reference pool's worst-served row to the row of the set nearest to it; falls as the set grows",
    "cosine distance, 0 to 2",
    "lower",
    "the k-center objective (Gonzalez 1985)",
    "pool",
    most=5000,
    highest=2,
)


def value(sample: Sample) -> float | None:
    """Radius of a sample over the pool; None without a pool."""
    if sample.pool is None or not len(sample):
        return None
    return float(max(0.0, 1 - nearest_cosines(sample.pool, sample.vectors).min()))
