"""How many rows have how many tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec

MOST_BINS = 16
# The share of rows beyond which all are in the last bin.
LONGEST = 0.99


class Bin(msgspec.Struct, frozen=True):
    """Rows of about the same length.

    Attributes:
        low: fewest tokens.
        high: most tokens.
        rows: how many have so many.
        cut: whether they are longer than the maximum length.
    """

    low: int
    high: int
    rows: int
    cut: bool = False


def quantile(lengths: Mapping[int, int], share: float) -> int:
    """The least number of tokens that this share of rows do not exceed; 0 for no rows.

    Args:
        lengths: how many rows have how many tokens.
        share: in (0, 1].
    """
    wanted, rows = share * sum(lengths.values()), 0
    for tokens in sorted(lengths):
        rows += lengths[tokens]
        if rows >= wanted:
            return tokens
    return 0


def bins(lengths: Mapping[int, int], max_length: int) -> list[Bin]:
    """Rows by length, in bins as wide as each other but for three: one ends at the maximum length and one begins after
    it, and the last one has all longer rows.

    Args:
        lengths: how many rows have how many tokens.
        max_length: beyond which rows are cut.
    """
    if not lengths:
        return []
    low, high, most = min(lengths), quantile(lengths, LONGEST), max(lengths)
    width = 1
    while (high - 1) // width - (max(low, 1) - 1) // width >= MOST_BINS:
        width *= 2
    begin = (max(low, 1) - 1) // width * width
    ends = [begin + width * (i + 1) for i in range(-(-max(1, high - begin) // width))]
    ends[-1] = max(ends[-1], most)
    if begin < max_length < ends[-1]:
        ends = sorted({*ends, max_length})
    counts: Counter[int] = Counter()
    for tokens, rows in lengths.items():
        counts[next(i for i, end in enumerate(ends) if tokens <= end)] += rows
    lows = [begin + 1, *(end + 1 for end in ends[:-1])]
    return [
        Bin(first, end, counts[i], first > max_length) for i, (first, end) in enumerate(zip(lows, ends, strict=True))
    ]
