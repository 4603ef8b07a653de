"""Rows that are lines: JSONL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from curate.io.stream import Stream

# No writer of JSONL makes a first line that is a bracket alone: what follows is an array under the wrong name.
ARRAY_OF_LINES = re.compile(rb"[ \t\r\n]*\[[ \t\r]*\n")
ARRAY_BYTES = 4096


class Block(NamedTuple):
    """Some rows that follow one another.

    rows: JSON text, one value each, without line breaks.  numbers: their row numbers, from 1; for JSONL the line
    numbers.
    """

    rows: list[bytes]
    numbers: Sequence[int]


def lines(stream: Stream, size: int) -> Iterator[list[bytes]]:
    """The lines of a stream without their line feeds, as many at a time as `size` bytes hold, at least one."""
    held: list[bytes] = []
    while data := stream.read(size):
        parts = data.split(b"\n")
        if len(parts) == 1:  # a long line is put together once, at its end
            held.append(data)
            continue
        if held:
            held.append(parts[0])
            parts[0] = b"".join(held)
        last = parts.pop()
        held = [last] if last else []
        yield parts
    if held:
        yield [b"".join(held)]


def line_blocks(stream: Stream, size: int) -> Iterator[Block]:
    """The rows of JSONL; a line that is not JSON is a row all the same, a blank one is none but counts."""
    number = 1
    for part in lines(stream, size):
        if b"\r" in part[0] or b"\r" in part[-1] or any(line.endswith(b"\r") for line in part):
            part = [line.rstrip(b"\r") for line in part]
        if all(part) and not any(map(bytes.isspace, part)):
            yield Block(part, range(number, number + len(part)))
        else:
            kept = [(line, number + i) for i, line in enumerate(part) if line and not line.isspace()]
            if kept:
                yield Block([line for line, _ in kept], [n for _, n in kept])
        number += len(part)
