"""The one error that users see without a traceback."""

from __future__ import annotations


class CurateError(Exception):
    """Something the user can mend: the message says what was found and what to do.

    Args:
        code: the exit code, 1 when the data are at fault and 2 for usage or unreadable input.
    """

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code
