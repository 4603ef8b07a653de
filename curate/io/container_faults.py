"""Files that are not what their names say, seen from their beginnings, with what to do about them."""

from __future__ import annotations

import re

from curate.errors import UnknownData
from curate.io.malformed import SPACE, is_json
from curate.io.scan import Scanner
from curate.io.stream import Stream
from schemas.container import values_of

# A first line that ends within this is not looked for further on.
FIRST_BYTES = 4096
HEAD_BYTES = 1 << 20
# No writer of JSONL makes a first line that is a bracket alone: what follows is an array under the wrong name.
ARRAY_OF_LINES = re.compile(rb"[ \t\r\n]*\[[ \t\r]*\n")
PAGE = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|script|title)\b", re.DOTALL | re.IGNORECASE
)
XML = re.compile(rb"\s*<\?xml\b")
POINTER = b"version https://git-lfs.github.com/spec/"
NAME = re.compile(r"[\w][\w .-]{0,63}")
DELIMITERS = ",;\t|"
SAID = {"\t": "tabs", ";": "semicolons", "|": "vertical bars", ",": "commas"}


def check_is_data(stream: Stream) -> None:
    """Check that a text is no web page and no stand-in for a file.

    Raises:
        UnknownData: that says what it is.
    """
    head = stream.peek(FIRST_BYTES)
    if PAGE.match(head):
        raise UnknownData(
            f"{stream.path}: this is HTML, a web page and no data, as sites show it in place of a file; fetch the file "
            "itself, on the Hugging Face hub under /resolve/ for /blob/, on GitHub under raw.githubusercontent.com"
        )
    if XML.match(head):
        raise UnknownData(f"{stream.path}: this is XML; write its rows as JSON lines first")
    if head.startswith(POINTER):
        raise UnknownData(f"{stream.path}: this is a pointer of Git LFS, not the file; fetch it with git lfs pull")


def is_array_of_lines(stream: Stream) -> bool:
    """Whether a file of JSON lines begins with a bracket alone, so that it is an array."""
    return bool(ARRAY_OF_LINES.match(stream.peek(FIRST_BYTES)))


def fault_of_lines(stream: Stream) -> UnknownData | None:
    """What is wrong with a file of JSON lines as a whole: that it is an array, or has rows of several lines."""
    head = stream.peek(FIRST_BYTES).lstrip(SPACE)
    if b"\n" not in head:
        head = stream.peek(HEAD_BYTES).lstrip(SPACE)
    first, feed, _ = head.partition(b"\n")
    first = first.rstrip(SPACE)
    if not feed or first[:1] not in (b"{", b"[") or is_json(first) or values_of(first):
        return None
    # What ends elsewhere is a broken row.
    if first[-1:] not in (b",", b"{", b"["):
        return None
    remedy = "name it .json, or let `curate convert` read it with --on-invalid repair"
    if first[:1] == b"[":
        return UnknownData(f"{stream.path}: this is a JSON array, not JSON lines; {remedy}")
    text = stream.peek(HEAD_BYTES).lstrip(SPACE)
    scanner = Scanner()
    scanner.scan(text)
    if scanner.ends and is_json(text[: scanner.ends[0]]):
        return UnknownData(f"{stream.path}: a row takes several lines, as in no file of JSON lines; {remedy}")
    return None


def delimiter_of(stream: Stream, expected: str) -> str:
    """What stands between the names of a header: what is expected, or another that alone makes several names of it."""
    header = stream.peek(FIRST_BYTES).partition(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
    if expected in header:
        return expected
    for delimiter in DELIMITERS:
        names = [name.strip().strip('"') for name in header.split(delimiter)]
        if len(names) > 1 and all(map(NAME.fullmatch, names)):
            return delimiter
    return expected


def other_delimiter(path: str, found: str) -> UnknownData:
    """The error for a table whose cells are not separated as its name says."""
    name = {"\t": "name it .tsv, or ", ",": "name it .csv, or "}.get(found, "write it with commas, or ")
    return UnknownData(
        f"{path}: its cells are separated by {SAID[found]} ({found!r}); "
        f"{name}let `curate convert` read it with --on-invalid repair"
    )
