"""Distinct-3: how many of the set's 3-grams are different ones."""

from __future__ import annotations

from curate.score.diversity.metric import Metric, Sample
from curate.score.diversity.ngrams import distinct

METRIC = Metric(
    "distinct_3",
    "different 3-grams over all 3-grams; falls as sets grow, so only sets of one size compare",
    "share, 0 to 1",
    "higher",
    "distinct-n of Li et al. 2016; a Han or Kana character is a word",
    "texts",
    highest=1,
)


def value(sample: Sample) -> float:
    """Distinct-3 of a sample."""
    return distinct(sample.tokens, 3)
