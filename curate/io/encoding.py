"""Text that is not UTF-8, and how to make it so."""

from __future__ import annotations

from curate.errors import CurateError


def how_to_convert(path: str) -> str:
    """What to do with a file in another encoding: which one cannot be told for sure, GBK being the commonest."""
    return f"convert it first, from GBK say: iconv -f GBK -t UTF-8 {path} > NEW"


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
