"""Compressed output that depends on nothing but what is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO


@contextmanager
def compressed(file: BinaryIO, codec: str | None) -> Iterator[BinaryIO]:
    """A file that compresses into `file`, or `file` itself for None.

    When the block ends well the compressed data end too; `file` stays open.

    Args:
        file: what the compressed bytes are written to.
        codec: gzip, zstd, bz2 or xz.
    """
    out = _compressor(file, codec)
    yield out
    if out is not file:
        out.close()


def _compressor(file: BinaryIO, codec: str | None) -> BinaryIO:
    if codec == "gzip":
        import gzip

        # No name and no time in the header.  Level 6 is three quarters of the time of level 9 for half a percent.
        return gzip.GzipFile("", "wb", 6, file, mtime=0)  # type: ignore[return-value]
    if codec == "bz2":
        import bz2

        return bz2.BZ2File(file, "wb")  # type: ignore[return-value]
    if codec == "xz":
        import lzma

        return lzma.LZMAFile(file, "wb")  # type: ignore[return-value]
    if codec == "zstd":
        import pyarrow as pa

        return pa.CompressedOutputStream(pa.PythonFile(_KeptOpen(file), mode="w"), "zstd")
    return file


class _KeptOpen:
    """A file that stays open when Arrow, which closes what it writes to, is done."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def write(self, data: bytes) -> int:
        return self.file.write(data)

    def writable(self) -> bool:
        return True

    def flush(self) -> None:
        self.file.flush()

    def close(self) -> None:
        self.closed = True
