"""Answers against the reference answers: exact match, ROUGE-L and chrF, in scripts with and without spaces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from curate.dedup.units import units
from curate.errors import CurateError
from curate.text.normal import normal


def scores(answers: Sequence[str], references: Sequence[str]) -> dict[str, float]:
    """Means over the answers: exact_match and rouge_l in [0, 1], chrf in [0, 100]."""
    pairs = list(zip(answers, references, strict=True))
    return {
        "exact_match": float(np.mean([normal(a) == normal(b) for a, b in pairs])),
        "rouge_l": float(np.mean([rouge_l(a, b) for a, b in pairs])),
        "chrf": float(np.mean([chrf(a, b) for a, b in pairs])),
    }


def rouge_l(answer: str, reference: str) -> float:
    """F1 of the longest common subsequence, of words, or of characters in Chinese and Japanese; in [0, 1].

    Usual packages drop all that is not a Latin letter or digit, so that Chinese answers would all score 0.

    Source: Lin 2004.
    """
    a, b = [u.text for u in units(answer)], [u.text for u in units(reference)]
    if not a or not b:
        return float(a == b)
    number = {word: i for i, word in enumerate(dict.fromkeys(a + b))}
    answer_ids, reference_ids = (np.array([number[word] for word in words]) for words in (a, b))
    lengths = np.zeros(len(reference_ids) + 1, np.int64)
    for word in answer_ids:
        # The best so far above, or one more on the diagonal where the words agree; maxima run on to the right.
        step = np.maximum(lengths[1:], (lengths[:-1] + 1) * (reference_ids == word))
        lengths = np.concatenate([[0], np.maximum.accumulate(step)])
    common = int(lengths[-1])
    return 2 * common / (len(answer_ids) + len(reference_ids))


def chrf(answer: str, reference: str) -> float:
    """Character n-gram F-score, in [0, 100], by sacrebleu.

    Raises:
        CurateError: where sacrebleu is missing.

    Source: Popović 2015.
    """
    try:
        from sacrebleu.metrics import CHRF
    except ImportError:
        raise CurateError("scores of answers need sacrebleu: pip install 'curate-sft[train]'") from None
    return float(CHRF().sentence_score(answer, [reference]).score)
