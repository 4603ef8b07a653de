"""The groups that a selection is balanced over, and the numbers asked of them by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from curate.errors import CurateError
from curate.select import quotas
from curate.table import fields
from curate.text.counted import counted

CROSS = " / "


class GroupNumbers(NamedTuple):
    """How many rows groups are to give.

    Attributes:
        exact: numbers by group.
        at_least: minima by group.
        at_most: maxima by group.
        names: the numbers as the user gave them, by name, with the groups of each name.
    """

    exact: dict[str, int]
    at_least: dict[str, int]
    at_most: dict[str, int]
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


def numbers_by_group(
    sizes: Mapping[str, int],
    power: float,
    exact: Mapping[str, int],
    at_least: Mapping[str, int],
    at_most: Mapping[str, int],
) -> GroupNumbers:
    """Numbers of groups from numbers by name.

    A name is that of a group, or of a value of one crossed column; the number of a value is allocated to its groups as
    the size is to all.  An empty name in `at_least` and `at_most` means each group that no other name is of.

    Args:
        sizes: rows by group.
        power: of the allocation, see `quotas.allocate`.
        exact: numbers by name.
        at_least: minima by name.
        at_most: maxima by name.

    Raises:
        CurateError: for an unknown name, for two names of one group, and for a number outside the same name's minimum
            and maximum.
    """
    _check_exact(exact, at_least, at_most)
    out = GroupNumbers({}, {}, {}, {})
    for numbers, to in ((exact, out.exact), (at_least, out.at_least), (at_most, out.at_most)):
        for name, number in sorted(numbers.items(), key=lambda item: (not item[0], item[0])):
            groups = _named(sizes, name) if name else [g for g in sizes if g not in to and g not in out.exact]
            twice = sorted(set(groups) & set(to))
            if twice:
                raise CurateError(f"{name!r} and another quota both speak of {twice[0]!r}; give one of them")
            if not name:
                to.update(dict.fromkeys(groups, number))
                continue
            parts = quotas.allocate({g: sizes[g] for g in groups}, number, power=power)
            if to is not out.at_most:  # what no row is there for is still asked for
                parts[groups[0]] += number - sum(parts.values())
                out.names.setdefault(name, (number, groups))  # the exact number, where there is a minimum too
            to.update(parts)
    return out


def _check_exact(exact: Mapping[str, int], at_least: Mapping[str, int], at_most: Mapping[str, int]) -> None:
    """Refuse an exact number that is outside the limits of the same name."""
    for name, number in exact.items():
        if number < at_least.get(name, number):
            raise CurateError(f"{name} cannot have exactly {number:,} and at least {counted(at_least[name], 'row')}")
        if number > at_most.get(name, number):
            raise CurateError(f"{name} cannot have exactly {number:,} and at most {counted(at_most[name], 'row')}")


def _named(sizes: Mapping[str, int], name: str) -> list[str]:
    name = fields.text(name)
    if name in sizes:
        return [name]
    parts = [group.split(CROSS) for group in sizes]
    columns = {i for split in parts for i, part in enumerate(split) if part == name}
    if len(columns) > 1:
        raise CurateError(f"{name!r} is a value of two columns; name the groups, as {next(iter(sizes))!r}")
    if not columns:
        raise CurateError(f"no row is of {name}; the groups are {', '.join(sorted(sizes))}")
    return [group for group, split in zip(sizes, parts, strict=True) if split[min(columns)] == name]
