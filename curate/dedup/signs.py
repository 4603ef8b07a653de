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
_BLANKS = np.array([0x20, 0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], np.uint32)
_BEFORE = np.array([ord(c) for c in "0123456789)"], np.uint32)
_AFTER = np.array([ord(c) for c in "0123456789("], np.uint32)


def sign_flags(character: str) -> int:
    """The flags of a character, which is folded unless it is a superscript or subscript."""
    if not character.isascii():
        certain = ord(character) in RAISED_CODES or unicodedata.category(character) == "Sm"
        return SIGN | CERTAIN if certain else 0
    return SIGN * (character in _SIGNS) | STRONG * (character in _STRONG) | BETWEEN * (character in _BETWEEN)


ASCII_FLAGS = bytes(sign_flags(chr(i)) if i < 128 else 0 for i in range(256))


def sign_places(flags: np.ndarray, characters: np.ndarray, begins: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """(k,) int64: where the signs are that count as units, ascending.

    Args:
        flags: (c,) uint8 flags of the characters of texts with a line feed before, between and after them.
        characters: (c,) their code points, folded where they count.
        begins: (n,) where each text begins.
        lengths: (n,) characters of each.
    """
    places = np.flatnonzero(flags)
    if not len(places):
        return places
    owner = np.searchsorted(begins, places, "right") - 1
    own_flags = flags[places]
    strong = np.bincount(owner[(own_flags & STRONG) != 0], minlength=len(begins))
    formal = (strong > 0) & (strong >= SHARE * lengths)
    formal[owner[(own_flags & CERTAIN) != 0]] = True
    open_places = ((own_flags & BETWEEN) != 0) & ~formal[owner]
    formal[owner[open_places][_between_numbers(characters, places[open_places])]] = True
    return places[((own_flags & SIGN) != 0) & formal[owner]]


def _between_numbers(characters: np.ndarray, places: np.ndarray) -> np.ndarray:
    """(k,) bool: whether a number stands before and after each of these places, with a blank between at most."""
    before = places - 1 - np.isin(characters[places - 1], _BLANKS)
    after = places + 1 + np.isin(characters[places + 1], _BLANKS)
    inside = np.minimum(after, len(characters) - 1)
    return np.isin(characters[before], _BEFORE) & np.isin(characters[inside], _AFTER)
