"""A column with which rows can be restored, where the file that they go to changes what they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Restorable(NamedTuple):
    """The column, and what to write in it once it is known what a row is read back as.

    Attributes:
        column: its name.
        text: (a row as it was to be written, the same as it is read back from the file) to the text for its column,
            None where that may stay as it is.
    """

    column: str
    text: Callable[[bytes, bytes], str | None]
