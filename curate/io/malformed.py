"""Where a JSON text breaks, as row, JSON path, line and column."""

from __future__ import annotations

import json

import msgspec

from curate.errors import CurateError
from curate.io.lines import MOST_ROW_BYTES
from schemas import row

SPACE = b" \t\r\n"
_check = msgspec.json.Decoder(msgspec.Raw).decode


class Place:
    """Line and column, in characters, both from 1, of the text that has been passed."""

    def __init__(self) -> None:
        self.line = 1
        self.column = 1

    def go(self, text: bytes | bytearray) -> None:
        """Pass some text."""
        if b"\n" in text:  # which is found out faster than counted
            self.line += text.count(b"\n")
            self.column = 1
            text = text[text.rfind(b"\n") + 1 :]
        self.column += len(text) if text.isascii() else len(text.decode("utf-8", "replace"))


def defect(text: bytes) -> tuple[str, int] | None:
    """(what is wrong, where in characters) with text that should be one JSON value; None if nothing is.

    What Python's own decoder takes counts as a value: NaN, lone surrogates.  So does nesting that is too deep for it.
    """
    characters = text.decode("utf-8", "replace")
    start = len(characters) - len(characters.lstrip(" \t\r\n"))
    try:
        _, end = json.JSONDecoder(parse_int=float).raw_decode(characters, start)
    except json.JSONDecodeError as error:
        return error.msg[:1].lower() + error.msg[1:], error.pos
    except RecursionError:
        return None
    rest = characters[end:].lstrip(" \t\r\n")
    if rest:
        return "expected , or ] after the row", len(characters) - len(rest)
    return None


def is_json(text: bytes) -> bool:
    """Whether text is one JSON value."""
    try:
        _check(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def is_row(text: bytes) -> bool:
    """Whether text between brackets that match is a JSON value, or so nearly one that its reader can say what is wrong.

    The latter are NaN and Infinity, lone surrogates, and nesting beyond what decoders take.
    """
    try:
        _check(text)
    except RecursionError:
        return True
    except msgspec.DecodeError:
        return bool(text.strip(SPACE)) and defect(text) is None
    return True


def one_line(text: bytes) -> bytes:
    """A row without line breaks.  In valid JSON they stand between tokens only, so no value changes."""
    text = text.strip(SPACE)
    try:
        return row.one_line(text)
    except (msgspec.DecodeError, RecursionError):
        return text.replace(b"\n", b" ").replace(b"\r", b" ")


def fault(path: str, number: int, place: Place, text: bytes, reason: str, at: int) -> CurateError:
    """The error for a JSON file that does not parse.

    Args:
        path: the file.
        number: the row that is at fault, from 1.
        place: where `text` begins in the file.
        text: the row, as far as it was read.
        reason: what is wrong.
        at: where in `text`, in characters.
    """
    before = text.decode("utf-8", "replace")[:at]
    line = place.line + before.count("\n")
    column = at - before.rfind("\n") if "\n" in before else place.column + at
    return CurateError(
        f"{path}: row {number}: $[{number - 1}]: E001 the file is not JSON: {reason} (line {line}, column {column}); "
        "mend the file there. Nothing was written."
    )


def malformed(path: str, number: int, place: Place, text: bytes) -> CurateError:
    """The error for a row, `text`, that is no JSON value; `number` and `place` as for `fault`."""
    if not text.strip(SPACE):
        return fault(path, number, place, text, "there is no row here; one comma is too many", len(text))
    reason, at = defect(text) or ("expected a JSON value", 0)
    if at >= len(text.decode("utf-8", "replace").rstrip(" \t\r\n")):
        reason = "it ends here, inside the row"
    return fault(path, number, place, text, reason, at)


def check_opening(path: str, number: int, place: Place, text: bytes) -> None:
    """Raise the error of `malformed` if no text could complete `text` to a JSON value.

    A quotation mark too many makes brackets look like text to the end of the file; this finds it before
    the whole file is held.  A row longer than any that makes sense ends in an error too.
    """
    if len(text) > MOST_ROW_BYTES:
        reason = f"the row is longer than {MOST_ROW_BYTES >> 20} MiB; a bracket or quotation mark may be missing in it"
        raise fault(path, number, place, b"", reason, 0)
    try:
        _check(text)
    except RecursionError:
        return
    except msgspec.DecodeError as error:
        if "truncated" in str(error):
            return
    broken = defect(text)
    if broken and not broken[0].startswith("unterminated") and broken[1] < len(text.decode("utf-8", "replace")) - 16:
        raise malformed(path, number, place, text)
