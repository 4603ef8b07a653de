"""Some rows from all over a file, by which its format is told.

rows.jsonl  |#-----#-----#-----#-----#|   WINDOWS places, at each some lines
rows.parquet  the beginnings of some row groups
others      from the beginning on
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from curate.errors import CurateError
from curate.io.container import by_ending, packing
from curate.io.lines import Block
from curate.io.ranges import is_cuttable
from curate.io.read import blocks
from curate.io.stream import opened

NumberedRow = tuple[int, bytes]

WINDOWS = 16
WINDOW_BYTES = 64 << 10
WINDOW_ROWS = 32
# A line longer than this is not looked at.
MOST_BYTES = 16 << 20
# Of what is read from its beginning only: these are looked at, where there are so many.
HEAD_ROWS = 1000
HEAD_BYTES = 1 << 20
# A plain file up to this size is looked at in whole.
WHOLE_BYTES = 1 << 20


def is_rereadable(path: str) -> bool:
    """Whether a path can be read more than once at little cost: a file or folder here, no pipe and no URL."""
    return os.path.isfile(path) or os.path.isdir(path)


def sample(path: str, mend: bool = False) -> list[NumberedRow]:
    """Rows from all over a file, always the same, with their numbers.

    A row from the middle of a file has as its number the byte before which it begins, below zero.

    Args:
        path: a file or folder; see `is_rereadable`.
        mend: see `curate.io.blocks`.

    Raises:
        CurateError: for a file of which not one row can be read.
    """
    if os.path.isfile(path) and os.path.getsize(path) > WHOLE_BYTES and is_cuttable(path):
        return list(_windows(path))
    if os.path.isfile(path) and by_ending(path) == "parquet":
        from curate.io.arrow import parquet_sample

        return parquet_sample(path)
    whole = os.path.isfile(path) and not packing(path) and os.path.getsize(path) <= WHOLE_BYTES
    rows: list[NumberedRow] = []
    try:
        for block in head(blocks(path, mend=mend), whole):
            rows += zip(block.numbers, block.rows, strict=True)
    except CurateError:
        if not rows:
            raise
    return rows


def head(parts: Iterable[Block], whole: bool = False) -> Iterator[Block]:
    """The first blocks: as many as have HEAD_ROWS rows and HEAD_BYTES, or all."""
    rows = size = 0
    for block in parts:
        yield block
        rows += len(block.rows)
        size += sum(map(len, block.rows))
        if not whole and rows >= HEAD_ROWS and size >= HEAD_BYTES:
            return


def _windows(path: str) -> Iterator[NumberedRow]:
    size = os.path.getsize(path)
    last = -1
    for i in range(WINDOWS):
        start = (size - WINDOW_BYTES) * i // (WINDOWS - 1)
        for number, (at, line) in enumerate(_lines(path, start, size), 1):
            if at > last:  # a line longer than a window is met again
                last = at
                yield (-at if start else number), line


def _lines(path: str, start: int, size: int) -> Iterator[NumberedRow]:
    """Where the whole lines of a window begin, and the lines; at least one, unless the file ends before it does."""
    data = bytearray()
    with opened(path, start, size) as stream:
        feed = -1 if start else 0
        while more := stream.read(WINDOW_BYTES):
            data += more
            if start and feed < 0:
                feed = data.find(b"\n") + 1 or -1
            if (feed >= 0 and b"\n" in data[feed:]) or len(data) > MOST_BYTES:
                break
    if feed < 0:
        return
    at, shift = feed, size - start - len(data)
    lines = bytes(data[feed:]).split(b"\n")
    if shift > 0:  # the last one is not whole
        lines.pop()
    for line in lines[:WINDOW_ROWS]:
        if line.strip():
            yield start + at, line.rstrip(b"\r")
        at += len(line) + 1
