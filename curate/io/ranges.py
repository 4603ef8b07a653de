"""Parts of a JSONL file, for several processes."""

from __future__ import annotations

import os
from typing import BinaryIO

from curate.errors import CurateError
from curate.io.container import by_ending, packing
from curate.io.container_faults import fault_of_lines, is_array_of_lines
from curate.io.stream import MAGIC, opened

PIECE = 1 << 20


def ranges(path: str, parts: int, minimum_bytes: int = 8 << 20) -> list[tuple[int, int]]:
    """Byte ranges that together are a plain JSONL file, each cut after a line feed, for `blocks(path, start, end)`.

    Returns an empty list for what cannot be cut: other containers, compressed files, pipes, empty files.

    Args:
        path: the file.
        parts: how many at most.
        minimum_bytes: ranges are no smaller than this, except the last.

    Raises:
        CurateError: if the file cannot be read.
    """
    if not is_cuttable(path):
        return []
    try:
        with open(path, "rb", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            count = max(1, min(parts, size // max(1, minimum_bytes)))
            cuts = [0]
            for i in range(1, count):
                cut = _after_line_feed(file, max(cuts[-1], size * i // count), size)
                if cuts[-1] < cut < size:
                    cuts.append(cut)
    except OSError as error:
        raise CurateError(f"{path}: cannot read: {error.strerror}") from None
    return list(zip(cuts, [*cuts[1:], size], strict=True)) if size else []


def is_cuttable(path: str) -> bool:
    """Whether a file is plain JSON lines, which can be read from any line on.

    Raises:
        CurateError: if it cannot be read.
    """
    if path == "-" or by_ending(path) != "jsonl" or packing(path) or not os.path.isfile(path):
        return False
    with opened(path) as stream:  # raises for text in UTF-16
        if is_array_of_lines(stream) or fault_of_lines(stream):
            return False
    try:
        with open(path, "rb", buffering=0) as file:
            return not any(file.read(6).startswith(magic) for magic, _ in MAGIC)
    except OSError as error:
        raise CurateError(f"{path}: cannot read: {error.strerror}") from None


def _after_line_feed(file: BinaryIO, at: int, size: int) -> int:
    file.seek(at)
    while data := file.read(PIECE):
        feed = data.find(b"\n")
        if feed >= 0:
            return at + feed + 1
        at += len(data)
    return size


def count_lines(path: str, start: int, end: int) -> int:
    """How many lines a range of a plain file has, so that the next range's rows can be numbered on.

    The last line counts whether or not it ends with a line feed.
    """
    number, last = 0, b"\n"
    with opened(path, start, end) as stream:
        while data := stream.read(PIECE):
            number += data.count(b"\n")
            last = data[-1:]
    return number + (last != b"\n")
