"""Files to another format, every row accounted for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import cast

import msgspec

from curate.convert.accounts import Source, Summary
from curate.digest import digest
from curate.errors import CurateError
from curate.io import Block, blocks, container, writer
from curate.io.atomic import remove_output
from curate.io.shards import SHARD_ROWS, companion, is_sharded
from curate.progress import Progress, silent
from curate.table.reading import SAMPLE_ROWS, decoder_for, plain_size
from schemas import origin
from schemas.adapt import Adapter
from schemas.decode import Read, RowDecoder
from schemas.encode import NotPlain, RowEncoder
from schemas.lane import Lane, lane
from schemas.problems import Invalid, Problem
from schemas.row import Format, Shape, one_line

# Below this, starting processes costs more than they bring.
WORTHWHILE_BYTES = 128 << 20


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How to convert.

    Attributes:
        to: the format to write.
        name: the format of the sources, `mixed`, or None to find it out file by file.
        on_loss: what to do with fields that `to` does not name: keep, drop or error.
        on_invalid: `reject` lists invalid rows beside the output, `repair` mends those that can safely be and lists the
            others, `error` stops at the first and writes nothing.
        turns: see RowEncoder.
        lossless: whether each row carries what turns it back into the row it was.
        names: the format's field name and role for those that the sources have instead.
        roles: the format's field name and role for those that the sources have instead.
        workers: processes; 0 for as many as the sources and this machine make worthwhile.
        shard_rows: rows of each file where the output is named with a `*`.
        digests: whether the summary is to say the SHA-256 of each source.
    """

    to: Format
    name: str | None = None
    on_loss: str = "keep"
    on_invalid: str = "reject"
    turns: str | None = None
    lossless: bool = False
    names: dict[str, str] = {}
    roles: dict[str, str] = {}
    workers: int = 0
    digests: bool = False
    shard_rows: int = SHARD_ROWS

    @property
    def adapter(self) -> Adapter | None:
        """What maps names and roles; None where there is nothing to map."""
        return Adapter(self.names, self.roles) if self.names or self.roles else None


def rejects_path(out: str) -> str:
    """Where the rejected rows of an output go."""
    return companion(out, ".rejects.jsonl")


def convert(
    sources: Sequence[str], out: str, options: Options, progress: Progress = silent, engine: str = "local"
) -> Summary:
    """Write the rows of the sources, in order, to `out`.

    Rejected rows go to `rejects_path(out)`, with the row as it was; for standard output they are only counted.
    ChatML is written as bare lists where no row carries more than its turns.

    Args:
        progress: told how far it has come, in bytes of plain sources.
        engine: `local`, or `ray` within `curate.engine.ray.connect`; the bytes are the same.

    Raises:
        CurateError: for a source that cannot be read, and with code 1 for the first invalid row if `on_invalid` is
            `error`.
    """
    if options.lossless and options.turns == "split":
        raise CurateError("--lossless and --turns split exclude each other: one row cannot be restored from several")
    bare = bool(options.to.bare) and not options.lossless
    if bare and options.on_loss == "keep" and (out == "-" or "-" in sources):
        bare = False  # a stream cannot be begun anew when a row turns out to carry more
    try:
        return _convert(sources, out, options, bare, progress, engine)
    except NotPlain:
        return _convert(sources, out, options, False, progress, engine)


def _convert(
    sources: Sequence[str], out: str, options: Options, bare: bool, progress: Progress, engine: str
) -> Summary:
    if engine == "ray":
        from curate.convert import on_ray as convert_on_ray

        return convert_on_ray.convert(sources, out, options, bare, progress)
    workers = processes_for(sources, out, options)
    if workers > 1:
        from curate.convert import parallel as convert_parallel

        return convert_parallel.convert(sources, out, options, bare, workers, progress)
    summary = Summary()
    with ExitStack() as stack:
        write = stack.enter_context(writer(out, shard_rows=options.shard_rows))
        rejects: list = []

        def reject(rows: list[bytes]) -> None:
            if rows and out != "-":
                if not rejects:
                    rejects.append(stack.enter_context(writer(rejects_path(out))))
                rejects[0](rows)

        total = sum(map(plain_size, sources))
        done = 0
        for source in sources:
            for size, rows, rejected in _source(source, options, bare, summary):
                write(rows)
                reject(rejected)
                done += size
                progress(f"{summary.read:,} rows", min(done, total), total)
    if out != "-" and not summary.rejected:
        remove_output(rejects_path(out))
    return summary


def processes_for(sources: Sequence[str], out: str, options: Options) -> int:
    """How many processes to use; 1 where parts of the output cannot simply be put together, or files are small."""
    one = out.endswith((".jsonl", ".ndjson")) and not is_sharded(out)
    plain = one and (os.path.isfile(out) or not os.path.lexists(out))
    if options.on_invalid == "error" or not plain or "-" in sources or options.workers == 1:
        return 1
    if options.workers:
        return options.workers
    size = sum(os.path.getsize(source) for source in sources if os.path.isfile(source))
    return min(os.cpu_count() or 1, 8) if size >= WORTHWHILE_BYTES else 1


def _source(
    source: str, options: Options, bare: bool, summary: Summary
) -> Iterator[tuple[int, list[bytes], list[bytes]]]:
    """For each block its size in bytes, the rows to write and the lines for the rejected ones."""
    account = begun(source, options, summary)
    conversion = None
    for block in blocks(source, lenient=options.on_invalid == "repair"):
        if conversion is None:
            settled = decoder(source, options, block.rows[:SAMPLE_ROWS])
            conversion = Conversion(account, settled, options, bare, summary)
        size = len(block.text) if block.text is not None else sum(map(len, block.rows))
        yield size, *conversion.block(block)


def begun(source: str, options: Options, summary: Summary) -> Source:
    """A new account of a source.  Its digest is taken before the output, which may be the same file, is in place."""
    account = Source(file=source, container=container(source), digest=digest(source) if options.digests else None)
    summary.sources.append(account)
    return account


def decoder(source: str, options: Options, sample: Sequence[bytes]) -> RowDecoder:
    """The decoder for a source whose first rows are `sample`.

    Raises:
        CurateError: if they fit no format.
    """
    return decoder_for(source, options.name, sample, options.adapter, options.on_invalid == "repair")


class Conversion:
    """Converts the blocks of one source and keeps account in `source` and `summary`."""

    def __init__(self, source: Source, decoder: RowDecoder, options: Options, bare: bool, summary: Summary) -> None:
        self.source = source
        self.decoder = decoder
        self.options = options
        self.to = options.to
        self.encoder = RowEncoder(options.to, options.on_loss, bare, options.turns)
        self.summary = summary
        self.lanes: dict[str, Lane | None] = {}
        self.mixed = len(decoder.formats) > 1
        one_format = len(decoder.formats) == 1 and decoder.formats[0].name != options.to.name
        self.short = one_format and not options.lossless and decoder.adapter is None

    def block(self, block: Block) -> tuple[list[bytes], list[bytes]]:
        """(rows written, lines for the rejected ones) of a block."""
        lane = self._lane(self.decoder.last.shape) if self.short else None
        lines = None
        if lane:
            lines = (
                lane.block(block.text, block.lines)
                if block.text
                else lane.block(b"\n".join(block.rows), len(block.rows))
            )
        self.source.format = "mixed" if self.mixed else self.decoder.formats[0].name
        rejected: list[bytes] = []
        if lines is not None and None not in lines:
            rows = cast(list[bytes], lines)
            self.summary.block(self.source, len(rows), len(rows), 0)
            return rows, rejected
        rows = []
        results = self.decoder.block(block.rows) if lines is None else None
        for i, data in enumerate(block.rows):
            line = lines[i] if lines else None
            if line is not None:
                rows.append(line)
                continue
            result = self.decoder.one(data) if results is None else results[i]
            try:
                if type(result) is Problem:
                    raise Invalid(result.code, result.path, result.message)
                rows += self._rows(result, data, block.numbers[i])  # type: ignore[arg-type]
            except Invalid as invalid:
                rejected.append(self._reject(invalid.problem.at(self.source.file, block.numbers[i]), data))
        self.summary.block(self.source, len(block.rows), len(rows), len(rejected))
        return rows, rejected

    def _lane(self, shape: Shape) -> Lane | None:
        if shape.name not in self.lanes:
            self.lanes[shape.name] = lane(shape, self.to, self.encoder.bare)
        return self.lanes[shape.name]

    def _rows(self, read: Read, given: bytes, number: int) -> list[bytes]:
        """The rows that one row becomes.  Raises Invalid for one that does not fit the target."""
        data = read.data or given
        summary, record = self.summary, read.conversation
        if self.mixed:
            name = read.format.name
            self.source.formats[name] = self.source.formats.get(name, 0) + 1
        taken = origin.take(record)
        edited = taken is not None and taken.edited
        back = taken is not None and taken.restores(self.to)
        lost: list[str] = []
        if not back and self._is_target(read) and self.options.on_loss == "keep" and self.options.turns is None:
            out = [one_line(data)]
            edited = False
        elif back and taken is not None:
            out = [taken.row]
            summary.became("restored", self.source, number)
        else:
            out = []
            for encoded in self.encoder.rows(record):
                lost += encoded.lost
                line = encoded.data
                if taken is not None and not edited:
                    line = origin.attach(line, self.to, taken.label, taken.row)
                elif self.options.lossless:
                    line = origin.attach(line, self.to, origin.label_of(read), one_line(data))
                out.append(line)
        # Only what is written is counted: any step before this one may have refused the row.
        if read.repairs:
            summary.mended(self.source, number, read.repairs, given)
        if lost:
            summary.loses(self.source, number, list(dict.fromkeys(lost)), given)
        if edited:
            summary.became("edited", self.source, number)
        if len(out) > 1:
            summary.became("split", self.source, number)
        return out

    def _is_target(self, read: Read) -> bool:
        """Whether a row is already as it would be written."""
        if read.format.name != self.to.name:
            return False
        # Dolly's and SFT's variants share one shape, so that the shape does not tell them.
        return not self.to.variant or (read.shape == self.to.shapes[0] and len(self.to.shapes) > 1)

    def _reject(self, problem: Problem, row: bytes) -> bytes:
        """A line of the rejects file: the problem, and the row as it was (text, since it may not be JSON)."""
        if self.options.on_invalid == "error":
            raise CurateError(f"{problem}. Nothing was written.", 1)
        text = row.decode("utf-8", "backslashreplace")
        self.summary.rejects(problem, text)
        return msgspec.json.encode({**msgspec.structs.asdict(problem), "text": text})
