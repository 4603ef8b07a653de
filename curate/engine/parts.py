"""Inputs cut into parts that workers read on their own.

     in.jsonl    |== part 0 ==|== part 1 ==|== part 2 ==|     byte ranges, each cut after a line feed
     more.json   |=============== part 3 ===============|     whole: only plain JSON lines can be cut

A worker numbers the rows of a part from 1; where results come together, the lines of the parts before are added.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from curate.errors import CurateError, UnknownData
from curate.io import ranges
from curate.table.reading import format_label
from schemas import oasst

if TYPE_CHECKING:
    from schemas.adapt import Adapter

# Smaller parts make workers wait for one another at the output; larger ones fill memory.
PART_BYTES = 16 << 20
# On a cluster handing a part out costs more, and what comes of it is passed on in blocks of this size at most.
MOST_BYTES = 128 << 20
# Below this a part is not worth what handing it out costs.
LEAST_BYTES = 1 << 20
# Parts for each worker, at least, where the input is large enough: none waits long for the last one.
PARTS_PER_WORKER = 3


class FilePart(msgspec.Struct, frozen=True):
    """A byte range of a file.

    Attributes:
        number: its place among all parts, from 0.
        source: the file.
        start: the first byte.
        end: the byte after the last one; None for a whole file.
        format_name: the format of its rows, `mixed` for any, None where rows from all over the file tell.
    """

    number: int
    source: str
    start: int = 0
    end: int | None = None
    format_name: str | None = None


def whole_files(sources: Sequence[str], format_name: str | None = None) -> list[FilePart]:
    """Each source as one part."""
    return [FilePart(number, source, format_name=format_name) for number, source in enumerate(sources)]


def cut_files(
    sources: Sequence[str],
    bytes_each: int = 0,
    format_name: str | None = None,
    adapter: Adapter | None = None,
    repair: bool = False,
) -> Iterator[FilePart]:
    """The sources in parts, in order: plain JSON lines in ranges, others whole.

    Args:
        sources: paths.
        bytes_each: about how large a range is; 0 for PART_BYTES.
        format_name: of the rows. If None, rows from all over a file tell it, for all its parts alike.
        adapter: what maps names and roles before the format is told.
        repair: whether rows that can safely be repaired are.

    Raises:
        CurateError: for a file that cannot be read.  One whose rows fit no format is a part, for its reader to report.
    """
    number = 0
    bytes_each = bytes_each or PART_BYTES
    for source in sources:
        size = os.path.getsize(source) if os.path.isfile(source) else 0
        label = format_name
        try:
            cuts = ranges(source, size // bytes_each + 1, bytes_each // 2)
            if len(cuts) > 1:
                label = label or format_label(source, adapter, repair)
                if label.partition(":")[0] == oasst.FORMAT.name:  # messages of a tree may be in any part
                    cuts = []
        except UnknownData:
            cuts = []
        for start, end in cuts if len(cuts) > 1 else [(0, None)]:
            yield FilePart(number, source, start, end, label)
            number += 1


def bytes_for(sources: Sequence[str], workers: int) -> int:
    """How many bytes parts are to have so that each of so many workers of a cluster gets some."""
    size = sum(os.path.getsize(source) for source in sources if os.path.isfile(source))
    return min(MOST_BYTES, max(LEAST_BYTES, size // (PARTS_PER_WORKER * workers)))


def check_readable_by_workers(sources: Sequence[str]) -> None:
    """Check that workers of a cluster can read the sources.

    Raises:
        CurateError: for standard input.
    """
    if "-" in sources:
        raise CurateError("standard input cannot be read by the workers of a cluster; save it to a file first")
