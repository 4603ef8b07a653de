"""Large conversions on several processes: parts of the sources each to a part of the output, which are then joined."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from curate.accounts import Summary
from curate.convert import Conversion, Options, decoder, rejects_path
from curate.engine.local import in_order, processors
from curate.io import atomic, blocks, concatenate, count_lines, ranges
from curate.reading import SAMPLE_ROWS

PART_BYTES = 16 << 20
# Below this, starting processes and joining files costs more than it brings.
WORTHWHILE_BYTES = 48 << 20


class Part(msgspec.Struct, frozen=True):
    """A byte range of a source (whole where end is None), and the file for its rows; rejected ones go beside it."""

    source: str
    start: int
    end: int | None
    out: str


class Done(msgspec.Struct, frozen=True):
    """What became of a part.  lines: how many it has, for the row numbers of the next part of its source."""

    summary: Summary
    lines: int


def workers(sources: Sequence[str], out: str, options: Options) -> int:
    """How many processes to use; 1 where parts of the output cannot simply be joined, or files are small."""
    asked = options.workers
    if (
        options.on_invalid == "error"
        or out == "-"
        or "-" in sources
        or asked == 1
        or not out.endswith((".jsonl", ".ndjson"))
    ):
        return 1
    if asked:
        return asked
    size = sum(os.path.getsize(source) for source in sources if os.path.isfile(source))
    return min(processors(), 8) if size >= WORTHWHILE_BYTES else 1


def convert(sources: Sequence[str], out: str, options: Options, bare: bool, workers: int) -> Summary:
    """As `curate.convert.convert`, with the same bytes, on several processes."""
    summary = Summary()
    offset, source = 0, ""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=".curate-", dir=Path(out).absolute().parent))
        file = stack.enter_context(atomic(out))
        rejects = None
        settled = {source: _settled(source, options) for source in sources}
        tasks = [(part, settled[part.source], bare) for part in _parts(sources, folder)]
        for (part, _, _), done in zip(tasks, in_order(_run, tasks, workers), strict=True):
            offset = offset if part.source == source else 0
            source = part.source
            summary.add(done.summary, offset)
            concatenate([part.out], file)
            os.unlink(part.out)
            if done.summary.rejected:
                rejects = rejects or stack.enter_context(atomic(rejects_path(out)))
                with open(rejects_path(part.out), "rb") as lines:
                    rejects.writelines(_moved(line, offset) for line in lines)
            offset += done.lines
    if not summary.rejected:
        Path(rejects_path(out)).unlink(missing_ok=True)
    return summary


def _settled(source: str, options: Options) -> Options:
    """The options with the format of the source, which its first rows tell, not those of each part."""
    first = next(blocks(source), None)
    formats = decoder(source, options, first.rows[:SAMPLE_ROWS] if first else []).formats
    return msgspec.structs.replace(options, name=options.name or formats[0].label)


def _parts(sources: Sequence[str], folder: str) -> Iterator[Part]:
    number = 0
    for source in sources:
        size = os.path.getsize(source) if os.path.isfile(source) else 0
        for start, end in ranges(source, size // PART_BYTES + 1) or [(0, None)]:  # type: ignore[list-item]
            yield Part(source, start, end, os.path.join(folder, f"{number}.jsonl"))
            number += 1


def _run(task: tuple[Part, Options, bool]) -> Done:
    part, options, bare = task
    summary = Summary()
    conversion = Conversion(part.source, decoder(part.source, options, []), options, bare, summary)
    with open(part.out, "wb") as out, open(rejects_path(part.out), "wb") as rejects:
        for block in blocks(part.source, part.start, part.end):
            rows, rejected = conversion.block(block)
            for file, lines in ((out, rows), (rejects, rejected)):
                if lines:
                    file.write(b"\n".join(lines) + b"\n")
    return Done(summary, 0 if part.end is None else count_lines(part.source, part.start, part.end))


def _moved(line: bytes, offset: int) -> bytes:
    """A line of the rejects file with its row number counted from the start of the source."""
    if not offset:
        return line
    fields = msgspec.json.decode(line)
    return msgspec.json.encode({**fields, "row": fields["row"] + offset}) + b"\n"
