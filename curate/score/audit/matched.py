"""Ranks among rows of the same script and of about the same length, so that no length is better than another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from curate.score.quality.text_row import language

# Bins of length, and the least rows of each.
BINS, LEAST = 8, 20


def matched_ranks(values: np.ndarray, texts: Sequence[str], reference: np.ndarray) -> np.ndarray:
    """(n,) share of the reference rows of like script and length that each row is above, ties counting half.

    The mean of the reference rows is 1/2 whatever they are.

    Args:
        values: (n,) numbers, more being better.
        texts: (n,) whose script and length count.
        reference: (m,) rows that others are ranked among.
    """
    lengths = np.array([len(text) for text in texts])
    han = np.array([language(text) == "zh" for text in texts], bool)
    if min(han[reference].sum(), (~han[reference]).sum()) < LEAST:
        han[:] = False
    ranks = np.empty(len(values))
    for script in np.unique(han):
        members = reference[han[reference] == script]
        count = max(1, min(BINS, len(members) // LEAST))
        edges = np.quantile(lengths[members], np.arange(1, count) / count)
        bins = np.where(han == script, np.searchsorted(edges, lengths), -1)
        for number in range(count):
            rows = np.flatnonzero(bins == number)
            among = np.sort(values[members[bins[members] == number]])
            below = np.searchsorted(among, values[rows], "left") + np.searchsorted(among, values[rows], "right")
            ranks[rows] = below / (2 * len(among)) if len(among) else 0.5
    return ranks
