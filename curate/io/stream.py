"""Bytes of a file or of standard input, unpacked, with the first ones looked at."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from curate.errors import CurateError
from curate.io.remote import Remote, is_remote

BOM = b"\xef\xbb\xbf"
# UTF-32-LE begins like UTF-16-LE, so it comes first.
FOREIGN = (
    (b"\xff\xfe\0\0", "UTF-32-LE"),
    (b"\0\0\xfe\xff", "UTF-32-BE"),
    (b"\xff\xfe", "UTF-16-LE"),
    (b"\xfe\xff", "UTF-16-BE"),
)
MAGIC = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"BZh", "bz2"), (b"\xfd7zXZ\0", "xz"))


class Readable(Protocol):
    """Anything that gives up to `size` bytes, none at its end."""

    def read(self, size: int, /) -> bytes | None: ...


class Stream:
    """The bytes of a file from where they are read, which may be looked at before.

    Args:
        limit: how many bytes there are at most, None for all.
    """

    def __init__(self, path: str, file: Readable, limit: int | None = None) -> None:
        self.path = path
        self.file = file
        self.limit = limit
        self.held = b""

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, fewer only if the file ends before; they stay to be read."""
        parts = [self.held]
        have = len(self.held)
        while have < size and (data := self._next(size - have)):
            parts.append(data)
            have += len(data)
        self.held = b"".join(parts)
        return self.held[:size]

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, none at the end; what was looked at before is filled up.

        Raises:
            CurateError: if the file is broken or cut off.
        """
        if self.held:
            data, self.held = self.held[:size], self.held[size:]
            return data if len(data) == size else data + self._next(size - len(data))
        return self._next(size)

    def _next(self, size: int) -> bytes:
        if self.limit is not None:
            size = min(size, self.limit)
            if not size:
                return b""
        import lzma

        try:
            data = self.file.read(size) or b""
        except (EOFError, zlib.error, lzma.LZMAError) as error:
            raise CurateError(f"{self.path}: {_cut(error)}") from None
        except OSError as error:
            reason = error.strerror or _cut(error)
            raise CurateError(f"{self.path}: cannot read: {reason}; name a file on a disk") from None
        if self.limit is not None:
            self.limit -= len(data)
        return data


def _cut(error: Exception) -> str:
    return f"its compressed data are broken or cut off ({error}); fetch or write the file again"


@contextmanager
def opened(path: str, start: int = 0, end: int | None = None) -> Iterator[Stream]:
    """The bytes of `path`, unpacked if they are gzip, zstd, bz2 or xz, without a UTF-8 byte order mark.

    What is packed is seen by the first bytes, whatever the name says.  `-` is standard input.
    `path` may be a URL; see `curate.io.remote`.

    Args:
        path: a file, a URL, or - for standard input.
        start: the first byte of a plain file to read.
        end: the byte after the last one to read, None for all.

    Raises:
        CurateError: if the file cannot be opened or is in UTF-16 or UTF-32.
    """
    if path == "-":
        yield _text(unpacked(Stream(path, sys.stdin.buffer)))
        return
    if is_remote(path):
        with Remote(path) as remote:
            yield _text(unpacked(Stream(path, remote)))
        return
    try:
        file = open(path, "rb", buffering=0)  # noqa: SIM115
    except OSError as error:
        hint = "; name a file in it" if isinstance(error, IsADirectoryError) else ""
        hint = (
            "; you may not read it: ask its owner, or name another file" if isinstance(error, PermissionError) else hint
        )
        raise CurateError(f"{path}: cannot read: {error.strerror}{hint}") from None
    except ValueError as error:  # a NUL in the name
        raise CurateError(f"{path!r}: cannot read: {error}") from None
    with file:
        if start or end is not None:
            file.seek(start)
            stream = Stream(path, file, None if end is None else max(0, end - start))
            yield stream if start else _text(stream)
        else:
            yield _text(unpacked(Stream(path, file)))


def unpacked(stream: Stream) -> Stream:
    """The stream, decompressed if its first bytes say that it is compressed."""
    first = stream.peek(6)
    codec = next((name for magic, name in MAGIC if first.startswith(magic)), None)
    if codec is None:
        return stream
    return Stream(stream.path, _decompressor(codec, stream))


def _decompressor(codec: str, stream: Stream) -> Readable:
    if codec == "gzip":
        import gzip

        return gzip.GzipFile(fileobj=_File(stream), mode="rb")  # type: ignore[call-overload]
    if codec == "bz2":
        import bz2

        return bz2.BZ2File(_File(stream), "rb")  # type: ignore[call-overload]
    if codec == "xz":
        import lzma

        return lzma.LZMAFile(_File(stream), "rb")  # type: ignore[arg-type]
    import pyarrow as pa

    return pa.CompressedInputStream(pa.PythonFile(_File(stream), mode="r"), "zstd")


class _File:
    """What decompressors ask of a file, over a stream that cannot go back."""

    closed = False

    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    def read(self, size: int = -1) -> bytes:
        return self.stream.read(size if size >= 0 else 1 << 20)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True


def _text(stream: Stream) -> Stream:
    """The stream after a UTF-8 byte order mark; other marks are encodings that JSON does not allow."""
    first = stream.peek(4)
    if first.startswith(BOM):
        stream.read(len(BOM))
        return stream
    encoding = next((name for mark, name in FOREIGN if first.startswith(mark)), None)
    if encoding is None and first[:1] in (b"{", b"[") and first[1:2] == b"\0":
        encoding = "UTF-16-LE" if first[2:3] != b"\0" else "UTF-32-LE"
    if encoding:
        raise CurateError(
            f"{stream.path}: the text is {encoding}, and JSON is UTF-8; "
            f"convert it first: iconv -f {encoding[:6]} -t UTF-8 {stream.path} > NEW"
        )
    return stream
