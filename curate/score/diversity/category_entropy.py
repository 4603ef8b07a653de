"""Entropy of the set over its categories."""

from __future__ import annotations

from curate.score.diversity.entropy import counted, entropy
from curate.score.diversity.metric import Metric, Sample

METRIC = Metric(
    "category_entropy",
    "how many categories there are and how evenly rows are shared out among them; rows without one are left out",
    "bits",
    "higher",
    "Shannon 1948",
    "categories",
)


def value(sample: Sample) -> float | None:
    """Entropy of a sample over its categories; None if no row has one."""
    there = [category for category in sample.categories if category is not None]
    return entropy(counted(there)) if there else None
