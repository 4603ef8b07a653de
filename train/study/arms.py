"""The arms of an ablation: ways to order rows, so that the first n are what a run of size n trains on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from curate.errors import CurateError
from curate.select import selection as select
from curate.select.arrange import NEEDS_VECTORS
from curate.select.options import METHODS, plain
from curate.table import table
from curate.table.counting import rows_that_count
from train.analysis.arm_names import FULL, REFERENCE, SELECTED

Order = Callable[[int], np.ndarray]
FILE = "file:"


class ArmRows(NamedTuple):
    """The rows that the arms order.

    Attributes:
        rows: those of the pool, then those of each file arm.
        origin: (n,) 0 for the pool, else the number of the file.
        files: labels of the file arms, in that order.
    """

    rows: pa.Table
    origin: np.ndarray
    files: list[str]

    def take(self, positions: np.ndarray) -> ArmRows:
        """The rows at these positions."""
        return ArmRows(self.rows.take(pa.array(positions)), self.origin[positions], self.files)

    def of_origin(self, number: int) -> tuple[np.ndarray, pa.Table]:
        """Positions of the rows of one origin, and those rows."""
        positions = np.flatnonzero(self.origin == number)
        return positions, self.rows.take(pa.array(positions))


def parse_names(text: str) -> list[str]:
    """The arms of an option, commas between, each once.

    Raises:
        CurateError: for an unknown arm, and for none.
    """
    names = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    known = [SELECTED, FULL, *METHODS]
    for name in names:
        if name not in known and not (name.startswith(FILE) and name[len(FILE) :]):
            raise CurateError(f"unknown arm {name!r}; arms are {', '.join(known)}, {FILE}PATH")
    if not names:
        raise CurateError("give at least one arm: --arms random,selected")
    return names


def label(name: str) -> str:
    """What an arm is called in the results: a file by its name without endings."""
    return Path(name[len(FILE) :]).name.split(".")[0] if name.startswith(FILE) else name


def arm_rows(rows: pa.Table, names: Sequence[str], format_name: str | None = None) -> ArmRows:
    """The rows that the arms choose from.

    Args:
        rows: valid rows of the pool, duplicates removed.
        names: of the arms, from `parse_names`.
        format_name: of the files of arms, see `table.read`.

    Raises:
        CurateError: for a file arm without valid rows, and for two arms of one label.
    """
    files = [name for name in names if name.startswith(FILE)]
    labels = [label(name) for name in names]
    if len(set(labels)) < len(labels):
        raise CurateError(f"two arms would be called the same: {', '.join(labels)}; rename a file")
    tables = [rows]
    for name in files:
        path = name[len(FILE) :]
        file_rows = table.read([path], format_name)
        valid_rows = file_rows.take(pa.array(table.valid(file_rows)))
        if not valid_rows.num_rows:
            raise CurateError(f"the arm {name} has no valid row; see `curate validate {path}`", 1)
        tables.append(
            valid_rows.select([*table.SCHEMA.names, *(["rank"] if "rank" in valid_rows.column_names else [])])
        )
    origin = np.repeat(np.arange(len(tables)), [part.num_rows for part in tables])
    return ArmRows(pa.concat_tables(tables, promote_options="default"), origin, [label(name) for name in files])


def arm_orders(
    pool: ArmRows, names: Sequence[str], largest: int, balance: str | None = None, embedder: str = "auto"
) -> dict[str, Order]:
    """For each arm, by its label, the function from a seed to positions in `pool.rows`.

    Args:
        pool: the rows to order.
        names: of the arms.
        largest: rows that methods of selection are asked for; they go somewhat further, since rows that the model's
            template cannot write are passed over.
        balance: column that selections are balanced by.
        embedder: of texts, for methods that need vectors.
    """
    from curate.models.embed import embed_table

    positions, rows = pool.of_origin(0)
    most_rows = min(rows.num_rows, 2 * largest + 100)
    vectors = cache(lambda: embed_table(rows, embedder).vectors)

    def method(name: str, size: int) -> Order:
        def order(seed: int) -> np.ndarray:
            needed = vectors() if name in NEEDS_VECTORS or balance == "cluster" else None
            column = balance if name != REFERENCE else None
            order_in_pool = select.order(rows, plain(method=name, size=size, balance=column), seed, vectors=needed)
            return positions[order_in_pool]

        return cache(order)

    orders: dict[str, Order] = {}
    for name in names:
        if name.startswith(FILE):
            orders[label(name)] = _file_order(pool, 1 + pool.files.index(label(name)))
        elif name in (FULL, REFERENCE):
            orders[name] = method(REFERENCE, rows.num_rows)
        elif name == SELECTED and "rank" in rows.column_names:
            orders[name] = _same_for_every_seed(positions[rows_that_count(rows, "selected")])
        else:
            orders[name] = method("facility_location" if name == SELECTED else name, most_rows)
    return orders


def _file_order(pool: ArmRows, number: int) -> Order:
    """A user's file: by its rank where it is a ledger, else in random order, another for each seed."""
    positions, rows = pool.of_origin(number)
    if "rank" in rows.column_names and rows["rank"].null_count < rows.num_rows:
        return _same_for_every_seed(positions[rows_that_count(rows, "selected")])
    return lambda seed: positions[np.random.default_rng([seed, 2]).permutation(len(positions))]


def _same_for_every_seed(positions: np.ndarray) -> Order:
    return lambda _seed: positions
