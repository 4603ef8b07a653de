"""One order out of the orders of groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from curate.select.pool import Pool, Settings

METHODS = {
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
LOOKS_AT_QUALITY = set(METHODS) - {"random", "k_center", "novelsum"}

SAID = 3


class Arranged(NamedTuple):
    """Attributes:
    order: (k,) int64 positions in the pool, best first.
    gains: of each, see Picks.
    why: of each, see Picks.
    wanted: how many rows each group gives.
    shortfalls: by group or name, (asked for, got).
    notes: sentences.
    """

    order: np.ndarray
    gains: np.ndarray
    why: list[str]
    wanted: dict[str, int]
    shortfalls: dict[str, tuple[int, int]]
    notes: list[str]


def arrange(
    pool: Pool,
    labels: Sequence[str] | None,
    method: str,
    size: int,
    settings: Settings,
    shares: str = "equal",
    given: Mapping[str, int] | None = None,
    least: Mapping[str, int] | None = None,
    most: Mapping[str, int] | None = None,
) -> Arranged:
    """Each group ordered by the method, and the groups merged so that every beginning is balanced.

    Without `given` and `least` the order for a smaller size begins the one for a larger size; with them, the numbers
    are those of `size`, and every beginning has nearly the same shares.

    Args:
        labels: n names of groups; None for one group.
        shares: a key of quotas.POWERS.
        given: numbers by name, see groups.asked.
        least: numbers by name, see groups.asked.
        most: numbers by name, see groups.asked.

    Raises:
        CurateError: for an unknown method or share, and for quotas that do not fit.
    """
    if method not in METHODS:
        raise CurateError(f"no method is called {method!r}; methods are {', '.join(METHODS)}")
    if shares not in quotas.POWERS:
        raise CurateError(f"no shares are called {shares!r}; they are {', '.join(quotas.POWERS)}")
    power = quotas.POWERS[shares]
    n = len(pool.hashes)
    members = {"": np.arange(n)} if labels is None else groups.members(labels)
    sizes = {group: len(some) for group, some in members.items()}
    try:
        asked = groups.asked(sizes, power, given or {}, least or {}, most or {})
        wanted = quotas.shares(sizes, size, asked.given, power, asked.least, asked.most)
    except ValueError as error:
        raise CurateError(str(error)) from None
    orders: dict[str, np.ndarray] = {}
    gains, why = np.zeros(n), [""] * n
    notes: dict[str, list[str]] = {}
    for group, some in members.items():
        if not wanted[group]:
            continue
        picks = METHODS[method](pool if len(some) == n else pool.take(some), wanted[group], settings)
        orders[group] = some[picks.order]
        gains[orders[group]] = picks.gains
        for i, sentence in zip(orders[group].tolist(), picks.why, strict=True):
            why[i] = sentence
        if picks.note:
            notes.setdefault(picks.note, []).append(group)
    if asked.given or asked.least:
        order = quotas.interleave(orders, wanted)
    else:
        order = quotas.by_turns(orders, power, size, sizes)
    said = [note if len(some) == len(orders) else f"{_named(some)}: {note}" for note, some in notes.items()]
    if len(said) > SAID:
        said = [*said[: SAID - 1], f"and the like of {len(said) - SAID + 1} more sorts of groups"]
    return Arranged(
        order, gains[order], [why[i] for i in order], wanted, _shortfalls(sizes, size, power, asked, wanted), said
    )


def _named(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= SAID else f"{', '.join(names[:SAID])} and {len(names) - SAID} more groups"


def _shortfalls(
    sizes: Mapping[str, int], size: int, power: float, asked: groups.Asked, wanted: Mapping[str, int]
) -> dict[str, tuple[int, int]]:
    """Names that give fewer rows than was asked for, and groups that give less than their share for want of rows."""
    out = {}
    for name, (number, some) in asked.names.items():
        got = sum(wanted[group] for group in some)
        if got < number:
            out[name] = (number, got)
    rest = {group: number for group, number in sizes.items() if group not in asked.given}
    whole = size - sum(asked.given.values())
    total = sum(number**power for number in rest.values() if number)
    for group, number in rest.items():
        share = min(int(whole * number**power / total), asked.most.get(group, whole)) if number else 0
        if wanted[group] == number < share and group not in asked.names:
            out[group] = (share, wanted[group])
    return dict(sorted(out.items()))


def ranking(
    embeddings: np.ndarray | None,
    quality: np.ndarray | None,
    groups: Sequence[str] | None,
    size: int,
    seed: int = 0,
    method: str = "facility_location",
    hashes: Sequence[bytes] | None = None,
) -> np.ndarray:
    """(min(size, n),) int64 positions, best first: the first k are the selection of size k.

    Args:
        embeddings: (n, d) float32 of unit length; None for methods that look at none.
        quality: (n,) in [0, 1] or None.
        groups: n names, which share the size equally; None for one group.
        hashes: n hashes that settle ties; those of the embeddings, or of the positions, if None.
    """
    n = len(next(part for part in (embeddings, quality, groups, hashes) if part is not None))
    if hashes is None:
        keys = embeddings if embeddings is not None else np.arange(n)
        hashes = [blake2b(np.ascontiguousarray(key).tobytes(), digest_size=16).digest() for key in keys]
    by_hash = np.array(sorted(range(n), key=hashes.__getitem__), np.int64)
    whole = Pool(embeddings, quality, hashes).take(by_hash)._replace(reference=None)
    labels = None if groups is None else [groups[i] for i in by_hash]
    return by_hash[arrange(whole, labels, method, size, Settings(seed)).order]
