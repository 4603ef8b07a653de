"""The engine that a command asks for, and the connection that it needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from curate.errors import CurateError

if TYPE_CHECKING:
    from curate.engine.rows import Engine


def check(engine: str, ray_address: str | None) -> None:
    """Check that an address comes with its engine.

    Raises:
        CurateError: for an address without --engine ray.
    """
    if ray_address and engine != "ray":
        raise CurateError("--ray-address says where a Ray cluster is; add --engine ray to use it")


@contextmanager
def connected(engine: str = "local", ray_address: str | None = None) -> Iterator[Engine]:
    """The engine of this name, connected while the block runs.

    Args:
        engine: `local` or `ray`.
        ray_address: of the cluster, see `ray.connect`.

    Raises:
        CurateError: for an address without its engine, and where the cluster cannot be reached.
    """
    check(engine, ray_address)
    if engine == "ray":
        from curate.engine.ray import connect

        with connect(ray_address):
            from curate.engine.ray_engine import RayEngine

            yield RayEngine()
        return
    from curate.engine.local_engine import LocalEngine

    yield LocalEngine()
