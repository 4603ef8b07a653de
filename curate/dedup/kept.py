"""Arrays too large to hold: in memory while they are small, else in a temporary file that is mapped."""

from __future__ import annotations

import tempfile
from typing import IO

import numpy as np

# Bytes up to which an array is held; what is in a file is read as fast while memory lasts.
HELD = 512 << 20


def empty(shape: tuple[int, ...], kind: type) -> np.ndarray:
    """An array to be filled."""
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    if size <= HELD:
        return np.empty(shape, kind)
    file = tempfile.TemporaryFile(prefix="curate-")  # noqa: SIM115
    file.truncate(size)
    return np.asarray(np.memmap(file, kind, "r+", shape=shape))


class Kept:
    """uint64 numbers, added part by part."""

    def __init__(self) -> None:
        self.array = np.empty(1 << 16, np.uint64)
        self.size = 0
        self.file: IO[bytes] | None = None

    def add(self, some: np.ndarray) -> None:
        """Take the next numbers, (m,) uint64."""
        after = self.size + len(some)
        if self.file is None and 8 * after > HELD:
            self.file = tempfile.TemporaryFile(prefix="curate-")  # noqa: SIM115
            self.file.write(self.array[: self.size].data)
            self.array = np.empty(0, np.uint64)
        if self.file is not None:
            self.file.write(np.ascontiguousarray(some).data)
        else:
            if after > len(self.array):  # grown in place, so that memory is not held twice
                self.array.resize(after * 5 // 4, refcheck=False)
            self.array[self.size : after] = some
        self.size = after

    def whole(self) -> np.ndarray:
        """(n,) all of them.  After this nothing can be added."""
        if self.file is None:
            self.array.resize(self.size, refcheck=False)
            return self.array
        self.file.flush()
        return np.asarray(np.memmap(self.file, np.uint64, "r", shape=(self.size,)))
