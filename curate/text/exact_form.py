"""The text of a row as exact duplicates are told by it: all of it counts but what --normalise folds.

Two things never count: white space at the ends of lines and of the text, and how characters are composed of marks
(NFC).  Indentation, superscripts, case, width and operators do count, so that 2⁵ is not 25, and a loop is not the same
loop indented otherwise.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence

from curate.errors import CurateError
from curate.text.chinese import REMEDY, can_simplify, simplified
from curate.text.normal import turns_hash
from schemas.record import Conversation

# What can be folded, in the order in which it is.
FOLDS = {
    "width": "full-width and half-width forms of a character",
    "compatibility": "NFKC, so width and also superscripts, ligatures, circled digits",
    "case": "upper and lower case",
    "chinese": "traditional and simplified characters, by OpenCC",
    "punctuation": "punctuation is left out; operators count",
    "space": "any run of white space is one blank",
}


def check_folds(folds: Sequence[str]) -> None:
    """Check that each is one of FOLDS, and that what it needs is installed.

    Raises:
        CurateError: for the first that is not.
    """
    for fold in folds:
        if fold not in FOLDS:
            raise CurateError(f"unknown fold {fold!r} of --normalise; folds are {', '.join(FOLDS)}")
    if "chinese" in folds and not can_simplify():
        raise CurateError(f"--normalise chinese needs opencc: {REMEDY}")


def exact_form(text: str, folds: Collection[str] = ()) -> str:
    """The text in NFC without white space at the ends of its lines, and with these folds.

    Args:
        text: any text.
        folds: some of FOLDS.
    """
    if folds:
        text = _folded(text, folds)
    elif not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if "\n" not in text:
        return text.rstrip()
    return "\n".join(map(str.rstrip, text.split("\n"))).rstrip()


def exact_key(record: Conversation, folds: Collection[str] = ()) -> bytes:
    """128-bit hash of the text of a row: every turn with its role, in its exact form.

    Tool calls and typed parts count as they are; metadata does not count.
    """
    return turns_hash(record, lambda text: exact_form(text, folds))


def _folded(text: str, folds: Collection[str]) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC" if "compatibility" in folds else "NFC", text)
    if "width" in folds and not text.isascii():
        text = unicodedata.normalize("NFC", "".join(map(_of_common_width, text)))
    if "case" in folds:  # which can undo the normal form (the angstrom sign, some ligatures)
        text = unicodedata.normalize("NFKC" if "compatibility" in folds else "NFC", text.casefold())
    if "chinese" in folds:
        text = simplified(text)
    if "punctuation" in folds:
        text = "".join(c for c in text if c in OPERATORS or unicodedata.category(c)[0] != "P")
    return " ".join(text.split()) if "space" in folds else text


# Signs of category P that are operators of code and maths.
OPERATORS = frozenset("%&*-/@\\")


def _of_common_width(character: str) -> str:
    """A full-width or half-width form as the character that it is a form of."""
    tag, _, rest = unicodedata.decomposition(character).partition(" ")
    return "".join(chr(int(code, 16)) for code in rest.split()) if tag in ("<wide>", "<narrow>") else character
