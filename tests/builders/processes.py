"""Processes that a test starts and goes on beside: their output is read all the while, and none outlives its test."""

from __future__ import annotations

import os
import re
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

# No measure of speed: only what hangs takes longer, on any machine.
FOREVER = 900.0
# What is said now and then of how far work has come: only where it takes long.
PROGRESS = re.compile(r"^ *\d+%  .*\n", re.MULTILINE)


class Reader:
    """Reads all that comes from a descriptor, in a thread: nobody waits for room in a pipe or a terminal."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.data = b""
        self.thread = Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        # A terminal whose other side is closed is an error on Linux, and an empty read elsewhere.
        try:
            while data := os.read(self.descriptor, 1 << 16):
                self.data += data
        except OSError:
            pass

    def text(self) -> str:
        """What has come so far."""
        return self.data.decode("utf-8", "replace")

    def read_all(self) -> str:
        """All that comes, until the other side is closed."""
        self.thread.join(FOREVER)
        return self.text()


def wait_until(so: Callable[[], object], what: str, process: subprocess.Popen | None = None) -> None:
    """Return as soon as it is so, or the process has ended.  Raises TimeoutError if neither happens."""
    end = time.monotonic() + FOREVER
    while not so() and (process is None or process.poll() is None):
        if time.monotonic() > end:
            raise TimeoutError(f"after {FOREVER:.0f} s still not {what}")
        time.sleep(0.002)


def answers(url: str) -> bool:
    """Whether a server answers there by now."""
    try:
        with urllib.request.urlopen(url, timeout=60):
            return True
    except OSError:
        return False


@contextmanager
def running(process: subprocess.Popen) -> Iterator[subprocess.Popen]:
    """The process; it is killed at the end if it still runs, since a test that fails must not leave it behind."""
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
