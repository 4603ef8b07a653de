"""Files to another format, every row accounted for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial

import msgspec

from curate.convert.accounts import ConvertSummary, SourceAccount
from curate.convert.options import ConvertOptions
from curate.convert.parallel import placed_pieces
from curate.convert.paths import rejects_path
from curate.convert.pieces import Piece, numbered_from, part_pieces
from curate.engine.local_engine import LocalEngine
from curate.engine.parts import FilePart, cut_files
from curate.engine.rows import Engine
from curate.errors import CurateError, UnknownData
from curate.io import container, writer
from curate.io.atomic import remove_output
from curate.io.container import output_kind
from curate.io.digest import digest
from curate.io.restorable import Restorable
from curate.io.shards import is_sharded
from curate.io.write import takes_text
from curate.progress import Progress, silent
from curate.table.reading import plain_size
from curate.text.counted import counted
from schemas import origin
from schemas.encode import NotPlain
from schemas.problems import Problem

# Below this, starting processes costs more than they bring.
WORTHWHILE_BYTES = 128 << 20
Write = Callable[[Sequence[bytes]], object]


def convert(
    sources: Sequence[str],
    out: str,
    options: ConvertOptions,
    progress: Progress = silent,
    engine: Engine | None = None,
) -> ConvertSummary:
    """Write the rows of the sources, in order, to `out`.

    Rejected rows go to `rejects_path(out)`, with the row as it was; for standard output they are only counted.
    One of several sources that is of no known format is passed over, unless `on_invalid` is `error`.
    ChatML is written as bare lists where no row carries more than its turns.

    Args:
        sources: files, or - for standard input.
        out: a file whose ending gives its kind, or - for standard output.
        options: how to convert.
        progress: told how far it has come, in bytes of plain sources.
        engine: where the work is done, this machine if None; the bytes are the same.

    Returns:
        What became of the rows.

    Raises:
        CurateError: for a source that cannot be read, and with code 1 for the first invalid row if `on_invalid` is
            `error`.
    """
    if options.lossless and options.turns == "split":
        raise CurateError("--lossless and --turns split exclude each other: one row cannot be restored from several")
    if options.take and options.target.holds:
        raise CurateError(f"--take makes conversations, and {options.to} is for preference data: leave one of them out")
    engine = engine or LocalEngine()
    bare = bool(options.target.bare) and not options.lossless
    if bare and options.on_loss == "keep" and (out == "-" or "-" in sources):
        bare = False  # a stream cannot be begun anew when a row turns out to carry more
    try:
        return _convert(sources, out, options, bare, progress, engine)
    except NotPlain:
        return _convert(sources, out, options, False, progress, engine)


def _convert(
    sources: Sequence[str], out: str, options: ConvertOptions, bare: bool, progress: Progress, engine: Engine
) -> ConvertSummary:
    summary = ConvertSummary()
    total = sum(map(plain_size, sources))
    offset = rows_read = bytes_read = 0
    with (
        _rejects(out) as reject,
        _supplier(sources, out, options, bare, engine) as (parts, pieces, write),
    ):
        for part in parts:
            if not part.start:
                summary.sources.append(_account(part.source, options))
                offset = 0
            for piece in _of_one_part(pieces):
                rejected = [numbered_from(line, offset) for line in piece.rejected]
                if rejected and options.on_invalid == "error":
                    raise CurateError(f"{_problem(rejected[0])}. Nothing was written.", 1)
                write(piece.rows)
                reject(rejected)
                rows_read += piece.read
                bytes_read += piece.size
                progress(counted(rows_read, "row"), min(bytes_read, total), total)
                if piece.account:
                    summary.add(piece.account.summary, offset)
                    offset += piece.account.lines
        if summary.unknown and len(summary.unknown) == len(sources):
            raise UnknownData(f"no file is of a known format: {'; '.join(summary.unknown)}")
    return summary


@contextmanager
def _supplier(
    sources: Sequence[str], out: str, options: ConvertOptions, bare: bool, engine: Engine
) -> Iterator[tuple[Sequence[FilePart], Iterator[Piece], Write]]:
    """The parts of the sources, their pieces in order, and what writes the rows of a piece to the output."""
    goes_on = len(sources) > 1 and options.on_invalid != "error"
    how_read = (options.name, options.adapter, options.repair)
    workers = processes_for(sources, out, options) if engine.name == "local" else 1
    if workers > 1:
        parts = list(cut_files(sources, 0, *how_read))
        with placed_pieces(parts, options, bare, out, workers, goes_on) as pieces:
            yield parts, pieces, len  # the rows are written already
        return
    parts = engine.parts(sources, *how_read)
    kind, joined = output_kind(out), takes_text(out)
    pieces = engine.each(part_pieces, parts, options, bare, kind, joined, goes_on, engine.item_bytes)
    restorable = Restorable(origin.COLUMN, partial(origin.moved, options.target))
    with writer(out, shard_rows=options.shard_rows, restorable=restorable) as write:
        yield parts, pieces, write


def processes_for(sources: Sequence[str], out: str, options: ConvertOptions) -> int:
    """How many processes to use; 1 where parts of the output cannot simply be put together, or files are small."""
    one_file = out.endswith((".jsonl", ".ndjson")) and not is_sharded(out)
    plain = one_file and (os.path.isfile(out) or not os.path.lexists(out))
    if options.on_invalid == "error" or not plain or "-" in sources or options.workers == 1:
        return 1
    if options.workers:
        return options.workers
    size = sum(os.path.getsize(source) for source in sources if os.path.isfile(source))
    return min(os.cpu_count() or 1, 8) if size >= WORTHWHILE_BYTES else 1


def _of_one_part(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The pieces up to the last one of a part."""
    for piece in pieces:
        yield piece
        if piece.account:
            return


@contextmanager
def _rejects(out: str) -> Iterator[Write]:
    """A function that writes lines to the rejects file, which is there afterwards if there was any line."""
    with ExitStack() as stack:
        write: Write | None = None

        def reject(lines: Sequence[bytes]) -> None:
            nonlocal write
            if lines and out != "-":
                write = write or stack.enter_context(writer(rejects_path(out)))
                write(lines)

        yield reject
    if not write and out != "-":
        remove_output(rejects_path(out))


def _account(source: str, options: ConvertOptions) -> SourceAccount:
    """A new account.  The digest is taken before the output, which may be the same file, is in place."""
    return SourceAccount(file=source, container=container(source), digest=digest(source) if options.digests else None)


def _problem(line: bytes) -> Problem:
    """The problem that a line of the rejects file tells of."""
    fields = msgspec.json.decode(line)
    return Problem(**{name: fields[name] for name in Problem.__struct_fields__})
