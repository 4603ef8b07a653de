"""One order out of the orders of groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from curate.errors import CurateError
from curate.select import (
    clustered,
    facility_location,
    groups,
    k_center,
    novelsum,
    quotas,
    random,
    score_first,
    top_score,
)
from curate.select.groups import GroupNumbers
from curate.select.options import ALLOCATIONS, by_name, check, plain
from curate.select.pool import MethodContext, Picks, Pool
from curate.text.counted import counted

METHODS: dict[str, Callable[[Pool, int, MethodContext], Picks]] = {
    "facility_location": facility_location.order,
    "random": random.order,
    "top_score": top_score.order,
    "score_first": score_first.order,
    "k_center": k_center.order,
    "novelsum": novelsum.order,
    "clustered": clustered.order,
    "lima": facility_location.order,
}
NEEDS_VECTORS = set(METHODS) - {"random", "top_score"}
LOOKS_AT_QUALITY = set(METHODS) - {"random"}

SHOWN = 3


class Arranged(NamedTuple):
    """The order of a pool.

    Attributes:
        order: (k,) int64 positions in the pool, best first.
        gains: (k,) float64 of each, see Picks.
        why: a sentence for each, see Picks.
        group_sizes: how many rows each group gives.
        shortfalls: by group or name, (rows asked for, rows there).
        notes: sentences.
    """

    order: np.ndarray
    gains: np.ndarray
    why: list[str]
    group_sizes: dict[str, int]
    shortfalls: dict[str, tuple[int, int]]
    notes: list[str]


def arrange(pool: Pool, labels: Sequence[str] | None, context: MethodContext) -> Arranged:
    """Each group ordered by the method, and the groups merged so that every beginning is balanced.

    Without quotas and minima the order for a smaller size begins the one for a larger size; with them, the numbers are
    those of the size, and every beginning has nearly the same shares.

    Args:
        pool: n rows.
        labels: n names of groups; None for one group.
        context: the options, of which method, size, allocation, quotas, min and max count here, and the seed.

    Raises:
        CurateError: for quotas that do not fit the groups or the size.
    """
    options = context.options
    power = ALLOCATIONS[options.allocation or "equal"]
    members = {"": np.arange(len(pool.hashes))} if labels is None else groups.members(labels)
    sizes = {group: len(positions) for group, positions in members.items()}
    try:
        numbers = groups.numbers_by_group(sizes, power, options.quotas, by_name(options.min), by_name(options.max))
        group_sizes = quotas.allocate(sizes, options.size, numbers.exact, power, numbers.at_least, numbers.at_most)
    except ValueError as error:
        raise CurateError(str(error)) from None
    picks = {
        group: _picks(_part(pool, positions), group_sizes[group], context)
        for group, positions in members.items()
        if group_sizes[group]
    }
    orders = {group: members[group][picked.order] for group, picked in picks.items()}
    if numbers.exact or numbers.at_least:
        order = quotas.interleave(orders, group_sizes)
    else:
        order = quotas.by_turns(orders, power, options.size, sizes)
    gains, why = _of_rows(len(pool.hashes), orders, picks)
    shortfalls = {} if labels is None else _shortfalls(sizes, options.size, power, numbers, group_sizes)
    return Arranged(order, gains[order], [why[i] for i in order], group_sizes, shortfalls, _notes(picks))


def _part(pool: Pool, positions: np.ndarray) -> Pool:
    return pool if len(positions) == len(pool.hashes) else pool.take(positions)


def _picks(pool: Pool, size: int, context: MethodContext) -> Picks:
    """What the method picks; rows of quality 0 come after all others, for no novelty makes up for that."""
    options = context.options
    method = METHODS[options.method]
    worthless = np.zeros(len(pool.hashes), bool)
    if options.method in LOOKS_AT_QUALITY and options.trade_off and pool.quality is not None:
        worthless = pool.quality <= 0
    if not worthless.any() or worthless.all():
        return method(pool, size, context)
    better, rest = np.flatnonzero(~worthless), np.flatnonzero(worthless)
    first = method(pool.take(better), size, context)
    order, gains, why = better[first.order], first.gains, list(first.why)
    if size > len(better):
        last = method(pool.take(rest), size - len(better), context)
        order = np.concatenate([order, rest[last.order]])
        gains, why = np.concatenate([gains, last.gains]), why + list(last.why)
    return Picks(order, gains, why, first.note)


def _of_rows(rows: int, orders: Mapping[str, np.ndarray], picks: Mapping[str, Picks]) -> tuple[np.ndarray, list[str]]:
    """((n,) gains, n sentences) of all groups' picks, by position in the pool."""
    gains, why = np.zeros(rows), [""] * rows
    for group, order in orders.items():
        gains[order] = picks[group].gains
        for i, sentence in zip(order.tolist(), picks[group].why, strict=True):
            why[i] = sentence
    return gains, why


def _notes(picks: Mapping[str, Picks]) -> list[str]:
    """The methods' sentences, each once, with the groups that it is of where it is not of all."""
    of_groups: dict[str, list[str]] = {}
    for group, picked in picks.items():
        if picked.note:
            of_groups.setdefault(picked.note, []).append(group)
    notes = [note if len(of) == len(picks) else f"{_named(of)}: {note}" for note, of in of_groups.items()]
    if len(notes) > SHOWN:
        notes = [*notes[: SHOWN - 1], f"and the like of {counted(len(notes) - SHOWN + 1, 'more sort')} of groups"]
    return notes


def _named(names: list[str]) -> str:
    return (
        ", ".join(names)
        if len(names) <= SHOWN
        else f"{', '.join(names[:SHOWN])} and {counted(len(names) - SHOWN, 'more group')}"
    )


def _shortfalls(
    sizes: Mapping[str, int], size: int, power: float, numbers: GroupNumbers, group_sizes: Mapping[str, int]
) -> dict[str, tuple[int, int]]:
    """Names and minima that get fewer rows than asked for, and groups whose rows are fewer than their part."""
    out = {}
    for name, (number, of) in numbers.names.items():
        got = sum(group_sizes[group] for group in of)
        if got < number:
            out[name] = (number, got)
    for group, number in numbers.at_least.items():
        if group_sizes[group] < number and group not in numbers.exact and not _is_named(group, numbers):
            out[group] = (number, group_sizes[group])
    rest = {group: number for group, number in sizes.items() if group not in numbers.exact}
    whole = size - sum(numbers.exact.values())
    total = sum(number**power for number in rest.values() if number)
    for group, number in rest.items():
        part = min(int(whole * number**power / total), numbers.at_most.get(group, whole)) if number else 0
        if group_sizes[group] == number < part and group not in numbers.names:
            out.setdefault(group, (part, group_sizes[group]))
    return dict(sorted(out.items()))


def _is_named(group: str, numbers: GroupNumbers) -> bool:
    return any(group in of for _, of in numbers.names.values())


def ranking(
    embeddings: np.ndarray | None,
    quality: np.ndarray | None,
    groups: Sequence[str] | None,
    size: int,
    seed: int = 0,
    method: str = "facility_location",
    hashes: Sequence[bytes] | None = None,
) -> np.ndarray:
    """The order of rows given as arrays: the first k are the selection of size k.

    Args:
        embeddings: (n, d) float32 of unit length; None for methods that look at none.
        quality: (n,) in [0, 1] or None.
        groups: n names, to which the size is allocated equally; None for one group.
        size: how many rows.
        seed: of random choices.
        method: a key of METHODS.
        hashes: n hashes that decide ties; those of the embeddings, or of the positions, if None.

    Returns:
        (min(size, n),) int64 positions, best first.

    Raises:
        CurateError: for an unknown method.
    """
    check(plain(method=method))
    n = len(next(part for part in (embeddings, quality, groups, hashes) if part is not None))
    if hashes is None:
        keys = embeddings if embeddings is not None else np.arange(n)
        hashes = [blake2b(np.ascontiguousarray(key).tobytes(), digest_size=16).digest() for key in keys]
    by_hash = np.array(sorted(range(n), key=hashes.__getitem__), np.int64)
    whole = Pool(embeddings, quality, hashes).take(by_hash)._replace(reference=None)
    labels = None if groups is None else [groups[i] for i in by_hash]
    return by_hash[arrange(whole, labels, MethodContext(plain(method=method, size=size), seed)).order]
