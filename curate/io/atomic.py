"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from curate.errors import CurateError
from curate.io.remote import is_remote, put, remove

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}


@contextmanager
def atomic(path: str | Path) -> Iterator[BinaryIO]:
    """A binary file that takes the name `path` when the block ends well.

    Until then, and for good if the block raises or the process dies, `path` keeps what it had, so that it may be one of
    the files that are being read.  A symbolic link stays one, and the file that it points to is replaced.
    A URL gets the file when it is complete; until then it is in the folder for temporary files.
    Devices and pipes, which cannot be replaced, are written to as they are.
    The file's `name` is the path of what is being written, for other processes that write to it too.

    Raises:
        CurateError: if the folder cannot be written or the disk is full.
    """
    if is_remote(str(path)):
        yield from _elsewhere(str(path))
        return
    try:
        target = Path(os.path.realpath(path))
        mode = target.stat().st_mode if target.exists() else 0
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise CurateError(f"{path!s}: cannot write here: {getattr(error, 'strerror', None) or error}") from None
    if mode and not stat.S_ISREG(mode):
        yield from _in_place(path, mode)
        return
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent)
    except OSError as error:
        raise CurateError(f"{path}: cannot write here: {_reason(error, target)}") from None
    try:
        os.close(handle)
        with open(name, "wb", buffering=1 << 20) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes private files; give the output the permissions that it has or that open() would have given it.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, stat.S_IMODE(mode) if mode else 0o666 & ~mask)
        os.replace(name, target)
    except BaseException as error:
        with suppress(FileNotFoundError):
            os.unlink(name)
        if isinstance(error, OSError) and error.errno in FULL:
            raise cannot_write(path, error) from None
        raise


def _elsewhere(path: str) -> Iterator[BinaryIO]:
    with tempfile.NamedTemporaryFile(prefix="curate-", suffix=".part") as file:
        yield file  # type: ignore[misc]
        file.flush()
        put(file.name, path)


def _in_place(path: str | Path, mode: int) -> Iterator[BinaryIO]:
    if stat.S_ISDIR(mode):
        raise CurateError(f"{path}: cannot write here: it is a folder; name a file in it")
    try:
        with open(path, "wb") as file:
            yield file
    except OSError as error:
        if error.errno in FULL or isinstance(error, PermissionError):
            raise cannot_write(path, error) from None
        raise


def remove_output(path: str) -> None:
    """Remove an output of an earlier run, if there is one."""
    if is_remote(path):
        remove(path)
    else:
        Path(path).unlink(missing_ok=True)


def cannot_write(path: str | Path, error: OSError) -> CurateError:
    """The error for an output that cannot be completed."""
    return CurateError(
        f"{path}: cannot write: {error.strerror or error}; make room or write elsewhere. "
        "What was there before is untouched."
    )


def _reason(error: OSError, target: Path) -> str:
    if isinstance(error, FileNotFoundError):
        return f"there is no folder {target.parent}; make it first"
    return error.strerror or str(error)
