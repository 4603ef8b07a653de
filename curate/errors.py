"""The one error that users see without a traceback."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


def reason(error: Exception) -> str:
    """Why a file cannot be read, in words alone: no number of an error, no name of a codec."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return f"it is not UTF-8 (byte {error.start})" if isinstance(error, UnicodeDecodeError) else str(error)


class CurateError(Exception):
    """Something the user can mend: the message says what was found and what to do.

    Args:
        code: the exit code, 1 when the data are at fault and 2 for usage or unreadable input.
    """

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


class UnknownData(CurateError):
    """A file that holds no rows of a known format, which is seen before any row of it is used."""


def no_rows(sources: Sequence[str]) -> CurateError:
    """The error of every command for inputs that hold no row at all; several of which one does are no error.

    Args:
        sources: the inputs, as they were named.
    """
    if len(sources) == 1:
        what = "standard input has no rows" if sources[0] == "-" else f"{sources[0]}: the file has no rows"
    else:
        what = f"none of the {len(sources):,} inputs has a row ({', '.join(sources[:3])}{', ...' * (len(sources) > 3)})"
    return CurateError(f"{what}; look whether it is the right name and whether what wrote it has finished", 1)


def did_you_mean(name: str, known: Iterable[str], most: int = 1) -> str:
    """`did you mean 'x'? `, to stand before what else to do; "" where no name is near.

    Args:
        name: as it was given.
        known: names that there are.
        most: how many of them to offer.
    """
    close = difflib.get_close_matches(name, list(known), most)
    return f"did you mean {' or '.join(map(repr, close))}? " if close else ""
