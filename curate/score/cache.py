"""Answers of models and judges on disk: nothing is computed or paid for twice, and a stopped run goes on."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path

from curate.errors import CurateError

KEYS_AT_ONCE = 500


def key(*parts: str) -> bytes:
    """128-bit key of a question.

    Args:
        parts: all that the answer depends on.
    """
    digest = blake2b(digest_size=16)
    for part in parts:
        text = part.encode("utf-8", "surrogatepass")
        digest.update(len(text).to_bytes(8, "little") + text)
    return digest.digest()


class AnswerCache:
    """Texts by key, in one SQLite file; several processes may share it.

    Args:
        path: the file; None for a cache in memory.

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
        """The known values of these keys."""
        values: dict[bytes, str] = {}
        for start in range(0, len(keys), KEYS_AT_ONCE):
            part = keys[start : start + KEYS_AT_ONCE]
            marks = ",".join("?" * len(part))
            values.update(self._file.execute(f"SELECT key, value FROM said WHERE key IN ({marks})", part))
        return values

    def put(self, entries: Iterable[tuple[bytes, str]]) -> None:
        """Write keys and their values to disk before this returns."""
        try:
            with self._file:
                self._file.executemany("INSERT OR REPLACE INTO said VALUES (?, ?)", entries)
        except sqlite3.Error as error:
            raise CurateError(f"{self.path}: cannot write the cache: {error}; make room, or give --no-cache") from None

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def place(name: str) -> Path:
    """Where a cache of this name is kept: $XDG_CACHE_HOME/curate/scores, else ~/.cache/curate/scores."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "curate" / "scores" / f"{name}.sqlite"
