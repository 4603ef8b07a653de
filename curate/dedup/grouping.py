"""Groups of equal values, and the pairs that members of groups make."""

from __future__ import annotations

import numpy as np

# Of a group that would make too many pairs, only these many members are paired with all others.
HUBS = 64


def groups(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of equal values together: (m,) int64 positions and (g,) sizes, for values that occur at least twice.

    Args:
        values: (n,) numbers, or (n, k) rows of them. Positions ascend in a group.
    """
    rows = values.reshape(len(values), -1 if len(values) else 1)
    order = np.argsort(values, kind="stable") if values.ndim == 1 else np.lexsort(rows.T)
    ordered = rows[order]
    begins = np.flatnonzero(np.append(True, (ordered[1:] != ordered[:-1]).any(axis=1))) if len(rows) else order
    sizes = np.diff(np.append(begins, len(rows)))
    return order[np.repeat(sizes > 1, sizes)], sizes[sizes > 1]


def pairs_within(members: np.ndarray, sizes: np.ndarray, hubs: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of members of the same group, the earlier one first: two (p,) arrays.

    Args:
        members: (m,) group by group.
        sizes: (g,) sizes of the groups.
        hubs: pair only the first so many members of a group with all others.
    """
    place = np.arange(len(members)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    later = np.repeat(sizes, sizes) - 1 - place
    if hubs is not None:
        later[place >= hubs] = 0
    left = np.repeat(np.arange(len(members)), later)
    right = left + 1 + np.arange(len(left)) - np.repeat(np.cumsum(later) - later, later)
    return members[left], members[right]


def pairs_between(
    members: np.ndarray, sizes: np.ndarray, left: np.ndarray, right: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every member of a group with every one of another.

    Args:
        members: (m,) group by group.
        sizes: (g,) sizes of the groups.
        left: (p,) groups.
        right: (p,) the group that each is paired with.

    Returns:
        (number of the pair of groups, member of the left one, member of the right one).
    """
    first = np.cumsum(sizes) - sizes
    times = sizes[left] * sizes[right]
    pair = np.repeat(np.arange(len(left)), times)
    turn = np.arange(len(pair)) - np.repeat(np.cumsum(times) - times, times)
    width = np.maximum(sizes[right], 1)[pair]
    return pair, members[first[left][pair] + turn // width], members[first[right][pair] + turn % width]


def ranges(starts: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of ranges one after the other, and which range each is of.

    Args:
        starts: (r,) first number of each range.
        sizes: (r,) how many numbers each has.
    """
    owner = np.repeat(np.arange(len(starts)), sizes)
    return np.arange(len(owner)) + (starts - (np.cumsum(sizes) - sizes))[owner], owner
