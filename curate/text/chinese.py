"""Traditional and simplified Chinese as one: each character as its simplified one, by the tables of OpenCC."""

from __future__ import annotations

import re
from functools import lru_cache

HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
BLOCKS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x2EE60))
REMEDY = "pip install 'curate-sft[chinese]'"


@lru_cache(maxsize=1)
def simplified_characters() -> dict[int, int]:
    """The simplified character of each traditional one, as code points for `str.translate`; empty without OpenCC.

    One character stands for one, so that places in a text remain what they are; what OpenCC tells by whole words only
    is told the same way of all texts, and so compares equal.
    """
    try:
        from opencc import OpenCC
    except ImportError:
        return {}
    characters = [chr(code) for low, high in BLOCKS for code in range(low, high)]
    simple = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    pairs = zip(characters, simple, strict=True)
    return {ord(one): ord(other) for one, other in pairs if len(other) == 1 and one != other}


def can_simplify() -> bool:
    """Whether OpenCC is installed."""
    return bool(simplified_characters())


def simplified(text: str) -> str:
    """The text in simplified characters, as long as it was; as it is without OpenCC."""
    if text.isascii() or HAN.search(text) is None:
        return text
    characters = simplified_characters()
    return text.translate(characters) if characters else text
