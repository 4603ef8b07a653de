"""Which encoding bytes are in that are not UTF-8, as far as the characters tell."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

from schemas.problems import FILE

LOOKED_AT = 1 << 16
HIGH = re.compile(rb"[\x80-\xff]+")
# So many characters of these scripts are enough to tell Chinese from Korean, whose bytes are alike.
MOST_ALIKE = 6
ENOUGH = 0.75


def encoding_of(data: bytes) -> str:
    """The name of the encoding as iconv takes it; "" if the bytes are UTF-8 with stray ones, or tell nothing."""
    data = data[:LOOKED_AT]
    text = data.decode("utf-8", "replace")
    strays = text.count("\ufffd")
    if not strays or strays < sum(not character.isascii() for character in text) / 2:
        return ""
    best = max(((_share(data, codec, test), name) for name, codec, test in ENCODINGS), key=lambda pair: pair[0])
    return best[1] if best[0] >= ENOUGH else ""


def how_to_convert(encoding: str, path: str = FILE) -> str:
    """What to do with a file in another encoding than UTF-8.

    Args:
        encoding: its name as iconv takes it.
        path: the file; where it is not known, a word that `Problem.at` replaces.
    """
    return f"convert the file: iconv -f {encoding} -t UTF-8 {path} > NEW"


def _share(data: bytes, codec: str, test: Callable[[str, bytes], float]) -> float:
    """How well the bytes read in an encoding; 0 if they are not in it."""
    try:
        text = codecs.getincrementaldecoder(codec)().decode(data)
    except UnicodeDecodeError:
        return 0
    strange = "".join(character for character in text if not character.isascii())
    return test(strange, data) if strange else 0


def _between(text: str, *ranges: tuple[str, str]) -> float:
    """The share of characters within the ranges."""
    return sum(any(first <= character <= last for first, last in ranges) for character in text) / len(text)


def _common(text: str, codec: str, first: int, last: int) -> float:
    """The share of characters that are punctuation, or common by the first byte that an older encoding has for them."""
    count = 0
    for character in text:
        lead = character.encode(codec, "ignore")[:1]
        common = bool(lead) and first <= lead[0] <= last
        count += common or "\u3000" <= character <= "\u303f" or "\uff00" <= character <= "\uff5e"
    return count / len(text)


def _chinese(text: str, _data: bytes) -> float:
    return _common(text, "gb2312", 0xB0, 0xD7)


def _traditional(text: str, _data: bytes) -> float:
    return _common(text, "big5", 0xA4, 0xC6)


def _japanese(text: str, _data: bytes) -> float:
    kana = _between(text, ("\u3041", "\u30fe"))
    return _between(text, ("\u3000", "\u30fe"), ("\u4e00", "\u9fff")) * 1.01 if kana >= 0.2 else 0


def _korean(text: str, _data: bytes) -> float:
    return _between(text, ("\uac00", "\ud7a3")) * 1.01 if len(text) >= MOST_ALIKE else 0


def _cyrillic(text: str, data: bytes) -> float:
    return _between(text, ("\u0410", "\u044f")) if _run(data) >= 2 else 0


def _western(text: str, data: bytes) -> float:
    """Accents and quotation marks stand alone between plain letters."""
    letters = _between(text, ("\u00bf", "\u00ff"), ("\u2013", "\u2026"), ("\u0152", "\u0178"))
    return letters if _run(data) < 1.5 else 0


def _run(data: bytes) -> float:
    runs = HIGH.findall(data)
    return sum(map(len, runs)) / len(runs) if runs else 0


ENCODINGS: tuple[tuple[str, str, Callable[[str, bytes], float]], ...] = (
    ("GBK", "gbk", _chinese),
    ("GB18030", "gb18030", _chinese),
    ("BIG5", "big5", _traditional),
    ("SHIFT_JIS", "cp932", _japanese),
    ("EUC-JP", "euc_jp", _japanese),
    ("EUC-KR", "euc_kr", _korean),
    ("WINDOWS-1251", "cp1251", _cyrillic),
    ("WINDOWS-1252", "cp1252", _western),
)
