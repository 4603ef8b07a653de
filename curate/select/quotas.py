"""Exact quotas: which group gives the next row, so that every beginning of the order is balanced."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence

import numpy as np

# Groups that a message names one by one.
from curate.text.counted import counted

NAMED = 10


def allocate(
    sizes: Mapping[str, int],
    size: int,
    exact: Mapping[str, int] | None = None,
    power: float = 0,
    at_least: Mapping[str, int] | None = None,
    at_most: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """How many rows each group is to give: exact numbers, the rest in proportion to the groups' rows to a power.

    A group that has fewer rows than its part gives what it has, and the others share what is missing in the same way.
    Neither an exact number nor `at_most` is ever exceeded.  Fractions are rounded by Webster's method, ties by name.

    Args:
        sizes: rows that each group has.
        size: rows in all.
        exact: numbers for some groups.
        power: that a group's rows are raised to; see `options.ALLOCATIONS`.
        at_least: numbers that other groups do not fall short of.
        at_most: numbers that other groups do not exceed.

    Returns:
        Rows by group; their sum is min(size, rows there are), or what exact numbers and `at_most` allow.

    Raises:
        ValueError: for more rows than `size`, for an unknown group, and for a minimum above its maximum.
    """
    exact, at_least, at_most = exact or {}, at_least or {}, at_most or {}
    _check(sizes, size, exact, at_least, at_most)
    out = {group: min(number, sizes[group]) for group, number in exact.items()}
    rest = {group: number for group, number in sizes.items() if group not in exact}
    begin = {group: min(at_least.get(group, 0), number) for group, number in rest.items()}
    room = {group: min(at_most.get(group, number), number) for group, number in rest.items()}
    weights = {group: number**power for group, number in rest.items() if number}
    rows_in_turn = turns(weights, room, size - sum(out.values()) - sum(begin.values()), begin)
    return out | {group: begin[group] + rows_in_turn.count(group) for group in rest}


def _check(
    sizes: Mapping[str, int],
    size: int,
    exact: Mapping[str, int],
    at_least: Mapping[str, int],
    at_most: Mapping[str, int],
) -> None:
    for numbers in (exact, at_least, at_most):
        unknown = sorted(set(numbers) - set(sizes))
        if unknown:
            raise ValueError(f"no row is of {', '.join(unknown)}; the groups are {', '.join(sorted(sizes))}")
    for group in sorted(set(at_least) & set(at_most)):
        if at_least[group] > at_most[group]:
            raise ValueError(
                f"{group} cannot have at least {at_least[group]:,} and at most {counted(at_most[group], 'row')}"
            )
    minima = {group: min(n, sizes[group]) for group, n in at_least.items() if group not in exact}
    total = sum(exact.values()) + sum(minima.values())
    if total > size:
        asked = _listed([f"{g} {n:,}" for g, n in exact.items()] + [f"{g} at least {n:,}" for g, n in minima.items()])
        raise ValueError(f"quotas and minima ask for {counted(total, 'row')}, more than the size, {size:,}: {asked}")


def _listed(parts: list[str]) -> str:
    rest = len(parts) - NAMED
    return ", ".join(parts[:NAMED]) + (f" and {rest:,} more" if rest > 0 else "")


def turns(weights: Mapping[str, float], room: Mapping[str, int], size: int, begin: Mapping[str, int]) -> list[str]:
    """Whose turn it is, at most `size` times: of the groups with room the one with the largest weight / (2 taken + 1).

    Ties go by name.  The turns for a smaller size begin those for a larger one (Webster's, or Sainte-Laguë's, method).

    Args:
        weights: above 0, by group.
        room: rows that a group may give, those in `begin` among them.
        size: how many turns.
        begin: rows that a group has given before.
    """
    heap = [
        (-w / (2 * begin.get(g, 0) + 1), g, begin.get(g, 0)) for g, w in weights.items() if room[g] > begin.get(g, 0)
    ]
    heapq.heapify(heap)
    out: list[str] = []
    while heap and len(out) < size:
        _, group, taken = heapq.heappop(heap)
        out.append(group)
        if taken + 1 < room[group]:
            heapq.heappush(heap, (-weights[group] / (2 * taken + 3), group, taken + 1))
    return out


def by_turns(
    orders: Mapping[str, Sequence[int] | np.ndarray], power: float, size: int, sizes: Mapping[str, int]
) -> np.ndarray:
    """(min(size, rows there are),) int64: rows of the groups' orders, merged in `turns`.

    The first n rows are what this gives for size n.

    Args:
        orders: the first rows of each group, best first.
        power: see `allocate`.
        size: rows in all.
        sizes: rows that each group has.
    """
    weights = {group: sizes[group] ** power for group, order in orders.items() if len(order)}
    counts = dict.fromkeys(orders, 0)
    merged = []
    for group in turns(weights, {group: len(order) for group, order in orders.items()}, size, {}):
        merged.append(orders[group][counts[group]])
        counts[group] += 1
    return np.array(merged, np.int64)


def in_turn(orders: Mapping[str, Sequence[int] | np.ndarray], size: int) -> np.ndarray:
    """(min(size, rows there are),) int64: a row from each group in turn, by name; groups that run out are passed over.

    The first n rows are what `in_turn` gives for size n, and each group has the part that `allocate` gives it.
    """
    return by_turns(orders, 0, size, {group: len(order) for group, order in orders.items()})


def interleave(orders: Mapping[str, Sequence[int] | np.ndarray], group_sizes: Mapping[str, int]) -> np.ndarray:
    """(sum of group_sizes,) int64: the first rows of each group's order, merged.

    Each step takes from the group that is furthest behind its share of the rows so far, ties by name, so that after any
    number of steps every group is within one row of its share of them.
    """
    total = sum(group_sizes.values())
    counts = dict.fromkeys(group_sizes, 0)
    groups = sorted(group for group in group_sizes if group_sizes[group])
    out = []
    for step in range(1, total + 1):
        # The earliest deadline first among groups whose next row is due keeps every group within one row of its share
        # (Tijdeman 1980, the chairman assignment problem).
        due = [g for g in groups if counts[g] < group_sizes[g] and group_sizes[g] * step > counts[g] * total]
        best = min(due, key=lambda g: ((counts[g] + 1) * total / group_sizes[g], g))
        out.append(orders[best][counts[best]])
        counts[best] += 1
    return np.array(out, np.int64)
