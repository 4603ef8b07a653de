"""What models and judges said, kept on disk: nothing is computed or paid for twice, and a stopped run goes on."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path

from curate.errors import CurateError

ASKED_AT_A_TIME = 500


def key(*parts: str) -> bytes:
    """128-bit name of what was asked: all that the answer depends on."""
    digest = blake2b(digest_size=16)
    for part in parts:
        text = part.encode("utf-8", "surrogatepass")
        digest.update(len(text).to_bytes(8, "little") + text)
    return digest.digest()


class Cache:
    """Texts by key, in one SQLite file; several processes may share it.

    Args:
        path: the file; None keeps nothing on disk.

    Raises:
        CurateError: if the file cannot be used.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path or ":memory:", timeout=60, check_same_thread=False)
            self._file.execute("PRAGMA journal_mode=WAL")
            self._file.execute("CREATE TABLE IF NOT EXISTS said (key BLOB PRIMARY KEY, value TEXT) WITHOUT ROWID")
        except (OSError, sqlite3.Error) as error:
            raise CurateError(f"{path}: cannot be used as a cache: {error}; remove it, or give --no-cache") from None

    def get(self, keys: Sequence[bytes]) -> dict[bytes, str]:
        """What is known of these keys."""
        found: dict[bytes, str] = {}
        for start in range(0, len(keys), ASKED_AT_A_TIME):
            some = keys[start : start + ASKED_AT_A_TIME]
            marks = ",".join("?" * len(some))
            found.update(self._file.execute(f"SELECT key, value FROM said WHERE key IN ({marks})", some))
        return found

    def put(self, said: Iterable[tuple[bytes, str]]) -> None:
        """Keep these, for good, before this returns."""
        try:
            with self._file:
                self._file.executemany("INSERT OR REPLACE INTO said VALUES (?, ?)", said)
        except sqlite3.Error as error:
            raise CurateError(f"{self.path}: cannot write the cache: {error}; make room, or give --no-cache") from None

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def place(name: str) -> Path:
    """Where a cache of this name is kept: $XDG_CACHE_HOME/curate/scores, else ~/.cache/curate/scores."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "curate" / "scores" / f"{name}.sqlite"
