"""Entropy and evenness of the set over its categories."""

from __future__ import annotations

import math

from curate.score.diversity.entropy import counted, entropy
from curate.score.diversity.metric import Metric, Sample


def category_entropy(sample: Sample) -> float | None:
    """Entropy of a sample over its categories, in bits; None if no row has one.  Source: Shannon 1948."""
    categories = [category for category in sample.categories if category is not None]
    return entropy(counted(categories)) if categories else None


def category_evenness(sample: Sample) -> float | None:
    """Evenness of a sample's categories, in [0, 1]; None if no row has one, 1 for a single one.

    Source: Pielou 1966.
    """
    categories = [category for category in sample.categories if category is not None]
    if not categories:
        return None
    counts = counted(categories)
    return entropy(counts) / math.log2(len(counts)) if len(counts) > 1 else 1.0


METRICS = [
    Metric(
        "category_entropy",
        "how many categories there are and how evenly rows are shared out among them; rows without one are left out",
        "bits",
        "higher",
        "Shannon 1948",
        "categories",
        category_entropy,
    ),
    Metric(
        "category_evenness",
        "category entropy over the largest that so many categories could have",
        "share, 0 to 1",
        "higher",
        "Pielou 1966",
        "categories",
        category_evenness,
        highest=1,
    ),
]
