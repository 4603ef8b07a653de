"""Selection: an order of rows whose first n are the selection of size n, and for every row why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.engine.rows import Workers
from curate.errors import CurateError
from curate.progress import Progress, silent
from curate.select import fields, groups, lima, reasons
from curate.select import quality as _quality
from curate.select.arrange import LOOKS_AT_QUALITY, METHODS, NEEDS_VECTORS, Arranged, arrange, ranking
from curate.select.pool import Pool, Settings
from curate.table.table import TEXTS, placed, records, take, valid, with_columns
from curate.text.normal import key
from schemas.record import Conversation

__all__ = ["METHODS", "Selection", "Settings", "candidates", "choose", "order", "ranking"]


# Records that are read at a time.
BATCH = 10_000


class Selection(NamedTuple):
    """Attributes:
    order: (k,) int64 table positions, best first.
    shortfalls: groups and quotas that had fewer rows than asked for, with (wanted, got).
    note: sentences, one a line, on how texts were embedded, where quality came from and what is known of the
        result.
    columns: what to add to the table as ledger; see `reasons.columns`.
    below: rows under the floor of quality.
    """

    order: np.ndarray
    shortfalls: dict[str, tuple[int, int]]
    note: str
    columns: dict[str, pa.Array]
    below: int = 0

    def ledger(self, table: pa.Table) -> pa.Table:
        """The table with rank and reasons, in place of those of an earlier selection."""
        from curate.table.ledger import with_rank

        earlier = [name for name in table.column_names if name.startswith("select_")]
        return with_columns(with_rank(table.drop_columns(earlier), self.order), **self.columns)


def choose(
    table: pa.Table,
    method: str = "facility_location",
    size: int = 1000,
    balance: str | None = None,
    quotas: Mapping[str, int] | None = None,
    seed: int = 0,
    embedder: str = "auto",
    shares: str | None = None,
    least: Mapping[str, int] | None = None,
    most: Mapping[str, int] | None = None,
    quality: str | None = None,
    floor: float | None = None,
    settings: Settings | None = None,
    assign_categories: bool = False,
    vectors: np.ndarray | None = None,
    progress: Progress = silent,
) -> Selection:
    """The best `size` rows of a table, in order, among those that are valid and no duplicates.

    A pool smaller than size gives what it has.  The order does not depend on that of the table's rows.

    Args:
        method: a key of METHODS.
        seed: of random choices; in place of that of `settings`, which has the methods' options.
        balance: columns, commas between, whose values (crossed if several) share the size: `shares`, a key of
            quotas.POWERS, says how; equally if None. `cluster` stands for clusters of the rows' embeddings, `language`
            and any field of the rows for themselves.
        quotas: numbers by name, exact, minimal and maximal.
        least: numbers by name, exact, minimal and maximal.
        most: numbers by name, exact, minimal and maximal.
        quality: a column or field, see `quality.find`.
        floor: the share of rows, by quality, that are left out.
        assign_categories: give one of Dolly's seven to rows without a category.
        vectors: (rows of the table, d) float32 of unit length; made by `embedder` if None and the method needs them.
        progress: called with what is being done, how much of it is done, and how much there is.

    Raises:
        CurateError: for an unknown method, column or group, and for quotas that do not fit the size.
    """
    if method not in METHODS:
        raise CurateError(f"no method is called {method!r}; methods are {', '.join(METHODS)}")
    if size < 1:
        raise CurateError(f"the size is {size}; it must be at least 1")
    if floor is not None and not 0 <= floor < 1:
        raise CurateError(f"the floor is {floor:g}; it must be at least 0 and below 1")
    settings = (settings or Settings())._replace(seed=seed)
    if not 0 <= settings.trade_off <= 1:
        raise CurateError(f"the trade-off is {settings.trade_off:g}; it must lie between 0 and 1")
    positions, hashes = _in_order(table)
    found = Records(table, positions)
    pool = table.drop_columns([name for name in TEXTS if name in table.column_names]).take(pa.array(positions))
    graded = _quality.find(pool, found, quality)
    notes = [graded.note] if quality or method in LOOKS_AT_QUALITY else []
    columns: dict[str, pa.Array] = {}
    if method == "lima":
        balance = balance or lima.strata(pool)
        shares = shares or lima.SHARES
        floor = lima.FLOOR if floor is None else floor
    if assign_categories and any(value is None for value in fields.values(pool, found, "category")):
        pool, columns, note = _assigned(table, pool, positions, found, embedder)
        notes.append(note)
    kept = np.ones(len(positions), bool)
    if floor and graded.ranks is not None:
        kept = graded.ranks >= floor
    elif floor and method != "lima":
        notes.append("the floor has nothing to go by")
    inside = np.flatnonzero(kept)
    inner = Records(table, positions[inside])
    names = [name.strip() for name in balance.split(",")] if balance else []
    made = None
    if method in NEEDS_VECTORS or "cluster" in names:
        made, note = _vectors(inner, embedder, vectors, progress, settings.workers)
        notes[:0] = [note] if note else []
    labels = _labels(pool.take(pa.array(inside)), inner, names, made, settings)
    arranged = arrange(
        Pool(
            made if method in NEEDS_VECTORS else None,
            None if graded.ranks is None else graded.ranks[inside],
            [hashes[i] for i in inside],
        ),
        labels,
        method,
        size,
        settings,
        shares or "equal",
        quotas,
        least,
        most,
    )
    columns |= _reasons(table, positions, inside, arranged, labels, graded.ranks, floor, made)
    return Selection(
        positions[inside[arranged.order]],
        arranged.shortfalls,
        "\n".join([*notes, *arranged.notes]),
        columns,
        len(positions) - len(inside),
    )


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


class Records(Sequence[Conversation]):
    """The records of a table at these positions, each read when it is asked for.

    Args:
        positions: (n,) int64.
    """

    def __init__(self, table: pa.Table, positions: np.ndarray) -> None:
        self.table, self.positions = table, positions

    def __len__(self) -> int:
        return len(self.positions)

    def __getitem__(self, i):  # type: ignore[no-untyped-def]
        if isinstance(i, slice):
            return records(self.table, self.positions[i])
        return records(self.table, self.positions[[i]])[0]

    def __iter__(self) -> Iterator[Conversation]:
        for start in range(0, len(self), BATCH):
            yield from self[start : start + BATCH]


def _in_order(table: pa.Table) -> tuple[np.ndarray, list[bytes]]:
    """Candidates' positions and hashes, in the order of the hashes: so they always come alike.

    Rows that say the same come in the order of their records, files and row numbers.
    """
    positions = candidates(table)
    if not len(positions):
        raise CurateError("no valid row is left to choose from", 1)
    hashes = [key(record) for record in Records(table, positions)]
    by_hash = sorted(range(len(hashes)), key=hashes.__getitem__)
    ordered = [hashes[i] for i in by_hash]
    places = positions[by_hash]
    start = 0
    for _, same in groupby(ordered):
        end = start + len(list(same))
        if end > start + 1:
            texts = zip(*(take(table[name], places[start:end]) for name in ("record", "file", "row")), strict=True)
            ties = list(texts)
            places[start:end] = places[start:end][sorted(range(len(ties)), key=ties.__getitem__)]
        start = end
    return places, ordered


def _vectors(
    found: Records, embedder: str, given: np.ndarray | None, progress: Progress, workers: Workers | None
) -> tuple[np.ndarray, str]:
    if given is not None:
        return np.ascontiguousarray(given[found.positions], np.float32), ""
    from curate.models.embed import embed

    return embed([f"{record.prompt()}\n{record.response()}" for record in found], embedder, progress, workers)


def _labels(
    pool: pa.Table, found: Records, names: list[str], vectors: np.ndarray | None, settings: Settings
) -> list[str] | None:
    """The group of each row of the pool; None without columns to balance by."""
    if not names:
        return None
    columns = []
    for name in names:
        if name == "cluster" and name not in pool.column_names:
            from curate.select import clusters

            assert vectors is not None
            which = clusters.assign(vectors, settings.clusters, settings.seed)
            called = clusters.names(which, [record.prompt() for record in found])
            columns.append([called[i] for i in which])
        else:
            columns.append([fields.text(value) for value in fields.values(pool, found, name)])
    return groups.crossed(columns)


def _assigned(
    table: pa.Table, pool: pa.Table, positions: np.ndarray, found: Records, embedder: str
) -> tuple[pa.Table, dict[str, pa.Array], str]:
    """The pool with every category filled, columns for the ledger that say which, and a sentence."""
    from curate.select import categories

    without = np.flatnonzero(pool["category"].is_null().to_numpy(zero_copy_only=False))
    assigned = categories.assign([found[i].prompt() for i in without], embedder)
    filled = pool["category"].to_pylist()
    for i, name in zip(without, assigned.categories, strict=True):
        filled[i] = name
    columns = {
        "category_assigned": placed(table.num_rows, positions[without], assigned.categories, pa.string()),
        "category_confidence": placed(table.num_rows, positions[without], assigned.confidence.tolist(), pa.float64()),
    }
    return with_columns(pool, category=pa.array(filled, pa.string())), columns, assigned.note


def _reasons(
    table: pa.Table,
    positions: np.ndarray,
    inside: np.ndarray,
    arranged: Arranged,
    labels: list[str] | None,
    ranks: np.ndarray | None,
    floor: float | None,
    vectors: np.ndarray | None,
) -> dict[str, pa.Array]:
    some = table.select(["file", "row"]).take(pa.array(positions[inside]))
    places = [f"{file}:{row}" for file, row in zip(some["file"].to_pylist(), some["row"].to_pylist(), strict=True)]
    like = None if vectors is None else reasons.nearest(vectors, arranged.order)
    quality = None if ranks is None else ranks[inside]
    columns = reasons.columns(table.num_rows, positions[inside], places, arranged, labels, quality, like)
    if len(inside) < len(positions):
        assert ranks is not None
        below = np.setdiff1d(np.arange(len(positions)), inside)
        said = [f"quality {q:.3f} is below the floor, {floor:g}" for q in ranks[below].tolist()]
        low = placed(table.num_rows, positions[below], said, pa.string())
        columns["select_reason"] = pc.coalesce(low, columns["select_reason"])
        grades = placed(table.num_rows, positions[below], ranks[below].tolist(), pa.float64())
        columns["select_quality"] = pc.coalesce(grades, columns["select_quality"])
    return columns
