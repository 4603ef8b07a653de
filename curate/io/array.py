"""Rows that are the elements of one JSON array, of any size, in bounded memory.

The text is cut at commas between rows, and each piece, put in brackets again, is decoded as a list of raw values.
If a piece decodes so, then the cut was at the end of a row: inside a string or an object the added bracket would not
close the list.  So the place to cut may be guessed, and is: the rows of a file begin alike.  Where a guess is wrong
the piece is scanned for its brackets instead, which is some ten times slower.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from curate.errors import CurateError
from curate.io.malformed import SPACE, Place, check_opening, fault, is_row, malformed, one_line
from curate.io.scan import Scanner
from curate.io.stream import Stream

# A row longer than this is looked at for what no further text could mend before more of it is read.
SUSPECT_BYTES = 16 << 20
NEXT_ROW = re.compile(rb',\s*(?:[\[{]\s*)+"[^"\\]{0,64}"')
_raw_rows = msgspec.json.Decoder(list[msgspec.Raw]).decode


def elements(stream: Stream, size: int, lenient: bool = False) -> Iterator[list[bytes]]:
    """The elements of the array that the stream holds, without line breaks, some at a time.

    An element that is nearly JSON (see `is_row`) is passed on for the row's reader to report.

    Args:
        stream: the text of the array.
        size: how many bytes to read at a time.
        lenient: whether any other whose brackets match is passed on too, and a comma after the last one overlooked.

    Raises:
        CurateError: naming row, line and column where the array breaks.
    """
    path, place, number = stream.path, Place(), 1
    text = _opened(stream, size, place)
    guess, offset, pretty = b"", 0, False
    suspect = SUSPECT_BYTES
    scanner = Scanner()
    while True:
        rows: list[bytes] | None = None
        at = text.rfind(guess) if guess and not scanner.at else -1
        if at >= 0:
            cut = at + offset
            rows = _decoded(text, cut, pretty)
        if not rows:
            scanner.scan(text)
            if scanner.closed >= 0:
                break
            if scanner.commas:
                cut = scanner.commas[-1]
                guess, offset = _alike(text, scanner.commas[0])
                pretty = b"\n" in guess[offset + 1 :].lstrip(SPACE)
                rows = _decoded(text, cut) or _one_by_one(path, text, scanner.commas, number, place, lenient)
        if rows:
            yield rows
            number += len(rows)
            place.go(text[: cut + 1])
            del text[: cut + 1]
            scanner = Scanner()
            suspect = SUSPECT_BYTES
        elif len(text) > suspect:
            check_opening(path, number, place, bytes(text))
            suspect = 2 * len(text)
        data = stream.read(size)
        if not data:
            scanner.scan(text)
            if scanner.closed >= 0:
                break
            raise _unclosed(path, text, scanner.commas, number, place)
        text += data
    yield from _closing(stream, size, text, scanner, number, place, lenient)


def _opened(stream: Stream, size: int, place: Place) -> bytearray:
    """What follows the opening bracket of the array, which the stream is known to begin with."""
    text = bytearray()
    while not (start := len(text) - len(text.lstrip(SPACE))) < len(text):
        text += stream.read(size)
    place.go(text[: start + 1])
    return text[start + 1 :]


def _closing(
    stream: Stream, size: int, text: bytearray, scanner: Scanner, number: int, place: Place, lenient: bool
) -> Iterator[list[bytes]]:
    """The last rows, up to the closing bracket of the array, after which there must be nothing."""
    end = scanner.closed
    if number > 1 or text[:end].strip(SPACE):
        rows = _decoded(text, end) if text[:end].rstrip(SPACE)[-1:] != b"," else None
        rows = rows or _one_by_one(stream.path, text, [*scanner.commas, end], number, place, lenient)
        yield rows
        number += len(rows)
    place.go(text[:end])
    if text[end] != b"]"[0]:
        raise fault(stream.path, number, place, b"", "found } where ] should close the array", 0)
    place.go(b"]")
    _nothing_after(stream, size, bytes(text[end + 1 :]), number, place)


def _decoded(text: bytearray, cut: int, pretty: bool = False) -> list[bytes] | None:
    """The rows up to a cut, None if they are not all JSON or the cut is not between rows.

    Args:
        text: what was read and not yet yielded.
        cut: position of the cut.
        pretty: whether rows of several lines are expected, which only decides what is tried first.
    """
    piece = b"".join((b"[", memoryview(text)[:cut], b"]"))
    try:
        rows = None if pretty else list(map(bytes, _raw_rows(piece)))
        if rows is None or (b"\n" in piece and any(b"\n" in row for row in rows)) or b"\r" in piece:
            rows = list(map(bytes, _raw_rows(msgspec.json.format(piece, indent=-1))))
    except (msgspec.DecodeError, RecursionError):
        return None
    return rows


def _one_by_one(
    path: str, text: bytearray, cuts: Sequence[int], number: int, place: Place, lenient: bool = False
) -> list[bytes]:
    """The rows that end at the cuts.

    Raises:
        CurateError: for the first that is not a JSON value.
    """
    rows: list[bytes] = []
    start = 0
    for cut in cuts:
        row = bytes(text[start:cut])
        if lenient and cut == cuts[-1] and not row.strip(SPACE):
            break
        if not (lenient and row.strip(SPACE)) and not is_row(row):
            place.go(text[:start])
            raise malformed(path, number + len(rows), place, row)
        rows.append(one_line(row))
        start = cut + 1
    return rows


def _unclosed(path: str, text: bytearray, commas: Sequence[int], number: int, place: Place) -> CurateError:
    """The error for an array that the file ends within."""
    number += len(_one_by_one(path, text, commas, number, place))
    start = commas[-1] + 1 if commas else 0
    place.go(text[:start])
    rest = bytes(text[start:])
    if is_row(rest) or not rest.strip(SPACE):
        return fault(path, number, place, rest, "the array ends here without ]", len(rest.decode("utf-8", "replace")))
    return malformed(path, number, place, rest)


def _alike(text: bytearray, comma: int) -> tuple[bytes, int]:
    """The text around the comma that ends a row, to look for where other rows end, and where in it the comma is."""
    following = NEXT_ROW.match(text, comma)
    last = comma - 1
    while last > 0 and text[last] in SPACE:
        last -= 1
    if not following or text[last] not in b"}]":
        return b"", 0
    return bytes(text[last : following.end()]), comma - last


def _nothing_after(stream: Stream, size: int, text: bytes, number: int, place: Place) -> None:
    while True:
        rest = text.lstrip(SPACE)
        if rest:
            place.go(text[: len(text) - len(rest)])
            raise fault(stream.path, number, place, b"", "there is text after the end of the array", 0)
        place.go(text)
        text = stream.read(size)
        if not text:
            return
