"""Exact quotas: which group gives the next row, so that every beginning of the order is balanced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np


def shares(sizes: Mapping[str, int], size: int, given: Mapping[str, int] | None = None) -> dict[str, int]:
    """How many rows each group is to give: the given numbers, the rest in equal shares.

    sizes: rows that each group has.  size: rows in all.  given: exact numbers for some groups.
    A group that has fewer rows than its share gives what it has, and the others share what is missing, equally.
    Rows that are left over by equal shares go to the first groups by name.  The sum is min(size, rows there are),
    or what the given numbers allow.  Raises ValueError if they ask for more than `size`, or for an unknown group.
    """
    given = given or {}
    if sum(given.values()) > size:
        raise ValueError(f"the quotas ask for {sum(given.values()):,} rows, more than the size, {size:,}")
    unknown = sorted(set(given) - set(sizes))
    if unknown:
        raise ValueError(f"no row is of {', '.join(unknown)}; the groups are {', '.join(sorted(sizes))}")
    out = {group: min(number, sizes[group]) for group, number in given.items()}
    rest = {group: number for group, number in sizes.items() if group not in given}
    out |= _equal(rest, size - sum(out.values()))
    # What the groups without a given number could not fill comes from those with one.
    spare = {group: sizes[group] - out[group] for group in given}
    for group, more in _equal(spare, size - sum(out.values())).items():
        out[group] += more
    return out


def _equal(sizes: Mapping[str, int], size: int) -> dict[str, int]:
    """Equal shares of `size`, none larger than its group; what is left over goes to the first groups by name."""
    level, left, groups = 0, size, sorted(sizes, key=lambda g: (sizes[g], g))
    for i, group in enumerate(groups):
        step = min(sizes[group] - level, left // (len(groups) - i))
        level += step
        left -= step * (len(groups) - i)
        if level < sizes[group]:
            break
    out = {group: min(sizes[group], level) for group in groups}
    for group in sorted(groups):
        if left and out[group] < sizes[group]:
            out[group] += 1
            left -= 1
    return out


def in_turn(orders: Mapping[str, Sequence[int]], size: int) -> np.ndarray:
    """(min(size, rows there are),) int64: a row from each group in turn, by name; groups that run out are passed over.

    The first n rows are what `in_turn` gives for size n, and each group has the share that `shares` gives it.
    """
    longest = max(map(len, orders.values()), default=0)
    merged = [orders[g][i] for i in range(longest) for g in sorted(orders) if i < len(orders[g])]
    return np.array(merged[:size], np.int64)


def interleave(orders: Mapping[str, Sequence[int]], wanted: Mapping[str, int]) -> np.ndarray:
    """(sum of wanted,) int64: the first rows of each group's order, merged.

    Each step takes from the group that is furthest behind its share of the rows so far, ties by name, so that after any
    number of steps every group is within one row of its share of them.
    """
    total = sum(wanted.values())
    taken = dict.fromkeys(wanted, 0)
    groups = sorted(group for group in wanted if wanted[group])
    out = []
    for step in range(1, total + 1):
        # The earliest deadline first among groups whose next row is due keeps every group within one row of its share
        # (Tijdeman 1980, the chairman assignment problem).
        due = [g for g in groups if taken[g] < wanted[g] and wanted[g] * step > taken[g] * total]
        best = min(due, key=lambda g: ((taken[g] + 1) * total / wanted[g], g))
        out.append(orders[best][taken[best]])
        taken[best] += 1
    return np.array(out, np.int64)
