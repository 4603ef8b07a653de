"""Text that is not UTF-8, and how to make it so."""

from __future__ import annotations

from shlex import quote

from curate.errors import CurateError
from curate.io.stream import Stream, opened
from schemas.encodings import encoding_of
from schemas.encodings import how_to_convert as convert_from

SEEN = 1 << 20


def how_to_convert(path: str) -> str:
    """What to do with a file in another encoding, which its text tells; where it does not, GBK is the commonest."""
    found = ""
    if path != "-":  # which is read already
        with opened(path) as stream:
            found = encoding_of(_not_ascii(stream))
    if not found:
        return f"convert it first, from GBK say: iconv -f GBK -t UTF-8 {quote(path)} > NEW"
    return convert_from(found, quote(path))


def _not_ascii(stream: Stream) -> bytes:
    """The lines of the beginning of a text that are not plain ASCII."""
    return b"\n".join(line for line in stream.peek(SEEN).split(b"\n") if not line.isascii())


def not_utf8(path: str, data: bytes, row: int | None = None) -> CurateError | None:
    """The error for text that is not UTF-8; None if it is.

    Args:
        path: the file.
        data: the text, of a row or of the whole file.
        row: the number of the row; None where `data` is the file.
    """
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = f"{path} row {row}" if row else f"{path}: byte {error.start}"
        return CurateError(f"{place}: the text is not UTF-8; {how_to_convert(path)}")
    return None
