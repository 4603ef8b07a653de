"""How evenly rows are shared out among the categories that the set has."""

from __future__ import annotations

import math

from curate.score.diversity.entropy import counted, entropy
from curate.score.diversity.metric import Metric, Sample

METRIC = Metric(
    "category_evenness",
    "category entropy over the largest that so many categories could have",
    "share, 0 to 1",
    "higher",
    "Pielou 1966",
    "categories",
    highest=1,
)


def value(sample: Sample) -> float | None:
    """Evenness of a sample's categories; None if no row has one, 1 for a single one."""
    there = [category for category in sample.categories if category is not None]
    if not there:
        return None
    counts = counted(there)
    return entropy(counts) / math.log2(len(counts)) if len(counts) > 1 else 1.0
