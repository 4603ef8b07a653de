"""A Ray cluster of two nodes with a worker each, and what is done on it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from curate.errors import CurateError
from tests.builders.processes import FOREVER


@contextmanager
def cluster() -> Iterator[str]:
    """The address of a cluster that runs until the block ends."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    nodes = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    try:
        nodes.add_node(num_cpus=1)
        nodes.wait_for_nodes(FOREVER)
        yield nodes.address
    finally:
        nodes.shutdown()


def slowly(task: int, folder: str) -> Iterator[tuple[int, int]]:
    """Half a second's work that leaves a note of who does it."""
    with open(Path(folder) / f"{task}", "a", encoding="utf-8") as file:
        file.write(f"{os.getpid()}\n")
    time.sleep(0.5)
    yield task, task * task


def slow_lengths(batch: pa.Table, folder: str) -> pa.Table:
    """How long each response is, after a while."""
    Path(folder, str(os.getpid())).touch()
    time.sleep(0.3)
    return pa.table({"length": [len(text or "") for text in batch["response"].to_pylist()]})


def refused(task: int) -> Iterator[int]:
    """An error that the user can mend, for one of the tasks."""
    if task == 3:
        raise CurateError("file.jsonl: row 3 is not to be had; take another", 1)
    yield task


def broken(task: int) -> Iterator[int]:
    """A fault of the program."""
    yield 1 // (task - 3)


def numbered(batch: pa.Table, more: int) -> pa.Table:
    """The sum of all that a batch has."""
    columns = [batch[name].to_pylist() for name in ("response", "mine", "row")]
    return pa.table({"sum": [len(text or "") + mine + row + more for text, mine, row in zip(*columns, strict=True)]})
