"""Rows of files as records, or the problems that they have, each with its place."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import chain, islice

import msgspec

from curate.errors import CurateError, UnknownData, did_you_mean
from curate.io import Block, blocks
from curate.io.container import by_ending, packing
from curate.io.sample import NumberedRow, head, is_rereadable, sample
from schemas import oasst, oasst_messages, question_answer
from schemas.adapt import Adapter, mapped_format, names_in
from schemas.decode import Read, RowDecoder
from schemas.detection import Detected, detect
from schemas.problems import Problem
from schemas.registry import BROKEN, FORMATS, field_names, lookup
from schemas.row import Format

TREES_A_BLOCK = 1000


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


def detect_file(path: str, field_map: str = "") -> Detected:
    """The formats of all rows of a file; the one that commands read it as is told by a sample of them.

    Args:
        path: the file.
        field_map: FIELD=NAME,... where fields have names of their own.

    Raises:
        CurateError: for a file that cannot be read, or a map that is none.
    """
    adapter = _mapped(f":{field_map}")[1]
    if path != "-" and is_rereadable(path):
        told = told_format(path, adapter).format
        return msgspec.structs.replace(detect(_adapted(_rows(blocks(path)), adapter)), format=told)
    parts = blocks(path)
    first = list(head(parts))
    told = detect(_adapted(_checked(path, _rows(first), adapter), adapter)).format
    return msgspec.structs.replace(detect(_adapted(_rows(chain(first, parts)), adapter)), format=told)


def _mapped(name: str) -> tuple[str, Adapter | None]:
    """See `mapped_format`.  Raises CurateError for a map that is none."""
    try:
        return mapped_format(name)
    except ValueError as error:
        raise CurateError(f"--map: {error}; write --map instruction=question,output=answer") from None


def told_format(path: str, adapter: Adapter | None = None, repair: bool = False) -> Detected:
    """The formats of rows from all over a file; the commonest is the one that every command reads it as."""
    return detect(_adapted(_checked(path, sample(path, repair), adapter), adapter))


def mixed_note(path: str, adapter: Adapter | None = None, repair: bool = False) -> Iterator[str]:
    """What to do about a file of several formats of which one was read; nothing for others."""
    told = told_format(path, adapter, repair) if path != "-" and is_rereadable(path) else None
    if told and told.mixed:
        yield f"{path} has rows of several formats ({told.mixture}); --format mixed reads each by its own"


def fields_note(path: str, adapter: Adapter | None = None, repair: bool = False) -> Iterator[str]:
    """Which field was taken as what, of a file whose rows are pairs under common names; nothing for others."""
    if path == "-" or not is_rereadable(path):
        return
    try:
        told = told_format(path, adapter, repair)
    except CurateError:  # whoever read the file has said so
        return
    if told.format == question_answer.FORMAT.name:
        yield f"{path}: {told.reasons[told.format]}"


def _rows(parts: Iterable[Block]) -> Iterator[NumberedRow]:
    for block in parts:
        yield from zip(block.numbers, block.rows, strict=True)


def _checked(path: str, rows: Iterable[NumberedRow], adapter: Adapter | None) -> Iterable[NumberedRow]:
    """The rows that a file is judged by, which must have the fields that are mapped.

    Raises:
        CurateError: for a field that no format has, and a name that no row has.
    """
    if adapter is None:
        return rows
    rows = list(rows)
    found, known = names_in(row for _, row in rows), field_names()
    for name, field in adapter.names.items():
        if field not in known:
            hint = did_you_mean(field, known)
            raise CurateError(f"--map {field}={name}: no format has a field {field!r}; {hint}see `curate formats`")
        if found and not found.intersection((name, field)):
            hint = did_you_mean(name, found)
            there = f"there are {', '.join(sorted(found)[:8])}"
            raise CurateError(f"--map {field}={name}: no row of {path} has a field {name!r}; {hint}{there}")
    return rows


def _adapted(rows: Iterable[NumberedRow], adapter: Adapter | None) -> Iterable[NumberedRow]:
    return ((number, adapter.row(row)) for number, row in rows) if adapter else rows


def decoder_for(path: str, told: str | Detected, adapter: Adapter | None = None, repair: bool = False) -> RowDecoder:
    """A decoder of the named format, of all of them for `mixed`, or of the format that was told.

    Raises:
        UnknownData: if no row fits any format.
    """
    if told == "mixed":
        return RowDecoder(list(FORMATS.values()), adapter, repair)
    if isinstance(told, str):
        return RowDecoder([format_named(told)], adapter, repair)
    if told.rows and not told.format:
        broken = "".join(f"; {why}" for why in BROKEN.values())
        raise UnknownData(
            f"{path}: no row fits a format, of {told.rows:,} from all over the file: {told.reasons['']}; "
            f"name it with --format ({', '.join(FORMATS)}), or "
            f"map its fields by --map, as --map instruction=question,output=answer{broken}"
        )
    return RowDecoder([FORMATS[told.format or "alpaca"]], adapter, repair)


def decided(
    path: str, name: str | None, parts: Iterator[Block], adapter: Adapter | None = None, repair: bool = False
) -> tuple[RowDecoder, Iterator[Block]]:
    """The decoder of a file's rows, and all of its blocks.

    Args:
        path: the file.
        name: the format, `mixed` for any, None to tell it by rows from all over the file; of what can be read only once
            by the first ones. `FORMAT:FIELD=NAME,FIELD=NAME` maps names first, with or without a format.
        parts: the blocks.
        adapter: maps names and roles first.
        repair: whether rows that can safely be repaired are.

    Raises:
        UnknownData: if no row fits any format, or the file is seen to be no data.
        CurateError: for a file that cannot be read.
    """
    decoder, parts = _decided(path, name, parts, adapter, repair)
    return decoder, _in_trees(parts) if decoder.formats == [oasst.FORMAT] else parts


def _decided(
    path: str, name: str | None, parts: Iterator[Block], adapter: Adapter | None, repair: bool
) -> tuple[RowDecoder, Iterator[Block]]:
    """See `decided`."""
    if name and ":" in name:
        name, adapter = _mapped(name)
    if name:
        first = list(islice(parts, 1))
        if adapter:
            _checked(path, sample(path, repair) if is_rereadable(path) else _rows(first), adapter)
        return decoder_for(path, name, adapter, repair), chain(first, parts)
    if path != "-" and is_rereadable(path):
        return decoder_for(path, told_format(path, adapter, repair), adapter, repair), parts
    first = list(head(parts))
    told = detect(_adapted(_checked(path, _rows(first), adapter), adapter))
    return decoder_for(path, told, adapter, repair), chain(first, parts)


def _in_trees(parts: Iterator[Block]) -> Iterator[Block]:
    """Blocks of trees; messages of trees, one a row, are all read first, and made rows of a tree each."""
    first = next(parts, None)
    if first is None or not any(map(oasst_messages.are_messages, first.rows)):
        yield from parts if first is None else chain([first], parts)
        return
    made = oasst_messages.trees(_rows(chain([first], parts)))
    while several := list(islice(made, TREES_A_BLOCK)):
        yield Block([row for _, row in several], [number for number, _ in several])


def format_label(path: str, adapter: Adapter | None = None, repair: bool = False) -> str:
    """The label of the format that a file is in, as `decided` tells it.

    Raises:
        CurateError: if no row fits any.
    """
    return decoder_for(path, told_format(path, adapter, repair), adapter, repair).formats[0].label


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
    decoder, parts = decided(path, name, blocks(path, start, end, mend=repair), adapter, repair)
    for block in parts:
        results = decoder.block(block.rows)
        for i, result in enumerate(results):
            if type(result) is Problem:
                results[i] = result.at(path, block.numbers[i])
        yield block, results
