"""Conversions on a Ray cluster: workers read and convert parts of the sources, this process puts them together."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import msgspec

from curate.convert.accounts import Source, Summary
from curate.convert.conversion import Conversion, Options, begun, decoder, rejects_path
from curate.convert.parallel import moved, settled
from curate.engine.parts import Part, bytes_for, parts
from curate.engine.ray import in_order, workers
from curate.errors import CurateError
from curate.io import blocks, count_lines, writer
from curate.io.atomic import remove_output
from curate.io.write import takes_text
from curate.progress import Progress, silent
from curate.table.reading import SAMPLE_ROWS
from schemas.problems import Problem

# Rows are handed on when they come to this.
HANDED_BYTES = 8 << 20


class Piece(msgspec.Struct, frozen=True):
    """Rows of a part, and lines for its rejected ones.

    Attributes:
        last: with the last piece, what became of the part, and how many lines it has, for the row numbers of the next
            one.
    """

    rows: Sequence[bytes]
    rejected: list[bytes]
    last: tuple[Summary, int] | None = None


def convert(sources: Sequence[str], out: str, options: Options, bare: bool, progress: Progress = silent) -> Summary:
    """As `curate.convert.conversion.convert`, with the same bytes.  To be called within `curate.engine.ray.connect`.

    Raises:
        CurateError: for standard input, which workers cannot read.
    """
    if "-" in sources:
        raise CurateError("standard input cannot be read by the workers of a cluster; save it to a file first")
    summary = Summary()
    cut = list(parts(sources, bytes_for(sources, workers())))
    one_by_one = {part.source for part in cut if part.start}
    named = {source: settled(source, options) if source in one_by_one else options for source in set(sources)}
    # Rows that only are to follow one another need not be told apart again.
    joined = takes_text(out)
    pieces = in_order(_converted, [(part, named[part.source]) for part in cut], bare, joined)
    with ExitStack() as stack:
        write = stack.enter_context(writer(out, shard_rows=options.shard_rows))
        reject = None
        offset = 0
        for part in cut:
            if not part.start:
                begun(part.source, options, summary)
                offset = 0
            for piece in pieces:
                write(piece.rows)
                if piece.rejected and options.on_invalid == "error":
                    raise CurateError(f"{_problem(moved(piece.rejected[0], offset))}. Nothing was written.", 1)
                if piece.rejected and out != "-":
                    reject = reject or stack.enter_context(writer(rejects_path(out)))
                    reject([moved(line, offset) for line in piece.rejected])
                if piece.last:
                    summary.add(piece.last[0], offset)
                    offset += piece.last[1]
                    break
            progress(f"{summary.read:,} rows", part.number + 1, len(cut))
    if out != "-" and not summary.rejected:
        remove_output(rejects_path(out))
    return summary


def _converted(task: tuple[Part, Options], bare: bool, joined: bool) -> Iterator[Piece]:
    """The pieces of a part."""
    part, options = task
    source = Source(file=part.source, container="")
    summary = Summary(sources=[source])
    # Which of all invalid rows is the first is known where the parts come together.
    given = msgspec.structs.replace(options, on_invalid="reject") if options.on_invalid == "error" else options
    conversion = None
    rows: list[bytes] = []
    rejected: list[bytes] = []
    size = 0
    for block in blocks(part.source, part.start, part.end, lenient=options.on_invalid == "repair"):
        if conversion is None:
            sample = [] if options.name else block.rows[:SAMPLE_ROWS]
            conversion = Conversion(source, decoder(part.source, given, sample), given, bare, summary)
        made, refused = conversion.block(block)
        rows += [b"\n".join(made)] if joined and made else made
        rejected += refused
        size += sum(map(len, made)) + sum(map(len, refused))
        if size > HANDED_BYTES:
            yield Piece(_sent(rows) if joined else rows, rejected)
            rows, rejected, size = [], [], 0
    lines = 0 if part.end is None else count_lines(part.source, part.start, part.end)
    yield Piece(_sent(rows) if joined else rows, rejected, (summary, lines))


def _sent(rows: list[bytes]) -> Sequence[bytes]:
    """Rows that follow one another as one text, which is not copied on its way."""
    return [pickle.PickleBuffer(b"\n".join(rows))] if rows else []  # type: ignore[list-item]


def _problem(line: bytes) -> Problem:
    """The problem that a line of the rejects file tells of."""
    fields = msgspec.json.decode(line)
    return Problem(**{name: fields[name] for name in Problem.__struct_fields__})
