"""The script that a text is written in."""

from __future__ import annotations

import re

# Counted on the beginning alone: it says as much as the whole.
BEGINNING = 2000
SCRIPTS = {
    "Latin": "A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff",
    "Han": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
    "Kana": "\u3040-\u30ff",
    "Hangul": "\u1100-\u11ff\uac00-\ud7af",
    "Cyrillic": "\u0400-\u052f",
    "Greek": "\u0370-\u03ff",
    "Arabic": "\u0600-\u06ff\u0750-\u077f",
    "Hebrew": "\u0590-\u05ff",
    "Devanagari": "\u0900-\u097f",
    "Thai": "\u0e00-\u0e7f",
}
_OUTSIDE = {name: re.compile(f"[^{block}]+") for name, block in SCRIPTS.items()}
_ASCII_LETTER = re.compile("[A-Za-z]")


def script(text: str) -> str:
    """The script with most letters: one of SCRIPTS, or `other`; `none` for a text without letters.

    Half as many Kana as Han make a text Japanese writing, and count as Kana.
    """
    text = text[:BEGINNING]
    if text.isascii():
        return "Latin" if _ASCII_LETTER.search(text) else "none"
    counts = {name: len(outside.sub("", text)) for name, outside in _OUTSIDE.items()}
    if 2 * counts["Kana"] >= counts["Han"] > 0:
        counts["Kana"] += counts.pop("Han")
    best = max(counts, key=counts.__getitem__)
    if counts[best]:
        return best
    return "other" if any(map(str.isalpha, text)) else "none"
