"""The engine that works in this process.  It loads Arrow only where tables are asked for: conversion needs none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curate.engine.parts import FilePart, whole_files
from curate.progress import Progress, silent

if TYPE_CHECKING:
    import pyarrow as pa

    from curate.engine.local_rows import LocalRows
    from schemas.adapt import Adapter


class LocalEngine:
    """Work in this process; see `rows.Engine` for what each attribute and method is."""

    name = "local"
    item_bytes = 0

    def parts(
        self,
        sources: Sequence[str],
        format_name: str | None = None,
        adapter: Adapter | None = None,
        repair: bool = False,
    ) -> list[FilePart]:
        """Each file as one part, whose format is told when it is read."""
        del adapter, repair  # whoever reads a whole file tells its format there
        return whole_files(sources, format_name)

    def read(
        self,
        paths: Sequence[str | Path],
        format_name: str | None = None,
        repair: bool = False,
        progress: Progress = silent,
    ) -> LocalRows:
        """The rows of files; see `curate.table.table.read`."""
        from curate.engine.local_rows import LocalRows
        from curate.table import table

        return LocalRows(table.read(paths, format_name, repair, progress))

    def each(self, function: Callable[..., Iterable[Any]], tasks: Iterable[Any], *shared: Any) -> Iterator[Any]:
        """What a function yields for each task, one after the other."""
        for task in tasks:
            yield from function(task, *shared)

    def rows(self, rows: pa.Table) -> LocalRows:
        """The rows of a table."""
        from curate.engine.local_rows import LocalRows

        return LocalRows(rows)
