"""Inputs cut into parts that workers read on their own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import msgspec

from curate.io import ranges

# Smaller parts make workers wait for one another at the output; larger ones fill memory.
PART_BYTES = 16 << 20
# On a cluster handing a part out costs more, and what comes of it is passed on in blocks of this size at most.
MOST_BYTES = 128 << 20
# Below this a part is not worth what handing it out costs.
LEAST_BYTES = 1 << 20
# Parts for each worker, at least, where the input is large enough: none waits long for the last one.
EACH = 3


class Part(msgspec.Struct, frozen=True):
    """A byte range of a source (whole where end is None).

    Attributes:
        number: its place among all parts.
    """

    number: int
    source: str
    start: int
    end: int | None


def parts(sources: Sequence[str], bytes_each: int = 0) -> Iterator[Part]:
    """The sources in parts, in order: ranges of about `bytes_each` (0: PART_BYTES) of plain JSONL files, others whole.

    Raises:
        CurateError: for a file that cannot be read.
    """
    number = 0
    bytes_each = bytes_each or PART_BYTES
    for source in sources:
        size = os.path.getsize(source) if os.path.isfile(source) else 0
        cuts = ranges(source, size // bytes_each + 1, bytes_each // 2)
        for start, end in cuts if len(cuts) > 1 else [(0, None)]:
            yield Part(number, source, start, end)
            number += 1


def bytes_for(sources: Sequence[str], workers: int) -> int:
    """How large parts are to be so that each of so many workers of a cluster gets some."""
    size = sum(os.path.getsize(source) for source in sources if os.path.isfile(source))
    return min(MOST_BYTES, max(LEAST_BYTES, size // (EACH * workers)))
