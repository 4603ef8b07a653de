"""Signs that are units of their own where a text is code or mathematics: operators, brackets, superscripts, subscripts.

    prose   and/or (so to speak)      units  and or so to speak
    maths   2⁵ = 4 * 8                units  2 ⁵ = 4 * 8
    code    if a[i] <= b: c += 1      units  if a [ i ] < = b c + = 1

A text is code or mathematics if it holds a superscript, a subscript or a mathematical sign outside ASCII; or a sign
between two numbers; or if STRONG signs are one in a hundred of its characters.
"""

from __future__ import annotations

import unicodedata

import numpy as np

# Superscripts and subscripts, as a class of a regular expression.
RAISED = "\u00b2\u00b3\u00b9\u2070-\u209c"
RAISED_CODES = np.array([0xB2, 0xB3, 0xB9, *range(0x2070, 0x209D)], np.uint32)
# Flags of a character: it counts in code and mathematics; many of it are a mark of code; one of it is one of
# mathematics; between numbers it is one of mathematics.
SIGN, STRONG, CERTAIN, BETWEEN = 1, 2, 4, 8
_SIGNS, _STRONG, _BETWEEN = frozenset("+-*/%=<>!&|^~\\{}[]()@$"), frozenset("=<>{}[];\\^&~+"), frozenset("+-*/%=<>^")
SHARE = 0.01
_BLANK = ord(" ")
_BEFORE, _AFTER = (np.array([chr(i) in numbers for i in range(129)]) for numbers in ("0123456789)", "0123456789("))


def sign_flags(character: str) -> int:
    """The flags of a character, which is folded unless it is a superscript or subscript."""
    if not character.isascii():
        certain = ord(character) in RAISED_CODES or unicodedata.category(character) == "Sm"
        return SIGN | CERTAIN if certain else 0
    return SIGN * (character in _SIGNS) | STRONG * (character in _STRONG) | BETWEEN * (character in _BETWEEN)


ASCII_FLAGS = np.array([sign_flags(chr(i)) for i in range(128)], np.uint8)
# For `bytes.translate`: 1 for a character with flags, else 0.
IS_FLAGGED = bytes(int(i < 128 and ASCII_FLAGS[i] > 0) for i in range(256))


def count_as_units(
    places: np.ndarray, flags: np.ndarray, characters: np.ndarray, begins: np.ndarray, lengths: np.ndarray
) -> np.ndarray:
    """(p,) bool: which signs are units, being in a text that is code or mathematics.

    Args:
        places: (p,) where characters with flags are, ascending, of which there is at least one.
        flags: (p,) uint8 flags of these.
        characters: (c,) code points, folded, of all texts with a line feed before, between and after them.
        begins: (n,) where each text begins.
        lengths: (n,) characters of each.
    """
    owner = np.searchsorted(begins, places, "right") - 1
    strong = np.bincount(owner[(flags & STRONG) != 0], minlength=len(begins))
    formal = (strong > 0) & (strong >= SHARE * lengths)
    formal[owner[(flags & CERTAIN) != 0]] = True
    between = np.flatnonzero(((flags & BETWEEN) != 0) & ~formal[owner])
    formal[owner[between[_between_numbers(characters, places[between])]]] = True
    return ((flags & SIGN) != 0) & formal[owner]


def _between_numbers(characters: np.ndarray, places: np.ndarray) -> np.ndarray:
    """(k,) bool: whether a number stands before and after each of these places, with a blank between at most."""
    before = characters[places - 1 - (characters[places - 1] == _BLANK)]
    after = characters[np.minimum(places + 1 + (characters[places + 1] == _BLANK), len(characters) - 1)]
    return _BEFORE[np.minimum(before, 128)] & _AFTER[np.minimum(after, 128)]
