"""The engine that works on a Ray cluster, while `ray.connect` holds the connection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from curate.engine import ray_read, ray_rows
from curate.engine.parts import FilePart, bytes_for, check_readable_by_workers, cut_files
from curate.engine.ray import in_order, workers
from curate.engine.ray_rows import RayRows
from curate.progress import Progress, silent

if TYPE_CHECKING:
    from schemas.adapt import Adapter

# Below this, handing an item on costs more than making it.
ITEM_BYTES = 8 << 20


class RayEngine:
    """Work on the workers of a cluster; see `rows.Engine` for what each attribute and method is."""

    name = "ray"
    item_bytes = ITEM_BYTES

    def parts(
        self,
        sources: Sequence[str],
        format_name: str | None = None,
        adapter: Adapter | None = None,
        repair: bool = False,
    ) -> list[FilePart]:
        """The files cut so that each worker of the cluster gets some; see `parts.cut_files`.

        Raises:
            CurateError: for standard input, which workers cannot read.
        """
        check_readable_by_workers(sources)
        return list(cut_files(sources, bytes_for(sources, workers()), format_name, adapter, repair))

    def read(
        self,
        paths: Sequence[str | Path],
        format_name: str | None = None,
        repair: bool = False,
        progress: Progress = silent,
    ) -> RayRows:
        """The rows of files, which workers read and check; see `ray_read.read`."""
        return ray_read.read(paths, format_name, repair, progress)

    def each(self, function: Callable[..., Iterable[Any]], tasks: Iterable[Any], *shared: Any) -> Iterator[Any]:
        """What workers yield for each task, in the order of the tasks; see `ray.in_order`."""
        return in_order(function, tasks, *shared)

    def rows(self, rows: pa.Table) -> RayRows:
        """The rows of a table, put on the cluster."""
        return ray_rows.of(rows)
