"""The engine that works on a Ray cluster, while `ray.connect` holds the connection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from curate.engine import ray_read, ray_rows
from curate.engine.ray import in_order
from curate.engine.ray_rows import RayRows
from curate.progress import Progress, silent


class RayEngine:
    """Work on the workers of a cluster."""

    name = "ray"

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
