"""Rows kept aside, in a temporary file once they are many, until all of them are known."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from curate.io.remote import is_remote

# Up to here they stay in memory.
MEMORY_BYTES = 16 << 20


class Spool:
    """Rows of JSON text that are written once and then read from the start, in bounded memory.

    Args:
        path: the file that they are meant for; a temporary file stands in the same folder, without a name, or for a URL
            where temporary files do.
    """

    def __init__(self, path: str) -> None:
        self.file = tempfile.SpooledTemporaryFile(MEMORY_BYTES, dir=_folder(path))  # noqa: SIM115
        self.rows = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def add(self, rows: Sequence[bytes]) -> None:
        """Keep rows without line breaks."""
        if rows:
            self.file.write(b"\n".join(rows))
            self.file.write(b"\n")
            self.rows += len(rows)

    def parts(self, most_bytes: int = MEMORY_BYTES, most_rows: int = 100_000) -> Iterator[list[bytes]]:
        """The rows in order.  Where parts end depends on the rows alone, not on how they were added."""
        self.file.seek(0)
        part: list[bytes] = []
        size = 0
        for line in self.file:
            part.append(line[:-1])
            size += len(line)
            if size >= most_bytes or len(part) >= most_rows:
                yield part
                part, size = [], 0
        if part:
            yield part


def _folder(path: str) -> str | None:
    return None if is_remote(path) else str(Path(path).resolve().parent)
