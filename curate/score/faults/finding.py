"""What a fault is, and where in a row it was found."""

from __future__ import annotations

import re

import msgspec

# Characters of a row that a finding shows.
SHOWN = 60


class FaultFinding(msgspec.Struct, frozen=True):
    """One fault of one row.

    Attributes:
        fault: its name, which is that of its column.
        certain: whether it is one beyond doubt, as at least 99 of 100 such findings are; else it is a suspicion.
        what: what is wrong, in words.
        excerpt: the place in the row, in one line.
    """

    fault: str
    certain: bool
    what: str
    excerpt: str

    def __str__(self) -> str:
        place = f": “{self.excerpt}”" if self.excerpt else ""
        return f"{self.fault}{'' if self.certain else ' (suspected)'}: {self.what}{place}"


def excerpt(text: str, start: int = 0, end: int | None = None) -> str:
    """A place of a text in one line of printable characters, with what stands around it where there is room.

    Args:
        text: the whole text.
        start: of the place, in characters.
        end: of the place; None for the end of the text.
    """
    end = len(text) if end is None else end
    room = max(0, SHOWN - (end - start)) // 2
    first, last = max(0, start - room), min(len(text), end + room, start + SHOWN)
    middle = text[first:last]
    if not middle.isprintable():
        middle = "".join(c if c.isprintable() else " " if c.isspace() else f"\\u{ord(c):04x}" for c in middle)
    return f"{'…' if first else ''}{' '.join(middle.split())}{'…' if last < len(text) else ''}"


def tail(text: str) -> str:
    """The end of a text, as an excerpt."""
    return excerpt(text, max(0, len(text) - SHOWN))


def of_match(text: str, match: re.Match[str]) -> str:
    """The place of a match, as an excerpt."""
    return excerpt(text, *match.span())
