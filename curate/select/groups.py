"""The groups that a selection is balanced over, and the numbers asked of them by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from curate.errors import CurateError
from curate.select import quotas

CROSS = " / "


class Asked(NamedTuple):
    """Numbers by group, and by name as they were asked for, with the groups of each name."""

    given: dict[str, int]
    least: dict[str, int]
    most: dict[str, int]
    names: dict[str, tuple[int, list[str]]]


def crossed(columns: Sequence[Sequence[str]]) -> list[str]:
    """The group of each row: its values of all columns."""
    return [CROSS.join(parts) for parts in zip(*columns, strict=True)]


def members(labels: Sequence[str]) -> dict[str, np.ndarray]:
    """Positions of each group's rows, ascending, groups by name."""
    names, which = np.unique(np.array(labels, dtype=object).astype(str), return_inverse=True)
    order = np.argsort(which, kind="stable")
    parts = np.split(order, np.searchsorted(which[order], np.arange(1, len(names))))
    return {str(name): part for name, part in zip(names, parts, strict=True)} if len(labels) else {}


def asked(
    sizes: Mapping[str, int],
    power: float,
    given: Mapping[str, int],
    least: Mapping[str, int],
    most: Mapping[str, int],
) -> Asked:
    """Numbers of groups from numbers by name.

    A name is that of a group, or of a value of one crossed column; the number of a value is shared among its groups as
    rows are among all.  An empty name among `least` and `most` means each group that no other name is of.

    Raises:
        CurateError: for a name that is none, or if two names speak of one group.
    """
    out = Asked({}, {}, {}, {})
    for numbers, to in ((given, out.given), (least, out.least), (most, out.most)):
        for name, number in sorted(numbers.items(), key=lambda item: (not item[0], item[0])):
            groups = _named(sizes, name) if name else [g for g in sizes if g not in to and g not in out.given]
            twice = sorted(set(groups) & set(to))
            if twice:
                raise CurateError(f"{name!r} and another quota both speak of {twice[0]!r}; give one of them")
            if not name:
                to.update(dict.fromkeys(groups, number))
                continue
            parts = quotas.shares({g: sizes[g] for g in groups}, number, power=power)
            if to is not out.most:  # what no row is there for is still asked for
                parts[groups[0]] += number - sum(parts.values())
                out.names[name] = (number, groups)
            to.update(parts)
    return out


def _named(sizes: Mapping[str, int], name: str) -> list[str]:
    if name in sizes:
        return [name]
    parts = [group.split(CROSS) for group in sizes]
    columns = {i for split in parts for i, part in enumerate(split) if part == name}
    if len(columns) > 1:
        raise CurateError(f"{name!r} is a value of two columns; name the groups, as {next(iter(sizes))!r}")
    found = [group for group, split in zip(sizes, parts, strict=True) if columns and split[min(columns)] == name]
    if not found:
        raise CurateError(f"no row is of {name}; the groups are {', '.join(sorted(sizes))}")
    return found
