"""Arrays that may be larger than memory: held while they are small, else in a temporary file that is mapped."""

from __future__ import annotations

import tempfile
from typing import IO

import numpy as np

# Bytes up to which an array is held; what is in a file is read as fast while memory lasts.
HELD_BYTES = 512 << 20


def empty_array(shape: tuple[int, ...], kind: type) -> np.ndarray:
    """An array to be filled, in memory or on disk."""
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    if size <= HELD_BYTES:
        return np.empty(shape, kind)
    file = tempfile.TemporaryFile(prefix="curate-")  # noqa: SIM115
    file.truncate(size)
    return np.asarray(np.memmap(file, kind, "r+", shape=shape))


class GrowingArray:
    """uint64 numbers, added part by part.

    Attributes:
        size: how many there are so far.
    """

    def __init__(self) -> None:
        self.size = 0
        self._array = np.empty(1 << 16, np.uint64)
        self._file: IO[bytes] | None = None

    def add(self, values: np.ndarray) -> None:
        """Add the next numbers, (m,) uint64."""
        size = self.size + len(values)
        if self._file is None and 8 * size > HELD_BYTES:
            self._file = tempfile.TemporaryFile(prefix="curate-")  # noqa: SIM115
            self._file.write(self._array[: self.size].data)
            self._array = np.empty(0, np.uint64)
        if self._file is not None:
            self._file.write(np.ascontiguousarray(values).data)
        else:
            if size > len(self._array):  # grown in place, so that memory is not held twice
                self._array.resize(size * 5 // 4, refcheck=False)
            self._array[self.size : size] = values
        self.size = size

    def whole(self) -> np.ndarray:
        """(n,) all of them.  After this nothing can be added."""
        if self._file is None:
            self._array.resize(self.size, refcheck=False)
            return self._array
        self._file.flush()
        return np.asarray(np.memmap(self._file, np.uint64, "r", shape=(self.size,)))
