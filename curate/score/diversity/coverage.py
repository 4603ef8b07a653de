"""How much of a reference's n-grams the set has."""

from __future__ import annotations

from curate.score.diversity.metric import Metric, Sample
from curate.score.diversity.ngrams import hashed

N = 3


def value(sample: Sample) -> float | None:
    """Coverage of the reference by a sample; None without a reference."""
    if not sample.reference:
        return None
    return len(hashed(sample.tokens, N) & sample.reference) / len(sample.reference)


METRICS = [
    Metric(
        "coverage",
        "share of the reference's different 3-grams that are in the set; grows with the set",
        "share, 0 to 1",
        "higher",
        "n-gram recall against a reference, as ROUGE-N (Lin 2004) without its counts",
        "reference",
        value,
        highest=1,
    ),
]
