"""A conversion as one stream of pieces, whoever supplies them.

sources --> parts --> in this process, one after the other --+
                  --> workers of a cluster ------------------+--> pieces, in order --> output, rejects, summary
                  --> processes of this machine, which       |
                      write their rows themselves -----------+
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from curate.convert.accounts import ConvertSummary, SourceAccount
from curate.convert.conversion import BlockConverter
from curate.convert.options import ConvertOptions
from curate.engine.parts import FilePart
from curate.engine.unknown_data import unless_unknown
from curate.io import Block, blocks, count_lines
from curate.table.reading import decided


class PartAccount(msgspec.Struct, frozen=True):
    """What became of a part.

    Attributes:
        summary: of its rows, which are numbered from 1; it has one source.
        lines: how many lines the part has, for the row numbers of the next one; 0 for a whole file.
    """

    summary: ConvertSummary
    lines: int


class Piece(msgspec.Struct, frozen=True):
    """What some rows of a part became.

    Attributes:
        rows: rows to write, or one text of several, with line feeds between them.
        rejected: lines for the rejects file, with row numbers of the part.
        read: how many rows were read.
        size: how many bytes of text they have.
        account: with the last piece of a part, what became of the part.
    """

    rows: Sequence[bytes]
    rejected: list[bytes]
    read: int = 0
    size: int = 0
    account: PartAccount | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Of a single text the bytes are not copied on their way to another process, which gets a memoryview."""
        rows = [pickle.PickleBuffer(self.rows[0])] if len(self.rows) == 1 else self.rows
        return Piece, (rows, self.rejected, self.read, self.size, self.account)


def part_pieces(
    part: FilePart, options: ConvertOptions, bare: bool, kind: str, joined: bool, goes_on: bool, piece_bytes: int = 0
) -> Iterator[Piece]:
    """The pieces of a part, of which there is one at least.

    Args:
        part: see `_read_pieces`.
        options: how to convert.
        bare: see `_read_pieces`.
        kind: see `_read_pieces`.
        joined: see `_read_pieces`.
        goes_on: whether a source of no known format is passed over.
        piece_bytes: see `_read_pieces`.
    """

    def passed_over(why: str) -> Piece:
        summary = ConvertSummary(sources=[SourceAccount(file=part.source, container="")], unknown=[why])
        return Piece((), [], account=PartAccount(summary, 0))

    return unless_unknown(_read_pieces(part, options, bare, kind, joined, piece_bytes), goes_on, passed_over)


def _read_pieces(
    part: FilePart, options: ConvertOptions, bare: bool, kind: str, joined: bool, piece_bytes: int
) -> Iterator[Piece]:
    """The pieces of a part, of which there is one at least.

    Args:
        part: of a source.
        options: how to convert.
        bare: whether rows are written without anything around their turns.
        kind: of the output file, as `container.output_kind` says.
        joined: whether rows that follow one another are handed on as one text.
        piece_bytes: how much the rows of a piece come to, at least; 0 for a piece a block.

    Raises:
        NotPlain: if `bare` is asked for and a row carries more.
        CurateError: for a source that cannot be read.
    """
    source = SourceAccount(file=part.source, container="")  # the container is told where the parts come together
    summary = ConvertSummary(sources=[source])
    rows: list[bytes] = []
    rejected: list[bytes] = []
    handed_on = size = 0
    of_part = blocks(part.source, part.start, part.end, mend=options.repair)
    decoder, of_part = decided(part.source, part.format_name, of_part, options.adapter, options.repair)
    converter = BlockConverter(source, decoder, options, bare, summary, kind)
    for block in of_part:
        written, refused = converter.block(block)
        rows += [b"\n".join(written)] if joined and written else written
        rejected += refused
        size += _size(block)
        if not piece_bytes or sum(map(len, rows)) + sum(map(len, rejected)) > piece_bytes:
            yield Piece(_in_one(rows) if joined else rows, rejected, summary.read - handed_on, size)
            rows, rejected, handed_on, size = [], [], summary.read, 0
    lines = 0 if part.end is None else count_lines(part.source, part.start, part.end)
    account = PartAccount(summary, lines)
    yield Piece(_in_one(rows) if joined else rows, rejected, summary.read - handed_on, size, account)


def _size(block: Block) -> int:
    return len(block.text) if block.text is not None else sum(map(len, block.rows))


def _in_one(texts: list[bytes]) -> list[bytes]:
    return [b"\n".join(texts)] if len(texts) > 1 else texts


def numbered_from(line: bytes, offset: int) -> bytes:
    """A line of the rejects file with its row number counted from the start of the source.

    Args:
        line: of a part.
        offset: how many lines of the source precede the part.
    """
    if not offset:
        return line
    fields = msgspec.json.decode(line)
    return msgspec.json.encode({**fields, "row": fields["row"] + offset})
