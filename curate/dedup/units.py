"""Texts to units: words where words are spaced, characters where they are not; hashed, all of a block at once.

A text is a sequence of units: runs of letters, marks, digits and underscores, except that each character of a script
written without spaces (Han, Kana, Thai, Lao, Khmer, Burmese) is a unit of its own.  So a mixed text needs no language
to be guessed, and a Chinese sentence is not one long word.  Case, width and punctuation do not count; where asked for,
signs of code and mathematics do (see `signs`).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from curate.dedup.signs import ASCII_FLAGS, CERTAIN, IS_FLAGGED, RAISED, RAISED_CODES, count_as_units, sign_flags
from curate.text.normal import folded

UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),  # Han iteration mark, zero
    (0x3040, 0x30FF),  # Kana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
# Letters that may become one with the letter before them; else only marks do.
JOINING = (("\u1100", "\u11ff"), ("\ua960", "\ua97f"), ("\ud7b0", "\ud7ff"), ("\U00016d63", "\U00016d6a"))
NONE, WORD, SINGLE = range(3)

# ASCII letters in lower case, digits and the underscore as they are, all else as 0.
_ASCII = bytes(ord(chr(i).lower()) if i < 128 and (chr(i).isalnum() or chr(i) == "_") else 0 for i in range(256))
_RAISED = re.compile(f"([{RAISED}])")
BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))


class Unit(NamedTuple):
    """A word, or a character of a script without spaces.

    Attributes:
        text: as `folded` has it.
        start: its first character in the folded text.
        end: the one after its last.
    """

    text: str
    start: int
    end: int


def units(text: str) -> list[Unit]:
    """The units of one text, as `hash_units` takes them; for the few texts that are looked at closely."""
    plain = folded(text)
    kinds = character_kinds(known_characters([plain])[1:-1]).tolist()
    result: list[Unit] = []
    begin = None
    for i, kind in enumerate(kinds):
        if kind != WORD and begin is not None:
            result.append(Unit(plain[begin:i], begin, i))
            begin = None
        if kind == SINGLE:
            result.append(Unit(plain[i], i, i + 1))
        elif kind == WORD and begin is None:
            begin = i
    if begin is not None:
        result.append(Unit(plain[begin:], begin, len(plain)))
    return result


def hash_units(texts: list[str], signs: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Hashes of the units of a block of texts.

    Args:
        texts: n of them; a text folded as a whole beforehand gives the same units.
        signs: whether signs of code and mathematics are units too, see `signs`.

    Returns:
        (hashes (u,) uint64, where the units of each text begin (n + 1,) int64).
    """
    if all(map(str.isascii, texts)):
        joined = "\n".join(texts)
        raw = f"\n{joined}\n".encode("ascii")
        codes = np.frombuffer(raw.translate(_ASCII), np.uint8)
        word = codes != 0
        single = np.zeros(0, np.int64)
        if signs:
            characters = np.frombuffer(raw, np.uint8)
            places = np.flatnonzero(np.frombuffer(raw.translate(IS_FLAGGED), np.bool_))
            if len(places):
                flags = ASCII_FLAGS[characters[places]]
                single = places[count_as_units(places, flags, characters, *_bounds(texts))]
                codes = codes.copy()
                codes[single] = characters[single]
    else:
        texts = list(texts)
        known = known_characters(texts)
        special = np.flatnonzero(known & SPECIAL)
        if len(special):
            ends = np.cumsum(np.fromiter((len(text) + 1 for text in texts), np.int64, len(texts)))
            for i in np.unique(np.searchsorted(ends, special)).tolist():
                texts[i] = _folded_but_raised(texts[i]) if signs else folded(texts[i])
            known = known_characters(texts)
        kinds = character_kinds(known)
        codes = known & np.uint32((1 << KIND) - 1)
        if signs:
            _mark_signs(texts, known, kinds, codes)
        word = kinds == WORD
        single = np.flatnonzero(kinds == SINGLE)
    begin_of_text, _ = _bounds(texts)
    change = np.flatnonzero(word[1:] != word[:-1]) + 1
    begins, ends = change[0::2], change[1::2]
    if len(single):
        begins = np.concatenate([begins, single])
        ends = np.concatenate([ends, single + 1])
        order = np.argsort(begins, kind="stable")
        begins, ends = begins[order], ends[order]
    # A polynomial hash of every unit from one running sum (Karp and Rabin 1987), modulo 2^64.
    power, inverse = powers(1 << max(len(codes) - 1, 1).bit_length())
    sums = np.cumsum(np.multiply(codes, power[: len(codes)], dtype=np.uint64))
    units = (sums[ends - 1] - sums[begins - 1]) * inverse[begins]
    return mix(units), np.append(np.searchsorted(begins, begin_of_text), len(begins))


def _bounds(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Where each text begins in all of them with a line feed before each, and its length: (n,) int64 each."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    return np.cumsum(lengths + 1) - lengths, lengths


def _folded_but_raised(text: str) -> str:
    """The text folded, its superscripts and subscripts as they are."""
    return "".join(part if i % 2 else folded(part) for i, part in enumerate(_RAISED.split(text)))


def _mark_signs(texts: list[str], known: np.ndarray, kinds: np.ndarray, codes: np.ndarray) -> None:
    """Make the signs of code and mathematics units of their own, in the kinds and codes of characters."""
    places = np.flatnonzero((known & _ANY_FLAG) != 0)
    if not len(places):
        return
    flags = ((known[places] >> np.uint32(FLAGS)) & np.uint32(15)).astype(np.uint8)
    single = places[count_as_units(places, flags, codes, *_bounds(texts))]
    kinds[single] = SINGLE
    certain = single[(known[single] & _CERTAIN) != 0]
    if len(certain):  # superscripts and subscripts are no digits here
        characters = code_points(texts)[certain]
        raised = np.isin(characters, RAISED_CODES)
        codes[certain[raised]] = characters[raised]


def mix(values: np.ndarray) -> np.ndarray:
    """The finaliser of splitmix64, which scatters neighbouring numbers.

    Args:
        values: (n,) uint64.

    Source: Steele, Lea and Flood 2014, Fast Splittable Pseudorandom Number Generators.
    """
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


@lru_cache(maxsize=4)
def powers(length: int) -> tuple[np.ndarray, np.ndarray]:
    """(length,) uint64 powers of the base of the hashes, from 0 on, and those of its inverse modulo 2^64."""
    runs = []
    for base in (BASE, _INVERSE):
        run = np.full(length, base, np.uint64)
        run[0] = 1
        runs.append(np.multiply.accumulate(run))
    return runs[0], runs[1]


# What is known of each code point, filled in as they occur: what it is folded to, its kind from bit KIND on, and
# whether it is SPECIAL: folded to several, or with those beside it, so that the whole text is to be folded.  From bit
# FLAGS on, what it is as a sign, see `signs`.
KIND, FLAGS = 24, 26
_ANY_FLAG, _CERTAIN = np.uint32(15 << FLAGS), np.uint32(CERTAIN << FLAGS)
SPECIAL, UNKNOWN = np.uint32(1 << 30), np.uint32(1 << 31)
_KNOWN = np.full(0x110000, UNKNOWN, np.uint32)


def known_characters(texts: list[str]) -> np.ndarray:
    """(n,) uint32: what is known of each character of the texts, with a line feed before, between and after them."""
    codes = code_points(texts)
    known = _KNOWN[codes]
    if (known & UNKNOWN).any():
        for code in np.unique(codes[(known & UNKNOWN) != 0]).tolist():
            _KNOWN[code] = describe_character(chr(code))
        known = _KNOWN[codes]
    return known


def code_points(texts: list[str]) -> np.ndarray:
    """(n,) uint32: each character of the texts, with a line feed before, between and after them."""
    joined = "\n".join(texts)
    return np.frombuffer(f"\n{joined}\n".encode("utf-32-le", "surrogatepass"), np.uint32)


def character_kinds(known: np.ndarray) -> np.ndarray:
    """(n,) NONE, WORD or SINGLE for each of the characters that `known_characters` knows."""
    return (known >> np.uint32(KIND)) & np.uint32(3)


def describe_character(character: str) -> int:
    """What `_KNOWN` holds of a character."""
    plain = folded(character)
    kind = _kind(character)
    flags = sign_flags(character if ord(character) in RAISED_CODES else plain[:1]) << FLAGS if plain else 0
    if all(_kind(each) == NONE for each in plain):
        if len(plain) > 1 and any(map(sign_flags, plain)):
            return int(SPECIAL) | ord(character)
        return NONE << KIND | flags | (ord(plain[0]) if flags or plain == " " else 0)
    marks = "M" in (unicodedata.category(character)[0], unicodedata.category(plain[0])[0])  # half-width voiced kana
    if len(plain) > 1 or marks or any(a <= character <= b for a, b in JOINING):
        return int(SPECIAL) | flags | kind << KIND | ord(character)
    return _kind(plain) << KIND | flags | ord(plain)


def _kind(character: str) -> int:
    if character != "_" and unicodedata.category(character)[0] not in "LMN":
        return NONE
    return SINGLE if any(low <= ord(character) <= high for low, high in UNSPACED) else WORD
