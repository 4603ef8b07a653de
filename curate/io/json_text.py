"""JSON files in all layouts: an array of rows, JSON lines, or objects one after the other.

Which of them is seen from the first megabyte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from curate.io.array import SUSPECT_BYTES, elements
from curate.io.lines import Block, line_blocks
from curate.io.malformed import SPACE, Place, check_opening, fault, is_json, is_row, malformed, one_line
from curate.io.scan import Scanner
from curate.io.stream import Stream
from schemas.duplicate_keys import twins
from schemas.row import fields_of

HEAD_BYTES = 1 << 20
BLOCK_ROWS = 1000
WRAPPERS = ("data", "rows", "train", "examples")
# An object with one of these is a row itself, whatever lists it has beside.
ROW_FIELDS = frozenset(
    {"instruction", "input", "output", "prompt", "completion", "response", "context", "input_text", "target_text"}
    | {"messages", "conversations", "conversation", "text", "task", "instances", "question", "answer"}
    | {"query", "problem", "solution", "contents", "target", "inputs", "targets"}
    | {"指令", "输出", "问题", "回答", "答案"}
)
ALONE = re.compile(rb"^[\[{][ \t\r]*$", re.MULTILINE)
_encode = msgspec.json.Encoder().encode
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_raws = msgspec.json.Decoder(list[msgspec.Raw]).decode
_objects = msgspec.json.Decoder(list[dict[str, msgspec.Raw]]).decode


def layout(head: bytes, whole: bool) -> str:
    """array, lines, values (objects one after the other, or a single one), or other, by the beginning of a text.

    A first line that is a JSON value with more after it makes JSON lines, even if a later line is broken; but not if a
    later line is an opening bracket alone, which begins an object of several lines.

    Args:
        head: the beginning of the text.
        whole: whether `head` is all of it.
    """
    text = head.lstrip(SPACE)
    if text[:1] not in (b"{", b"["):
        return "other"
    first, _, rest = text.partition(b"\n")
    more = bool(rest.strip(SPACE))
    begins_a_row = is_json(first)
    of_several_lines = bool(ALONE.search(text))
    if more and begins_a_row and not of_several_lines:
        return "lines"
    scanner = Scanner()
    scanner.scan(text)
    if text[:1] == b"[":
        return "values" if scanner.ends and text[scanner.ends[0] :].strip(SPACE) else "array"
    several_in_line = scanner.ends and scanner.ends[0] < len(first.rstrip(SPACE)) and is_json(text[: scanner.ends[0]])
    if more and not (begins_a_row or of_several_lines or several_in_line) and rest.lstrip(b"\r\n")[:1] in (b"{", b"["):
        return "lines"  # of which the first is broken
    return "values" if more or scanner.ends or not whole else "other"


def json_blocks(stream: Stream, size: int, lenient: bool = False, mend: bool = False) -> Iterator[Block]:
    """The rows of a .json file.

    A list of turns, as the whole file, is one ChatML row; a single object is one row, or the rows that it wraps.

    Args:
        stream: the text.
        size: how many bytes to read at a time.
        lenient: whether rows that are not JSON are passed on where their brackets match, for their reader to repair.
        mend: see `line_blocks`.

    Raises:
        CurateError: naming row, line and column for a file that is not JSON.
    """
    head = stream.peek(HEAD_BYTES)
    kind = layout(head, len(head) < HEAD_BYTES)
    if kind == "lines":
        yield from line_blocks(stream, size, mend)
    elif kind == "array":
        yield from _numbered(_array(stream, size, lenient))
    else:
        yield from _numbered(_values(stream, size, lenient))


def text_blocks(stream: Stream, size: int, lenient: bool = False, mend: bool = False) -> Iterator[Block]:
    """The rows of standard input: JSON lines, unless the text is seen to be an array or objects of several lines."""
    head = stream.peek(HEAD_BYTES)
    kind = layout(head, len(head) < HEAD_BYTES)
    if kind in ("lines", "other"):
        yield from line_blocks(stream, size, mend)
    else:
        yield from json_blocks(stream, size, lenient, mend)


def _numbered(parts: Iterator[list[bytes]]) -> Iterator[Block]:
    number = 1
    for rows in parts:
        yield Block(rows, range(number, number + len(rows)))
        number += len(rows)


def _array(stream: Stream, size: int, lenient: bool) -> Iterator[list[bytes]]:
    parts = elements(stream, size, lenient)
    first = next(parts, None)
    if first is None:
        return
    if _is_turn(first[0]):
        yield [b"[%b]" % b",".join([*first, *(row for rows in parts for row in rows)])]
        return
    yield first
    yield from parts


def _is_turn(row: bytes) -> bool:
    """Whether the first element of an array says that the array is itself one row, a list of turns."""
    try:
        names = _fields(row)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return "role" in names and "content" in names and "messages" not in names


def _values(stream: Stream, size: int, lenient: bool) -> Iterator[list[bytes]]:
    """Objects and lists that follow one another with nothing but white space between."""
    path, place, number = stream.path, Place(), 1
    text = bytearray()
    scanner = Scanner()
    suspect = SUSPECT_BYTES
    single: list[bytes] | None = None
    while data := stream.read(size):
        text += data
        scanner.scan(text)
        if scanner.ends:
            rows = _complete_rows(path, text, scanner.ends, number, place, lenient)
            start = scanner.ends[-1]
            if number == 1 and len(rows) == 1:
                single = rows
            else:
                yield [*(single or ()), *rows]
                single = None
            number += len(rows)
            place.go(text[:start])
            del text[:start]
            closed = scanner.closed - start if scanner.closed >= 0 else -1
            scanner = Scanner()
            scanner.closed = closed
            suspect = SUSPECT_BYTES
        elif len(text) > suspect:
            check_opening(path, number, place, bytes(text))
            suspect = 2 * len(text)
        if scanner.closed >= 0:
            place.go(text[: scanner.closed])
            raise fault(path, number, place, b"", "this bracket closes nothing", 0)
    if text.strip(SPACE):
        raise malformed(path, number, place, bytes(text))
    if single:
        wrapped = _wrapped(single[0])
        for i in range(0, len(wrapped), BLOCK_ROWS):
            yield wrapped[i : i + BLOCK_ROWS]


def _complete_rows(
    path: str, text: bytearray, ends: Sequence[int], number: int, place: Place, lenient: bool
) -> list[bytes]:
    """The rows that end at these positions of the text.

    Raises:
        CurateError: for the first that is not a row.
    """
    rows: list[bytes] = []
    start = 0
    for end in ends:
        row = bytes(text[start:end])
        if row.lstrip(SPACE)[:1] not in (b"{", b"[") or not (lenient or is_row(row)):
            place.go(text[:start])
            raise malformed(path, number + len(rows), place, row)
        rows.append(one_line(row))
        start = end
    return rows


def _wrapped(row: bytes) -> list[bytes]:
    """The rows that a single object wraps or has by keys, or the object itself.

    It wraps rows if exactly one of its values is a list of objects, that one is called data, rows, train or
    examples, and no other field is one that rows have.  Anything less plain stays one row: taking a row apart would
    lose it, while a wrapper that is not seen as one, or that has one key twice, is reported by whoever reads the row.
    """
    fields = fields_of(row)
    if fields is None or not ROW_FIELDS.isdisjoint(fields):
        return [row]
    keyed = _keyed(fields)
    if keyed:
        return keyed
    lists = {}
    for name, value in fields.items():
        try:
            lists[name] = _objects(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
    lists = {name: rows for name, rows in lists.items() if rows}
    if len(lists) != 1 or next(iter(lists)) not in WRAPPERS or _drops_rows(row):
        return [row]
    return [bytes(raw) for raw in _raws(fields[next(iter(lists))])]


def _drops_rows(row: bytes) -> bool:
    """Whether an object has one of its own keys twice, of which `_fields` kept the last."""
    text = msgspec.json.format(row, indent=-1)
    if len(_encode(_fields(text))) == len(text):
        return False
    return any(f".{twin.path.rpartition('.')[2]}" == twin.path[1:] for twin in twins(text))


def _keyed(fields: dict[str, msgspec.Raw]) -> list[bytes]:
    """The rows of an object whose values all are rows, each with its key; none if any value is no row.

    The key becomes the row's `id`, or its `key` where it has another id.
    """
    rows = []
    for key, value in fields.items():
        row = fields_of(bytes(value))
        if row is None or ROW_FIELDS.isdisjoint(row) or "key" in row:
            return []
        name = "key" if "id" in row else "id"
        rows.append(msgspec.json.encode({name: key, **row}))
    return rows
