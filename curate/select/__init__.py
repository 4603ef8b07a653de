"""Selection: an order of rows whose first n are the selection of size n."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from curate.dedup.exact import key
from curate.errors import CurateError
from curate.select import facility_location, random
from curate.select import quotas as _quotas
from curate.table import records, valid

METHODS = {"facility_location": facility_location.order, "random": random.order}
NEEDS_VECTORS = {"facility_location"}
NO_GROUP = "(none)"


class Selection(NamedTuple):
    """order: (k,) int64 table positions, best first.

    shortfalls: groups that had fewer rows than asked for, with (wanted, got).  note: how texts were embedded.
    """

    order: np.ndarray
    shortfalls: dict[str, tuple[int, int]]
    note: str


def choose(
    table: pa.Table,
    method: str = "facility_location",
    size: int = 1000,
    balance: str | None = None,
    quotas: Mapping[str, int] | None = None,
    seed: int = 0,
    embedder: str = "auto",
) -> Selection:
    """The best `size` rows of a table, in order, among those that are valid and no duplicates.

    method: a key of METHODS.  balance: a column; its values share the size equally, or as `quotas` say.
    A pool smaller than size gives what it has.  The order does not depend on that of the table's rows.
    Raises CurateError for an unknown method, column or group, and for quotas that do not fit the size.
    """
    if method not in METHODS:
        raise CurateError(f"no method is called {method!r}; methods are {', '.join(METHODS)}")
    if size < 1:
        raise CurateError(f"the size is {size}; it must be at least 1")
    positions = candidates(table)
    if not len(positions):
        raise CurateError("no valid row is left to choose from", 1)
    hashes = [key(record) for record in records(table, positions)]
    # In the order of their hashes the rows always come alike, so that an embedder's rounding does too.
    by_hash = sorted(range(len(hashes)), key=hashes.__getitem__)
    hashes, positions = [hashes[i] for i in by_hash], positions[by_hash]
    pool = table.take(pa.array(positions))
    prompts, responses = pool["prompt"].to_pylist(), pool["response"].to_pylist()
    vectors, note = None, ""
    if method in NEEDS_VECTORS:
        from curate.embed import embed

        vectors, note = embed([f"{p}\n{r}" for p, r in zip(prompts, responses, strict=True)], embedder)
    groups = _groups(pool, balance)
    sizes = {group: len(members) for group, members in groups.items()}
    wanted = _shares(sizes, size, quotas)
    orders = {
        group: members[
            METHODS[method](
                None if vectors is None else vectors[members], [hashes[i] for i in members], wanted[group], seed
            )
        ]
        for group, members in groups.items()
        if wanted[group]
    }
    merged = _quotas.interleave(orders, wanted) if quotas else _quotas.in_turn(orders, size)
    order = positions[merged]
    return Selection(order, _shortfalls(sizes, wanted, size, quotas), note)


def order(table: pa.Table, **options) -> np.ndarray:  # type: ignore[no-untyped-def]
    """The order alone; see `choose`."""
    return choose(table, **options).order


def candidates(table: pa.Table) -> np.ndarray:
    """(n,) int64 positions of the rows that are valid and, where that was looked at, no duplicates."""
    positions = valid(table)
    if "duplicate_of" not in table.column_names:
        return positions
    unique = table["duplicate_of"].is_null().to_numpy()
    return positions[unique[positions]]


def _groups(pool: pa.Table, balance: str | None) -> dict[str, np.ndarray]:
    if balance is None:
        return {"": np.arange(pool.num_rows)}
    if balance not in pool.column_names:
        raise CurateError(f"the table has no column {balance!r}; it has {', '.join(pool.column_names)}")
    values = np.array([NO_GROUP if value is None else str(value) for value in pool[balance].to_pylist()])
    return {str(group): np.flatnonzero(values == group) for group in np.unique(values)}


def _shares(sizes: dict[str, int], size: int, given: Mapping[str, int] | None) -> dict[str, int]:
    try:
        return _quotas.shares(sizes, size, given)
    except ValueError as error:
        raise CurateError(str(error)) from None


def _shortfalls(
    sizes: dict[str, int], wanted: dict[str, int], size: int, given: Mapping[str, int] | None
) -> dict[str, tuple[int, int]]:
    """Groups that give fewer rows than an equal share, or than asked for."""
    given = given or {}
    rest = [group for group in sizes if group not in given]
    equal = (size - sum(given.values())) // len(rest) if rest else 0
    asked = {group: given.get(group, equal) for group in sizes}
    return {group: (asked[group], wanted[group]) for group in sorted(sizes) if wanted[group] < asked[group]}
