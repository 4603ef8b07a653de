"""Rows that are lines: JSONL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from curate.errors import CurateError
from curate.io.stream import Stream
from schemas.container import rows_of_line

# A row must be held whole; what is longer than this is no row, and must not fill the memory.
MOST_ROW_BYTES = 1 << 30


class Block:
    """Some rows that follow one another.

    Args:
        rows: JSON text, one value each, without line breaks.
        numbers: their row numbers, from 1; for JSONL the line numbers.

    Attributes:
        text: for consecutive lines of a file their text, without the last line feed and perhaps with blank lines;
            it is split when `rows` is read.  None for other rows.
        lines: how many lines `text` has, 0 for other rows.
    """

    def __init__(self, rows: list[bytes], numbers: Sequence[int]) -> None:
        self.text: bytes | None = None
        self.lines = 0
        self._first = 1
        self._rows: list[bytes] | None = rows
        self._numbers = numbers

    @classmethod
    def of_lines(cls, text: bytes, first: int) -> Block:
        """The block of these lines.

        Args:
            text: the lines.
            first: the number of the first one.
        """
        block = cls([], ())
        block.text, block.lines, block._rows, block._first = text, text.count(b"\n") + 1, None, first
        return block

    @property
    def rows(self) -> list[bytes]:
        """The rows, cut apart once."""
        if self._rows is None:
            self._cut()
        return self._rows  # type: ignore[return-value]

    @property
    def numbers(self) -> Sequence[int]:
        """The numbers of the rows."""
        if self._rows is None:
            self._cut()
        return self._numbers

    def _cut(self) -> None:
        assert self.text is not None
        lines = self.text.split(b"\n")
        if b"\r" in self.text:
            lines = [line.rstrip(b"\r") for line in lines]
        if all(lines) and not any(map(bytes.isspace, lines)):
            self._rows, self._numbers = lines, range(self._first, self._first + len(lines))
        else:
            numbered = [(line, self._first + i) for i, line in enumerate(lines) if line and not line.isspace()]
            self._rows, self._numbers = [line for line, _ in numbered], [n for _, n in numbered]


def whole_lines(stream: Stream, size: int) -> Iterator[bytes]:
    """The text of a stream, as many whole lines at a time as `size` bytes hold, at least one; without the last feed."""
    pieces: list[bytes] = []
    length = 0
    while data := stream.read(size):
        cut = data.rfind(b"\n")
        if cut < 0:  # a long line is put together once, at its end
            pieces.append(data)
            length += len(data)
            if length > MOST_ROW_BYTES:
                raise CurateError(
                    f"{stream.path}: a line is longer than {MOST_ROW_BYTES >> 20} MiB; it is no JSONL file"
                )
            continue
        yield b"".join((*pieces, memoryview(data)[:cut]))
        pieces, length = [data[cut + 1 :]], len(data) - cut - 1
    text = b"".join(pieces)
    if text:
        yield text


def line_blocks(stream: Stream, size: int, mend: bool = False) -> Iterator[Block]:
    """The rows of JSONL; a line that is not JSON is a row all the same, a blank one is none but counts.

    Args:
        stream: the text.
        size: how many bytes to read at a time.
        mend: whether several rows in a line, or a list of rows, are taken apart; each has the number of the line.
    """
    number = 1
    for text in whole_lines(stream, size):
        block = Block.of_lines(text, number)
        number += block.lines
        if text and not text.isspace():
            yield _apart(block) if mend else block


def _apart(block: Block) -> Block:
    """The block with each row by itself."""
    numbers: list[int] = []
    rows: list[bytes] = []
    for number, line in zip(block.numbers, block.rows, strict=True):
        found = rows_of_line(line)
        rows += found
        numbers += [number] * len(found)
    return Block(rows, numbers) if rows != block.rows else block
