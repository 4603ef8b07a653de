"""Files elsewhere, named by a URL (s3://, gs://, az://, https://, hf://datasets/ ...), by way of fsspec.

Endpoints and credentials are configured as fsspec's documentation says: by the store's own variables, such as
AWS_ACCESS_KEY_ID and AWS_ENDPOINT_URL, or by FSSPEC_S3_ENDPOINT_URL and the like.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from curate.errors import CurateError
from curate.extras import require
from curate.io.container import HUB

URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")
# Files on the hub; hf://owner/name is a data set, which the package datasets reads.
HUB_FILES = f"{HUB}datasets/"
PIECE = 8 << 20


def is_remote(path: str) -> bool:
    """Whether a name is a URL that fsspec opens."""
    return bool(URL.match(path)) and (not path.startswith(HUB) or path.startswith(HUB_FILES))


class Remote:
    """A file elsewhere that is being read; whatever its store raises becomes a CurateError that names it."""

    closed = False

    def __init__(self, path: str) -> None:
        self.path = path
        with _named(path, "read"):
            store, name = _store(path)
            self.file = store.open(name, "rb", block_size=PIECE)

    def __enter__(self) -> Remote:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, none at the end."""
        with _named(self.path, "read"):
            return self.file.read(size)

    def seek(self, at: int, whence: int = 0) -> int:
        """Move to another position."""
        with _named(self.path, "read"):
            return self.file.seek(at, whence)

    def tell(self) -> int:
        """The position at which reading continues."""
        return self.file.tell()

    def readable(self) -> bool:
        """Always true."""
        return True

    def writable(self) -> bool:
        """Always false."""
        return False

    def seekable(self) -> bool:
        """Always true."""
        return True

    def close(self) -> None:
        """Close the file."""
        self.closed = True
        self.file.close()


def listed(path: str) -> list[str]:
    """The files that a URL names: itself, those that match it as a pattern, or all below it as a folder; sorted."""
    with _named(path, "read"):
        store, name = _store(path)
        if glob.has_magic(name):
            return sorted(map(store.unstrip_protocol, store.glob(name)))
        if path.endswith("/") or (not store.isfile(name) and store.isdir(name)):
            return sorted(map(store.unstrip_protocol, store.find(name)))
    return [path]


def put(local: str, path: str) -> None:
    """Copy a local file to a URL.  A store shows an object when all of it is there."""
    with _named(path, "write"):
        store, name = _store(path)
        store.put_file(local, name)


def remove(path: str) -> None:
    """Remove the file of a URL, if it is there."""
    with _named(path, "write"):
        store, name = _store(path)
        if store.exists(name):
            store.rm_file(name)


def _store(path: str) -> tuple[Any, str]:
    fsspec = require("fsspec.core", "remote", f"{path}: a URL")
    try:
        return fsspec.url_to_fs(path)
    except ImportError as error:  # of the package for this store, which fsspec names
        raise CurateError(f"{path}: {error}: pip install 'curate-sft[remote]', or the package it names") from None
    except ValueError as error:
        raise CurateError(f"{path}: {error}; is the name meant as a URL?") from None


@contextmanager
def _named(path: str, what: str) -> Iterator[None]:
    # Each store has exceptions of its own: of credentials, of the network, of the service.
    try:
        yield
    except CurateError:
        raise
    except FileNotFoundError:
        raise CurateError(f"{path}: cannot {what}: there is no such file or bucket") from None
    except Exception as error:
        reason = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise CurateError(f"{path}: cannot {what}: {reason}") from None
