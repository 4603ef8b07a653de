"""Work on a Ray cluster, by Ray Data: what is scheduled, moved and tried again is Ray's business, not ours.

Functions are pure, so that Ray may run them anywhere and again when a worker or a node dies.  A cluster that was
started elsewhere needs, on each of its nodes, the same version of this package, the inputs under the same names
(shared storage or URLs) and, for URLs, the store's credentials in its environment.
"""

from __future__ import annotations

import logging
import os
import pickle
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, NamedTuple

from curate.errors import CurateError

if TYPE_CHECKING:
    import pyarrow as pa
    from ray.data import Dataset

DISTRIBUTION = "curate-sft"
SECONDS_TO_ANSWER = 5.0
# What is being read from the cluster; where an error ends that, it has to end before the connection does.
_reading: list[Any] = []


@contextmanager
def connect(address: str | None = None) -> Iterator[None]:
    """Joins the Ray cluster at `address` (HOST:PORT, or `auto`), at RAY_ADDRESS, or starts one on this machine.

    A connection that is there already is used and left as it is.  What was started is shut down when the block ends.
    Nothing is written to the terminal.

    Raises:
        CurateError: if Ray is not installed, if nobody answers at the address, and when workers die again and again.
    """
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise CurateError(f"--engine ray needs Ray ({error.name} is missing): pip install 'curate-sft[ray]'") from None
    ours = not ray.is_initialized()
    if ours:
        _join(address or os.environ.get("RAY_ADDRESS") or "local")
    try:
        with _quietly(), errors():
            yield
    finally:
        if ours:
            for blocks in [*_reading]:
                blocks.close()
            ray.shutdown()


def workers() -> int:
    """How many functions the cluster runs at a time."""
    import ray

    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def in_order(function: Callable[..., Iterable[Any]], tasks: Iterable[Any], *shared: Any) -> Iterator[Any]:
    """What `function(task, *shared)` yields for each task, in the order of the tasks.

    Args:
        function: of a module, since workers import it. What it yields is pickled, an item at a time, and should be of
            some megabytes at most; what is in a `pickle.PickleBuffer` is not copied, and comes as a memoryview that
            holds while the connection does.
        tasks: anything that can be pickled.
        shared: further arguments, sent to each node once.
    """
    tasks = list(tasks)
    if not tasks:
        return
    blocks = batches(dataset(tasks, _pickled, function, *shared), ordered=True)
    cells = (cell.as_buffer() for block in blocks for cell in block["item"])
    for cell in cells:
        data, count = pickle.loads(cell)
        yield pickle.loads(data, buffers=[next(cells) for _ in range(count)])


def _pickled(task: Any, function: Callable[..., Iterable[Any]], *shared: Any) -> Iterator[pa.Table]:
    import pyarrow as pa

    for item in function(task, *shared):
        buffers: list[pickle.PickleBuffer] = []
        data = pickle.dumps(item, protocol=5, buffer_callback=buffers.append)
        cells = [pickle.dumps((data, len(buffers))), *(buffer.raw() for buffer in buffers)]
        yield pa.table({"item": pa.chunked_array([one_cell(pa.py_buffer(data)) for data in cells])})


def one_cell(data: pa.Buffer) -> pa.Array:
    """An array of one value, of these bytes, which are not copied."""
    import pyarrow as pa

    ends = pa.array([0, data.size], pa.int64()).buffers()[1]
    return pa.Array.from_buffers(pa.large_binary(), 1, [None, ends, data])


def dataset(tasks: Iterable[Any], function: Callable[..., Iterable[pa.Table]], *shared: Any) -> Dataset:
    """The dataset of the tables that `function(task, *shared)` gives for each task, of which there is one at least."""
    import ray

    items = [{"task": pickle.dumps(task)} for task in tasks]
    # A block each, so that each is done on its own.
    given = ray.data.from_items(items, override_num_blocks=len(items))
    return mapped(given, _each, function, *shared)


def _each(batch: pa.Table, function: Callable[..., Iterable[pa.Table]], *shared: Any) -> Iterator[pa.Table]:
    for task in batch["task"]:
        yield from function(pickle.loads(task.as_buffer()), *shared)


def on_workers(function: Callable[..., Iterable[pa.Table]], *shared: Any) -> Callable[[pa.Table], Iterator[pa.Table]]:
    """A function for Ray Data's `map_batches` that does `function(batch, *shared)`.

    It first goes to the folder where the driver is, so that names of files mean the same on both.  Errors of this
    package that are raised there come out of `batches` as they are; so does one for another version of the package.
    """
    import ray

    sent = _Sent(os.getcwd(), _version())
    ref = ray.put(shared)

    def run(batch: pa.Table) -> Iterator[pa.Table]:
        import ray

        try:
            sent.check()
            yield from function(batch, *ray.get(ref))
        except Exception as error:
            raise (Carried(error) if _is_own(error) else error) from None

    return run


class Carried(Exception):
    """Brings an error of this package, its first argument, from a worker: Ray Data adds to what exceptions say."""


def _is_own(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] in ("curate", "schemas")


class _Sent(NamedTuple):
    """Where the driver is, and its version of this package."""

    folder: str
    version: str

    def check(self) -> None:
        """Go there.

        Raises:
            CurateError: for another version.
        """
        if _version() != self.version:
            raise CurateError(
                f"the cluster's node {socket.gethostname()} has {DISTRIBUTION} {_version()}, and this machine "
                f"{self.version}; install the same on both"
            )
        with suppress(OSError):  # a node without the folder may still have files under full names
            if os.getcwd() != self.folder:
                os.chdir(self.folder)


def _version() -> str:
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "of no known version"


def mapped(given: Dataset, function: Callable[..., Iterable[pa.Table]], *shared: Any) -> Dataset:
    """The dataset of what `function(block, *shared)` gives for each block; see `on_workers`."""
    return given.map_batches(on_workers(function, *shared), batch_size=None, batch_format="pyarrow")


def batches(dataset: Dataset, ordered: bool) -> Iterator[pa.Table]:
    """The blocks of a dataset as they come, or in order; none is empty."""
    dataset.context.execution_options.preserve_order = ordered
    blocks: Any = iter(dataset.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=1))
    _reading.append(blocks)
    try:
        with errors():
            yield from (batch for batch in blocks if batch.num_rows)
    finally:
        _reading.remove(blocks)


def _join(address: str) -> None:
    import ray

    # Whether this is used is nobody's business.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    remedy = "say where one runs (--ray-address HOST:6379, as `ray start` prints it), or start one: ray start --head"
    if address.startswith("ray://"):
        raise CurateError(
            f"--ray-address {address}: Ray Data does not run through Ray's client; start curate on a machine of the "
            "cluster, or with `ray job submit`, and give --ray-address auto"
        )
    options: dict[str, Any] = {"include_dashboard": False} if address == "local" else {}
    host, _, port = _resolved(address).rpartition(":")
    if host and port.isdigit():  # Ray itself would wait for a minute
        try:
            socket.create_connection((host, int(port)), SECONDS_TO_ANSWER).close()
        except OSError as error:
            reason = f"no Ray cluster answers at {host}:{port} ({error.strerror or error})"
            raise CurateError(f"--ray-address {address}: {reason}; {remedy}") from None
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.CRITICAL, **options)
    except (ConnectionError, RuntimeError, ValueError, OSError, AssertionError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise CurateError(f"--ray-address {address}: cannot join a Ray cluster: {reason}; {remedy}") from None


def _resolved(address: str) -> str:
    """The HOST:PORT that `auto` stands for, as far as can be told; others as they are."""
    with suppress(Exception):  # inside Ray, which may look otherwise in another version
        from ray._private.services import canonicalize_bootstrap_address

        return canonicalize_bootstrap_address(address) or address
    return address


@contextmanager
def _quietly() -> Iterator[None]:
    """Keeps what Ray Data says of itself off the terminal; its log files have it."""
    from ray.data import DataContext

    context = DataContext.get_current().copy()
    context.enable_progress_bars = False
    handlers = [h for h in logging.getLogger("ray.data").handlers if not hasattr(h, "baseFilename")]
    levels = [handler.level for handler in handlers]
    for handler in handlers:
        handler.setLevel(logging.CRITICAL + 1)
    try:
        with DataContext.current(context):
            yield
    finally:
        for handler, level in zip(handlers, levels, strict=True):
            handler.setLevel(level)


@contextmanager
def errors() -> Iterator[None]:
    """Takes errors out of what Ray wraps them in: what a worker raised is raised here."""
    from ray.exceptions import RayError

    try:
        yield
    except RayError as error:
        raise _own(error) from None


def _own(error: BaseException) -> BaseException:
    """What a worker raised, if it is an error of this package; else one that says what went wrong in the cluster."""
    from ray.exceptions import OutOfMemoryError, RayTaskError

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, RayTaskError):  # an error of several classes, which is not the one that was raised
            cause = cause.cause
            continue
        if isinstance(cause, Carried):
            return cause.args[0]
        if isinstance(cause, ModuleNotFoundError) and (cause.name or "").partition(".")[0] in ("curate", "schemas"):
            return CurateError(
                f"the cluster's workers cannot import {cause.name}: install {DISTRIBUTION}[ray] on each of its nodes"
            )
        cause = cause.__cause__
    if isinstance(error, RayTaskError) and not isinstance(error, OutOfMemoryError):
        return error  # a fault of ours, to be shown with its traceback
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return CurateError(f"the Ray cluster gave up: {reason}; `ray status` and its logs say more")
