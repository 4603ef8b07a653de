"""Large conversions on several processes, each of which writes its parts of the output to their places."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack

import msgspec

from curate.convert.accounts import Source, Summary
from curate.convert.conversion import Conversion, Options, begun, decoder, rejects_path
from curate.engine.parts import Part, parts
from curate.engine.processes import Turns, in_order, processes
from curate.io import atomic, blocks, count_lines
from curate.io.atomic import remove_output
from curate.progress import Progress, silent
from curate.table.reading import SAMPLE_ROWS

# How many pieces the system takes at a time.
MOST_PIECES = 512


class Done(msgspec.Struct, frozen=True):
    """What became of a part.

    Attributes:
        rejected: lines for the rejects file.
        lines: how many the part has, for the row numbers of the next one.
    """

    summary: Summary
    rejected: list[bytes]
    lines: int


def convert(
    sources: Sequence[str], out: str, options: Options, bare: bool, workers: int, progress: Progress = silent
) -> Summary:
    """As `curate.convert.conversion.convert`, with the same bytes, on several processes."""
    summary = Summary()
    named = {source: settled(source, options) for source in sources}
    tasks = [(part, named[part.source], bare) for part in parts(sources)]
    offset = 0
    context = processes()
    with ExitStack() as stack:
        file = stack.enter_context(atomic(out))
        rejects = None
        shared = (file.name, Turns(context))
        for (part, _, _), done in zip(tasks, in_order(_run, tasks, workers, context, _begin, shared), strict=True):
            if not part.start:
                begun(part.source, options, summary)
                offset = 0
            summary.add(done.summary, offset)
            if done.rejected:
                rejects = rejects or stack.enter_context(atomic(rejects_path(out)))
                rejects.writelines(moved(line, offset) + b"\n" for line in done.rejected)
            offset += done.lines
            progress(f"{summary.read:,} rows", part.number + 1, len(tasks))
    if not summary.rejected:
        remove_output(rejects_path(out))
    return summary


def settled(source: str, options: Options) -> Options:
    """The options with the format of the source, which its first rows tell, not those of each part."""
    first = next(blocks(source, lenient=options.on_invalid == "repair"), None)
    formats = decoder(source, options, first.rows[:SAMPLE_ROWS] if first else []).formats
    return msgspec.structs.replace(options, name=options.name or formats[0].label)


_out: int
_turns: Turns


def _begin(path: str, turns: Turns) -> None:
    """Open the output in a process of its own."""
    global _out, _turns
    _out, _turns = os.open(path, os.O_WRONLY), turns


def _run(task: tuple[Part, Options, bool]) -> Done:
    part, options, bare = task
    # The container is told where the parts come together.
    source = Source(file=part.source, container="")
    summary = Summary(sources=[source])
    pieces: list[bytes] = []
    lines_rejected: list[bytes] = []
    placed = False
    try:
        conversion = Conversion(source, decoder(part.source, options, []), options, bare, summary)
        for block in blocks(part.source, part.start, part.end, lenient=options.on_invalid == "repair"):
            rows, rejected = conversion.block(block)
            if rows:
                pieces += (b"\n".join(rows), b"\n")
            lines_rejected += rejected
        at = _turns.place(part.number, sum(map(len, pieces)))
        placed = True
        for i in range(0, len(pieces), MOST_PIECES):
            at += _write(pieces[i : i + MOST_PIECES], at)
    finally:
        if not placed:  # or the parts after this one would wait for ever
            _turns.place(part.number, 0)
    return Done(summary, lines_rejected, 0 if part.end is None else count_lines(part.source, part.start, part.end))


def _write(pieces: list[bytes], at: int) -> int:
    """Write the pieces one after the other from a place in the output on; gives their size."""
    size = sum(map(len, pieces))
    done = os.pwritev(_out, pieces, at) if hasattr(os, "pwritev") else 0
    if done < size:
        rest = memoryview(b"".join(pieces))[done:]
        while rest:
            written = os.pwrite(_out, rest, at + size - len(rest))
            rest = rest[written:]
    return size


def moved(line: bytes, offset: int) -> bytes:
    """A line of the rejects file with its row number counted from the start of the source."""
    if not offset:
        return line
    fields = msgspec.json.decode(line)
    return msgspec.json.encode({**fields, "row": fields["row"] + offset})
