"""Words of a text in any script: runs of letters and digits, and each Han or Kana character by itself."""

from __future__ import annotations

import re

UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
WORD = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+(?:['’][^\W_{UNSPACED}]+)*")
_ASCII = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
# What sentences end with, and what may stand after that.
END = tuple(".!?。！？…‥؟।~～♪☆★")
CLOSING = "\"'”’»」』）)]】》〉}*_`"
HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")


def words(text: str) -> list[str]:
    """The words of a text in lower case, in order."""
    return _ASCII.findall(text.lower()) if text.isascii() else WORD.findall(text.casefold())
