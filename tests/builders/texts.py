"""Texts that are alike, and rows of them."""

from __future__ import annotations

import random
import re
import unicodedata

from hypothesis import strategies as st

from curate.dedup.units import UNSPACED
from curate.text.normal import folded

WORDS = st.lists(st.sampled_from(["a", "b", "c", "A", "d,"]), min_size=1, max_size=9).map(" ".join)
ROWS = st.lists(st.tuples(WORDS, st.sampled_from(["x", "x y"]), st.none()), min_size=1, max_size=12)
KEY = st.sampled_from(["conversation", "prompt", "response", "first-prompt", "exchange"])


RAISED = re.compile("([\u00b2\u00b3\u00b9\u2070-\u209c])")
SIGNS, STRONG = "+-*/%=<>!&|^~\\{}[]()@$", "=<>{}[];\\^&~+"
BETWEEN = re.compile(r"[0-9)] ?[-+*/%=<>^] ?[0-9(]")


def is_formal(text: str) -> bool:
    """Whether a folded text is code or mathematics, by the rule that signs.py states."""
    if any(RAISED.match(c) or (not c.isascii() and unicodedata.category(c) == "Sm") for c in text):
        return True
    strong = sum(c in STRONG for c in text)
    return bool(BETWEEN.search(text)) or (strong > 0 and strong >= 0.01 * len(text))


def plain_units(text: str, signs: bool = False) -> list[str]:
    """Units one character at a time, by the rule that units.py states."""
    units: list[str] = []
    in_word = False
    plain = "".join(p if i % 2 else folded(p) for i, p in enumerate(RAISED.split(text))) if signs else folded(text)
    signs = signs and is_formal(plain)
    for c in plain:
        if signs and (RAISED.match(c) or c in SIGNS or (not c.isascii() and unicodedata.category(c) == "Sm")):
            units.append(c)
            in_word = False
            continue
        if any(low <= ord(c) <= high for low, high in UNSPACED) and unicodedata.category(c)[0] in "LMN":
            units.append(c)
            in_word = False
        elif c == "_" or unicodedata.category(c)[0] in "LMN":
            if in_word:
                units[-1] += c
            else:
                units.append(c)
            in_word = True
        else:
            in_word = False
    return units


def families(seed: int, n: int, words: int = 30) -> list[str]:
    """Texts of families: each a copy of an earlier one with some words changed, or new."""
    r = random.Random(seed)
    texts: list[list[str]] = []
    for _ in range(n):
        if texts and r.random() < 0.7:
            text = list(r.choice(texts))
            for _ in range(r.randint(0, 4)):
                text[r.randrange(len(text))] = r.choice("abcdefghij") * 3
        else:
            text = ["".join(r.choices("abcdefghij", k=4)) for _ in range(r.randint(1, words))]
        texts.append(text)
    return [" ".join(text) for text in texts]
