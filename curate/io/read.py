"""Rows of JSON text from any file, block by block."""

from __future__ import annotations

import os
from collections.abc import Iterator

from curate.errors import CurateError
from curate.io.container import HUB, by_ending, saved_dataset
from curate.io.container_faults import check_is_data, fault_of_lines, is_array_of_lines
from curate.io.json_text import HEAD_BYTES, json_blocks, layout, text_blocks
from curate.io.lines import Block, line_blocks
from curate.io.stream import Stream, opened

# What a processor's second cache holds; larger ones are slower.
BLOCK_BYTES = 1 << 19
# What files begin with that cannot be read from their start to their end.
SEALED = ((b"PAR1", "parquet"), (b"ARROW1", "arrow"), (b"\xff\xff\xff\xff", "arrow"))


def container(path: str) -> str:
    """What `path` is: json, jsonl, parquet, arrow, csv, tsv, dataset (a folder of `save_to_disk`) or hub (hf://).

    The ending says it; where it says nothing, the first bytes do.  - is jsonl.

    Raises:
        CurateError: if neither does.
    """
    kind = _by_name(path)
    if kind:
        return kind
    with opened(path) as stream:
        return _by_content(stream)


def _by_name(path: str) -> str | None:
    if path.startswith(HUB):
        return "hub"
    return "dataset" if saved_dataset(path) else by_ending(path)


def _by_content(stream: Stream) -> str:
    sealed = _sealed(stream)
    if sealed:
        return sealed
    head = stream.peek(HEAD_BYTES)
    check_is_data(stream)
    kind = layout(head, len(head) < HEAD_BYTES)
    if kind == "other" and head.strip():
        raise CurateError(
            f"{stream.path}: neither its name nor its first bytes say what is inside; "
            "name it .json, .jsonl, .parquet, .arrow, .csv or .tsv, text also with .gz, .zst, .bz2 or .xz after it"
        )
    return "jsonl" if kind == "lines" else "json"


def _sealed(stream: Stream) -> str | None:
    first = stream.peek(6)
    return next((kind for magic, kind in SEALED if first.startswith(magic)), None)


def blocks(
    path: str,
    start: int = 0,
    end: int | None = None,
    size: int = BLOCK_BYTES,
    lenient: bool = False,
    mend: bool = False,
) -> Iterator[Block]:
    """The rows of a file, some thousand at a time.

    A JSONL row that is not JSON is a row all the same: whoever decodes it reports it.

    Args:
        path: a file, - for standard input, a folder that `save_to_disk` wrote, or hf://owner/name.
        start: first byte of a part of a plain JSONL file, as `ranges` gives it; row numbers then count from 1 there.
        end: the byte after the last one of that part, None for all.
        size: how many bytes of text to read at a time.
        lenient: whether rows of a JSON array that are not JSON are passed on too, as those of JSONL always are.
        mend: the same, and whether what is wrong with the file as a whole is mended where that is safe: an array or
            rows of several lines under the name .jsonl, several rows in a line, another delimiter in CSV.

    Raises:
        CurateError: with file and place, if the file cannot be opened or is not what its name says.
    """
    if start or end is not None:
        with opened(path, start, end) as stream:
            yield from line_blocks(stream, size, mend)
        return
    lenient = lenient or mend
    kind = _by_name(path)
    if kind is None:
        with opened(path) as stream:  # once, since it may be a pipe
            kind = _by_content(stream)
            if kind in ("json", "jsonl"):
                yield from json_blocks(stream, size, lenient, mend)
                return
    if kind == "hub":
        from curate.io.hub import hub_blocks

        yield from hub_blocks(path)
    elif kind in ("parquet", "arrow", "dataset"):
        from curate.io.arrow import arrow_blocks, dataset_blocks, parquet_blocks

        if kind != "dataset" and not os.path.isfile(path) and os.path.exists(path):
            raise CurateError(f"{path}: cannot read: it is no regular file, as {kind} needs; name one")
        yield from {"parquet": parquet_blocks, "arrow": arrow_blocks, "dataset": dataset_blocks}[kind](path)
    else:
        with opened(path) as stream:
            yield from _text_blocks(kind, stream, size, lenient, mend)


def _text_blocks(kind: str, stream: Stream, size: int, lenient: bool, mend: bool) -> Iterator[Block]:
    path = stream.path
    sealed = _sealed(stream)
    if sealed:
        remedy = "read it from a file" if path == "-" else f"name it .{sealed}"
        raise CurateError(f"{path}: this is {sealed}, not text; {remedy}")
    check_is_data(stream)
    if kind in ("csv", "tsv"):
        from curate.io.delimited import delimited_blocks

        return delimited_blocks(stream, size, "\t" if kind == "tsv" else ",", mend)
    if path == "-":
        return text_blocks(stream, size, lenient, mend)
    if kind == "json" or is_array_of_lines(stream):
        return json_blocks(stream, size, lenient, mend)
    fault = fault_of_lines(stream)
    if fault and not mend:
        raise fault
    return json_blocks(stream, size, lenient, mend) if fault else line_blocks(stream, size, mend)
