"""Rows of files as records, or the problems that they have, each with its place."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from curate.errors import CurateError
from curate.io import Block, blocks
from curate.io.container import by_ending, packing
from schemas.adapt import Adapter
from schemas.decode import Read, RowDecoder
from schemas.detection import Detected, detect
from schemas.problems import Problem
from schemas.registry import FORMATS, lookup
from schemas.row import Format

SAMPLE_ROWS = 1000


def plain_size(source: str) -> int:
    """Size of a source in bytes, 0 where that does not tell how much there is to read."""
    return os.path.getsize(source) if os.path.isfile(source) and by_ending(source) and not packing(source) else 0


def format_named(name: str) -> Format:
    """The format of this name.

    Raises:
        CurateError: that lists the formats.
    """
    try:
        return lookup(name)
    except KeyError as error:
        raise CurateError(str(error.args[0])) from None


def detect_file(path: str, rows: int | None = None) -> Detected:
    """The format of a file's rows, or of its first `rows` ones."""
    return detect(_rows(path, rows))


def _rows(path: str, most: int | None) -> Iterator[tuple[int, bytes]]:
    seen = 0
    for block in blocks(path):
        for number, row in zip(block.numbers, block.rows, strict=True):
            if most is not None and seen >= most:
                return
            seen += 1
            yield number, row


def decoder_for(
    path: str, name: str | None, sample: Sequence[bytes], adapter: Adapter | None = None, repair: bool = False
) -> RowDecoder:
    """A decoder of the named format, of all of them for `mixed`, or of the format that the sample is in.

    Raises:
        CurateError: if no row of the sample fits any format.
    """
    if name == "mixed":
        return RowDecoder(list(FORMATS.values()), adapter, repair)
    if name:
        return RowDecoder([format_named(name)], adapter, repair)
    detected = detect(enumerate([adapter.row(row) for row in sample] if adapter else sample, 1))
    if detected.rows and not detected.format:
        raise CurateError(
            f"{path}: no row fits a format, of the first {detected.rows:,}: {detected.reasons['']}; "
            f"name it with --format ({', '.join(FORMATS)}), or "
            "let `curate convert` read its fields by --map, as --map instruction=question,output=answer"
        )
    return RowDecoder([FORMATS[detected.format or "alpaca"]], adapter, repair)


def first_format(path: str, adapter: Adapter | None = None, repair: bool = False) -> str:
    """The label of the format that the first rows of a file are in.

    Raises:
        CurateError: if they fit none.
    """
    first = next(blocks(path, lenient=repair), None)
    return decoder_for(path, None, first.rows[:SAMPLE_ROWS] if first else [], adapter, repair).formats[0].label


def read(
    path: str,
    name: str | None = None,
    adapter: Adapter | None = None,
    repair: bool = False,
    start: int = 0,
    end: int | None = None,
) -> Iterator[tuple[Block, list[Read | Problem]]]:
    """The rows of a file with what each was read as; problems carry file and row.

    Args:
        path: the file.
        name: the format, `mixed` for any, None to detect it.
        adapter: maps names and roles first.
        repair: whether rows that can safely be repaired are.
        start: see `curate.io.blocks`.
        end: see `curate.io.blocks`.
    """
    decoder = None
    for block in blocks(path, start, end, lenient=repair):
        if decoder is None:
            decoder = decoder_for(path, name, block.rows[:SAMPLE_ROWS], adapter, repair)
        results = decoder.block(block.rows)
        for i, result in enumerate(results):
            if type(result) is Problem:
                results[i] = result.at(path, block.numbers[i])
        yield block, results
