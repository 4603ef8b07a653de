"""What becomes of a source of no known format among several: the work goes on, and says why it was passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from curate.errors import UnknownData

Result = TypeVar("Result")


def unless_unknown(results: Iterator[Result], goes_on: bool, passed_over: Callable[[str], Result]) -> Iterator[Result]:
    """The results of a source, or one that says why it was passed over.

    Args:
        results: made while the source is read.
        goes_on: whether a source of no known format is passed over.
        passed_over: the result for such a source, of why it is none.

    Raises:
        UnknownData: for such a source if the work does not go on.
    """
    try:
        yield from results
    except UnknownData as error:
        if not goes_on:
            raise
        yield passed_over(str(error))
