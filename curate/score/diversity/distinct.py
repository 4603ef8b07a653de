"""Distinct-n: how many of the set's n-grams are different ones, for n of 1 to 3."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from curate.score.diversity.metric import Metric, Sample
from curate.score.diversity.ngrams import ngrams


def distinct(texts: Sequence[Sequence[str]], n: int) -> float:
    """Different n-grams of all texts over all of their n-grams, in [0, 1]; 0 for none.

    Args:
        texts: as words.
        n: words of an n-gram.

    Source: Li et al. 2016, A Diversity-Promoting Objective Function for Neural Conversation Models.
    """
    grams: set[tuple[str, ...]] = set()
    total = 0
    for tokens in texts:
        grams.update(ngrams(tokens, n))
        total += max(0, len(tokens) - n + 1)
    return len(grams) / total if total else 0.0


def _value(sample: Sample, n: int) -> float:
    return distinct(sample.tokens, n)


METRICS = [
    Metric(
        f"distinct_{n}",
        f"different {n}-grams over all {n}-grams; falls as sets grow, so only sets of one size compare",
        "share, 0 to 1",
        "higher",
        "distinct-n of Li et al. 2016; a Han or Kana character is a word",
        "texts",
        partial(_value, n=n),
        highest=1,
    )
    for n in (1, 2, 3)
]
