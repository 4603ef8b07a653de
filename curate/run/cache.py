"""Results of steps on disk, each under a key made of all that it depends on.

A result is `STEP-KEY.parquet` (the columns that the step added or changed) or `STEP-KEY.npy` (vectors), and
`STEP-KEY.json`, which is written last: a step without it was not finished, whatever else is there.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curate.errors import CurateError
from curate.io import atomic
from curate.run.state import RunState, StepResult

# To be raised when the result of a step with the same options changes.
LAYOUT = 3


class CachedResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a step in the cache.

    Attributes:
        digest: SHA-256 of the result, which is part of the next step's key.
        file: that has columns or vectors, "" for none.
        notes: sentences on how it was done.
        facts: results that are no column.
        funnel: (name, rows) after it.
        seconds: that it took.
    """

    digest: str
    file: str
    notes: list[str]
    facts: dict[str, Any]
    funnel: list[tuple[str, int]]
    seconds: float


def key(*parts: Any) -> str:
    """Twenty hexadecimal digits that stand for these values, which JSON can hold."""
    text = msgspec.json.encode([LAYOUT, *parts], order="deterministic")
    return hashlib.sha256(text).hexdigest()[:20]


class Cache:
    """A folder of results."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self) -> None:
        """Make the folder; a dry run never does.

        Raises:
            CurateError: if it cannot be made.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CurateError(f"{self.folder}: cannot make the folder: {error.strerror or error}") from None

    def find(self, step: str, key: str) -> CachedResult | None:
        """The result under a key; None if there is none, or only a part of one."""
        try:
            entry = msgspec.json.decode((self.folder / f"{step}-{key}.json").read_bytes(), type=CachedResult)
            if entry.file and _digest((self.folder / entry.file).read_bytes()) != entry.digest:
                return None
        except (OSError, msgspec.DecodeError, ValueError):
            return None
        return entry

    def put(
        self, step: str, key: str, before: RunState | None, result: StepResult, funnel: list, seconds: float
    ) -> CachedResult:
        """Put a result into the cache; its description is written last."""
        facts = msgspec.json.encode([dict(result.facts), result.notes], order="deterministic")
        file, data = "", facts
        if result.vectors is not None:
            buffer = io.BytesIO()
            np.save(buffer, result.vectors)
            file, data = f"{step}-{key}.npy", buffer.getvalue()
        elif result.table is not None:
            sink = pa.BufferOutputStream()
            pq.write_table(_changed(before.table if before else None, result.table), sink, compression="zstd")
            file, data = f"{step}-{key}.parquet", sink.getvalue().to_pybytes()
        if file:
            with atomic(self.folder / file) as out:
                out.write(data)
        entry = CachedResult(
            digest=_digest(data),
            file=file,
            notes=list(result.notes),
            facts=dict(result.facts),
            funnel=funnel,
            seconds=round(seconds, 2),
        )
        with atomic(self.folder / f"{step}-{key}.json") as out:
            out.write(msgspec.json.encode(entry))
        return entry

    def get(self, step: str, entry: CachedResult, before: RunState | None) -> RunState:
        """The state after a step whose result is in the cache."""
        table = before.table if before else None
        vectors = before.vectors if before else None
        if entry.file.endswith(".npy"):
            vectors = np.load(self.folder / entry.file)
        elif entry.file:
            columns = pq.read_table(self.folder / entry.file)
            table = columns if table is None else _with(table, columns)
        assert table is not None
        notes = {**(before.notes if before else {}), step: entry.notes}
        return RunState(table, vectors, notes, {**(before.facts if before else {}), step: entry.facts})


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _changed(before: pa.Table | None, after: pa.Table) -> pa.Table:
    """The columns of `after` that `before` has not, or not so, with its metadata."""
    if before is None:
        return after
    names = set(before.column_names)
    new = [
        name
        for name in after.column_names
        if name not in names or not (before[name] is after[name] or before[name].equals(after[name]))
    ]
    return after.select(new)


def _with(table: pa.Table, columns: pa.Table) -> pa.Table:
    for field in columns.schema:
        at = table.schema.get_field_index(field.name)
        values = columns[field.name]
        table = table.append_column(field, values) if at < 0 else table.set_column(at, field, values)
    return table.replace_schema_metadata({**(table.schema.metadata or {}), **(columns.schema.metadata or {})} or None)
