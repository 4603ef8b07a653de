"""What identifies a file's bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

PIECE = 1 << 20


class Digest(msgspec.Struct, frozen=True):
    """A file's size and hash.

    Attributes:
        bytes: its size.
        sha256: of its bytes as they are on disk, in hexadecimal.
    """

    bytes: int
    sha256: str


def digest(path: str | Path) -> Digest | None:
    """The digest of a file; None for what is no regular file (standard input, a pipe) or cannot be read."""
    if not Path(path).is_file():
        return None
    hasher, size = hashlib.sha256(), 0
    try:
        with open(path, "rb") as file:
            while piece := file.read(PIECE):
                hasher.update(piece)
                size += len(piece)
    except OSError:
        return None
    return Digest(size, hasher.hexdigest())
