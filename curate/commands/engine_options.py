"""The options that say where the work is done, for the commands that have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from curate.errors import CurateError


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --engine and --ray-address, which come as `engine` and `ray_address`."""
    command = click.option(
        "--ray-address",
        metavar="ADDR",
        help="The cluster for --engine ray: HOST:PORT, or auto.  [default: RAY_ADDRESS, else one started here]",
    )(command)
    return click.option(
        "--engine",
        type=click.Choice(["local", "ray"]),
        default="local",
        show_default=True,
        help="Where the work is done: on this machine, or on a Ray cluster.",
    )(command)


def check(engine: str, ray_address: str | None) -> None:
    """Raises CurateError for an address without its engine."""
    if ray_address and engine != "ray":
        raise CurateError("--ray-address says where a Ray cluster is; add --engine ray to use it")


@contextmanager
def connected(engine: str, ray_address: str | None) -> Iterator[None]:
    """Holds the connection to the cluster that the options ask for, if they ask for one.

    Raises:
        CurateError: for an address without its engine, and where the cluster cannot be reached.
    """
    check(engine, ray_address)
    if engine == "ray":
        from curate.engine.ray import connect

        with connect(ray_address):
            yield
        return
    yield
