"""Two texts side by side, with what differs marked."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import groupby
from typing import NamedTuple

# Words, characters of scripts without spaces, and all between them.
from curate.text.counted import counted

PIECES = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff]|\s+|\w+|.")
# Comparing takes time that grows with the square of the pieces.
MOST_PIECES = 3000


class TextPart(NamedTuple):
    """A part of a text.

    Attributes:
        text: as it is.
        differs: whether the other text does not have it.
    """

    text: str
    differs: bool


def difference(left: str, right: str) -> tuple[list[TextPart], list[TextPart]]:
    """Both texts in parts.  Of texts of more than MOST_PIECES words the rest is left out, with a note that says so."""
    sides = [PIECES.findall(text[: 20 * MOST_PIECES]) for text in (left, right)]
    cut = [
        len(pieces) > MOST_PIECES or len(text) > 20 * MOST_PIECES
        for pieces, text in zip(sides, (left, right), strict=True)
    ]
    sides = [pieces[:MOST_PIECES] for pieces in sides]
    one, other = ([piece.casefold() for piece in pieces] for pieces in sides)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    parts: tuple[list[TextPart], list[TextPart]] = ([], [])
    for tag, i, j, k, m in matcher.get_opcodes():
        for side, low, high in ((0, i, j), (1, k, m)):
            if high > low:
                parts[side].append(TextPart("".join(sides[side][low:high]), tag != "equal"))
    for side_parts, is_cut, text in zip(parts, cut, (left, right), strict=True):
        if is_cut:
            side_parts.append(TextPart(f" … (of {counted(len(text), 'character')})", False))
    return _merged(parts[0]), _merged(parts[1])


def _merged(parts: list[TextPart]) -> list[TextPart]:
    """The parts with marks on neighbouring words joined over the white space between them."""
    bridged = [
        TextPart(p.text, True)
        if p.text.isspace() and 0 < i < len(parts) - 1 and parts[i - 1].differs and parts[i + 1].differs
        else p
        for i, p in enumerate(parts)
    ]
    return [
        TextPart("".join(p.text for p in run), differs) for differs, run in groupby(bridged, key=lambda p: p.differs)
    ]


def marked(parts: list[TextPart], opening: str, closing: str) -> str:
    """The text with marks around what differs: those of `git diff --word-diff` are [-…-] and {+…+}."""
    return "".join(f"{opening}{part.text}{closing}" if part.differs else part.text for part in parts)
