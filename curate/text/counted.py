"""A number with what is counted, as English has it."""

from __future__ import annotations


def counted(count: int, what: str, several: str = "") -> str:
    """A count with what is counted: `1 row`, `1,200 rows`, `0 rows`.

    Args:
        count: how many there are.
        what: one of them, as `row` or `input file`.
        several: two of them, where that is not `what` with an s.
    """
    return f"{count:,} {what if count == 1 else several or f'{what}s'}"
