"""The arms of an ablation: ways to order rows, so that the first n are what a run of size n trains on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from curate.errors import CurateError
from curate.select import selection as select
from curate.select.arrange import NEEDS_VECTORS
from curate.table import table
from train.analysis.paired import FULL

Order = Callable[[int], np.ndarray]
FILE = "file:"
SELECTED = "selected"


class ArmRows(NamedTuple):
    """Attributes:
    rows: those of the pool, then those of each file arm.
    origin: (n,) 0 for the pool, else the number of the file.
    files: names of the file arms, in that order.
    """

    rows: pa.Table
    origin: np.ndarray
    files: list[str]

    def take(self, positions: np.ndarray) -> ArmRows:
        """Some of the rows."""
        return ArmRows(self.rows.take(pa.array(positions)), self.origin[positions], self.files)


def names(text: str) -> list[str]:
    """The arms of an option, commas between, each once.

    Raises:
        CurateError: for one that there is not.
    """
    asked = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    known = [SELECTED, FULL, *select.METHODS]
    for name in asked:
        if name not in known and not (name.startswith(FILE) and name[len(FILE) :]):
            raise CurateError(f"no arm is called {name!r}; arms are {', '.join(known)}, {FILE}PATH")
    if not asked:
        raise CurateError("give at least one arm: --arms random,selected")
    return asked


def label(name: str) -> str:
    """What an arm is called in the results: a file by its name without endings."""
    return Path(name[len(FILE) :]).name.split(".")[0] if name.startswith(FILE) else name


def pools(rows: pa.Table, asked: Sequence[str]) -> ArmRows:
    """The rows that the arms choose from.

    Args:
        rows: valid rows of the pool, duplicates gone.

    Raises:
        CurateError: for a file arm without valid rows, and for two arms of one name.
    """
    files = [name for name in asked if name.startswith(FILE)]
    called = [label(name) for name in asked]
    if len(set(called)) < len(called):
        raise CurateError(f"two arms would be called the same: {', '.join(called)}; rename a file")
    parts = [rows]
    for name in files:
        read = table.read([name[len(FILE) :]])
        own = read.take(pa.array(table.valid(read)))
        if not own.num_rows:
            raise CurateError(f"the arm {name} has no valid row; see `curate validate {name[len(FILE) :]}`", 1)
        parts.append(own.select([*table.SCHEMA.names, *(["rank"] if "rank" in own.column_names else [])]))
    origin = np.repeat(np.arange(len(parts)), [part.num_rows for part in parts])
    return ArmRows(pa.concat_tables(parts, promote_options="default"), origin, [label(name) for name in files])


def orders(
    given: ArmRows, asked: Sequence[str], largest: int, balance: str | None = None, embedder: str = "auto"
) -> dict[str, Order]:
    """For each arm, by its label, the function from a seed to positions in `given.rows`.

    Args:
        largest: rows that methods of selection are asked for; they go somewhat further, since rows that the model's
            template cannot write are passed over.
    """
    own = np.flatnonzero(given.origin == 0)
    pool = given.rows.take(pa.array(own))
    asked_for = min(pool.num_rows, 2 * largest + 100)

    @cache
    def vectors() -> np.ndarray:
        from curate.models.embed import embed

        prompts, responses = pool["prompt"].to_pylist(), pool["response"].to_pylist()
        return embed([f"{p}\n{r}" for p, r in zip(prompts, responses, strict=True)], embedder).vectors

    def method(name: str, size: int) -> Order:
        def order(seed: int) -> np.ndarray:
            needed = vectors() if name in NEEDS_VECTORS or balance == "cluster" else None
            shares = balance if name != "random" else None
            return own[select.order(pool, method=name, size=size, seed=seed, balance=shares, vectors=needed)]

        once = cache(order)
        return lambda seed: once(seed)

    made: dict[str, Order] = {}
    for name in asked:
        if name.startswith(FILE):
            made[label(name)] = _file(given, 1 + given.files.index(label(name)))
        elif name in (FULL, "random"):
            made[name] = method("random", pool.num_rows)
        elif name == SELECTED and "rank" in pool.column_names:
            ranked = own[_ranked(pool)]
            made[name] = lambda seed, ranked=ranked: ranked  # type: ignore[misc]
        else:
            made[name] = method("facility_location" if name == SELECTED else name, asked_for)
    return made


def _file(given: ArmRows, number: int) -> Order:
    """A user's file: by its rank where it is a ledger, else in random order, another for each seed."""
    own = np.flatnonzero(given.origin == number)
    part = given.rows.take(pa.array(own))
    if "rank" in part.column_names and part["rank"].null_count < part.num_rows:
        ranked = own[_ranked(part)]
        return lambda seed: ranked
    return lambda seed: own[np.random.default_rng([seed, 2]).permutation(len(own))]


def _ranked(rows: pa.Table) -> np.ndarray:
    """Positions of the rows that have a rank, in its order."""
    rank = rows["rank"].to_pylist()
    return np.array([i for _, i in sorted((r, i) for i, r in enumerate(rank) if r is not None)], np.int64)


def sizes_of(made: Mapping[str, Order], asked: Sequence[int], seed: int) -> dict[str, list[int]]:
    """For each arm its sizes: the full pool has one."""
    return {name: [len(order(seed))] if name == FULL else list(asked) for name, order in made.items()}
