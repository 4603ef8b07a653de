"""Self-BLEU: how well each text could pass for a translation of the others."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from curate.score.diversity.metric import Metric, Sample
from curate.score.diversity.ngrams import ngrams

ORDER = 4
EPSILON = 0.1


def self_bleu(texts: Sequence[Sequence[str]]) -> float:
    """Mean self-BLEU of texts given as words; 0 for fewer than two.

    A text's n-grams are clipped by the most that any other text has of each.  Keeping the two largest counts of every
    n-gram, and whose the largest is, gives that for all texts in one pass, where comparing each with each is quadratic.

    Source: Zhu et al. 2018 (Texygen); method 1 of Chen & Cherry 2014.
    """
    texts = [tokens for tokens in texts if tokens]
    if len(texts) < 2:
        return 0.0
    matched = [[0] * ORDER for _ in texts]
    for n in range(1, ORDER + 1):
        counts = [Counter(ngrams(tokens, n)) for tokens in texts]
        top: dict[tuple[str, ...], tuple[int, int, int]] = {}  # largest count, whose, second largest
        for i, counted in enumerate(counts):
            for gram, count in counted.items():
                first, owner, second = top.get(gram, (0, -1, 0))
                top[gram] = (count, i, first) if count > first else (first, owner, max(second, count))
        for i, counted in enumerate(counts):
            for gram, count in counted.items():
                first, owner, second = top[gram]
                matched[i][n - 1] += min(count, second if owner == i else first)
    lengths = sorted(len(tokens) for tokens in texts)
    scores = [
        _bleu(counts, len(tokens), _closest(lengths, len(tokens)))
        for counts, tokens in zip(matched, texts, strict=True)
    ]
    return sum(scores) / len(scores)


def _bleu(matched: list[int], length: int, reference: int) -> float:
    if not matched[0]:
        return 0.0
    total = 0.0
    for n, count in enumerate(matched, 1):
        total += math.log((count or EPSILON) / max(1, length - n + 1))
    penalty = min(0.0, 1 - reference / length)
    return math.exp(total / ORDER + penalty)


def _closest(lengths: list[int], length: int) -> int:
    """The length of another text that is nearest to this one's, the shorter of two as near."""
    at = bisect_left(lengths, length)
    if at + 1 < len(lengths) and lengths[at + 1] == length:
        return length  # another text is as long
    others = lengths[max(0, at - 1) : at] + lengths[at + 1 : at + 2]
    return min(others, key=lambda other: (abs(other - length), other))


def value(sample: Sample) -> float:
    """Self-BLEU of a sample."""
    return self_bleu(sample.tokens)


METRICS = [
    Metric(
        "self_bleu",
        "mean BLEU of each text with all others as references; 1 where texts repeat each other",
        "BLEU-4, 0 to 1",
        "lower",
        "Zhu et al. 2018 (Texygen), smoothed as its code does (method 1 of Chen & Cherry 2014); exact, not sampled",
        "texts",
        value,
        most=5000,
        highest=1,
    ),
]
