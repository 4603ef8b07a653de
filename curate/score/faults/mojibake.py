"""Text that was decoded with the wrong encoding."""

from __future__ import annotations

import re

from curate.score.column import Column
from curate.score.faults.column import fault_rows, found
from curate.score.faults.finding import FaultFinding, of_match
from curate.score.faults.row import FaultRow
from curate.score.texts import RowTexts

NAME = "mojibake"
MEANING = "places in prompt or response were decoded wrongly (â€™, Ã©, 锟斤拷, \ufffd)"
SOURCE = "ftfy 6 (Speer): what its repair of encodings changes; and text that GBK bytes and UTF-8 bytes explain better"
COLUMN = Column(NAME, MEANING, "places", "lower", SOURCE, limit=0, kind="count")
# Places of a text that are tried, and characters around each.
PLACES, AROUND = 40, 40
# Characters that stand in damaged text; without one of them a text is not looked at further.
_LEAD = re.compile(
    r"[\x80-\x9f\u00a1-\u00ac\u00ae-\u00b3\u00b5\u00b6\u00b8-\u00ff\u0100-\u017f\u0402-\u040f\u0420\u0421\u0452-\u045f\ufffd锟烫屯鏄鐨涓銆锛鍦浠鎴绋鏂鍙鐢浜粬]"
)
_LATIN_LEAD = re.compile(
    r"[\x80-\x9f\u00a1-\u00ac\u00ae-\u00b3\u00b5\u00b6\u00b8-\u00ff\u0100-\u017f\u0402-\u040f\u0420\u0421\u0452-\u045f]"
)
_FIXED = re.compile("\ufffd+|锟斤拷|烫烫烫|屯屯屯|\u00ef\u00bb\u00bf")
# What UTF-8 read as Latin-1 or CP-1252 leaves of one character.
_BYTE = (
    "\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2020\u2021\u02c6\u2030\u0160\u0152\u017d\u02dc\u2122\u0161\u0153\u017e"
    "\u0178"
)
_MARK = _BYTE + "\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u2026\u2039\u203a"
_BROKEN = re.compile(
    f"\ufffd+|[\u0080-\u0084\u0086-\u009f]+|\u00c3[{_BYTE}]|\u00c2[\u0080-\u00bf]|\u00e2[\u0080\u20ac][{_MARK}]"
    f"|[\u00e4-\u00e9][{_BYTE}][{_MARK}]|\u00f0[\u0178\u009f][{_MARK}]|\u00ef\u00bb\u00bf|锟斤拷|烫烫烫|屯屯屯"
)
_FIXED_SIGNS = "\ufffd锟烫屯\u00ef"
_ABOUT = re.compile(
    r"mojibake|encod|utf-?8|latin-?1|windows-1252|cp1252|unicode|charset|ascii\b|character set|gbk|gb2312|big5"
    r"|replacement character|u\+[0-9a-f]{4}|乱码|编码|字符集|(?:锟斤拷|烫烫烫).{0,4}[是怎什]",
)
# Prompts that ask for such text.
_ASKS = re.compile(
    r"garbled|gibberish|broken (?:characters|letters)|corrupted (?:text|characters|letters|string)|wrongly decoded"
)
_GBK = re.compile(r"[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef€\ue000-\uf8ff]{4,}")
_GBK_SIGNS = re.compile("[鏄鐨涓銆锛鍦浠鎴绋鏂鍙鐢浜粬鍚鍜庡勫嶅缁璇闂濂鍥鍔杩鑰紝垜绗]")
_HIGH_LATIN = re.compile(r"[\u00a1-\u00fe]{6,}")


def find(row: FaultRow) -> FaultFinding | None:
    """The fault, if the row has it."""
    if row.prompt.isascii() and row.response.isascii():
        return None
    for text in (row.response, row.prompt):
        match, what = place(text)
        if match is not None:
            return None if _about(row) else FaultFinding(NAME, True, what, of_match(text, match))
    return None


def place(text: str) -> tuple[re.Match[str] | None, str]:
    """The first place of a text that was decoded wrongly, and what happened to it."""
    if text.isascii() or not _LEAD.search(text):
        return None, ""
    match = _FIXED.search(text) if any(sign in text for sign in _FIXED_SIGNS) else None
    if match:
        return match, "characters were lost when the text was decoded" if match[0][
            0
        ] == "\ufffd" else "the text went through a wrong encoding"
    match = _as_gbk(text) or _as_latin(text)
    if match:
        return match, "the text is Chinese that was decoded with the wrong encoding"
    return _by_ftfy(text)


def count(row: FaultRow) -> int:
    """Places of the commonest sorts in a damaged row, at least 1."""
    return max(1, sum(len(_BROKEN.findall(text)) for text in (row.prompt, row.response)))


def _about(row: FaultRow) -> bool:
    prompt = row.prompt_lower
    return bool(_ABOUT.search(prompt) or _ASKS.search(prompt) or _ABOUT.search(row.lower))


def _as_gbk(text: str) -> re.Match[str] | None:
    """A stretch of Han characters whose GBK bytes are UTF-8 text of common characters."""
    if not _GBK_SIGNS.search(text) or len(_GBK_SIGNS.findall(text)) < 2:
        return None
    for match in _GBK.finditer(text):
        data = match[0].encode("gb18030")
        restored = data.decode("utf-8", "ignore")
        if len(restored) > 2 and len(restored.encode()) >= 0.7 * len(data):
            return match
    return None


def _as_latin(text: str) -> re.Match[str] | None:
    """A stretch of accented letters whose Latin-1 bytes are common Han characters of GB2312."""
    for match in _HIGH_LATIN.finditer(text):
        data = match[0].encode("latin-1")
        try:
            restored = data[: len(data) // 2 * 2].decode("gb2312")
        except UnicodeDecodeError:
            continue
        if sum(0xB0 <= byte <= 0xD7 for byte in data[::2]) >= 0.6 * len(restored):
            return match
    return None


def _by_ftfy(text: str) -> tuple[re.Match[str] | None, str]:
    """A place that ftfy's repair of encodings would change."""
    from ftfy import fix_encoding
    from ftfy.badness import BADNESS_RE

    looked = 0
    for number, lead in enumerate(_LATIN_LEAD.finditer(text)):
        if number == PLACES:
            break
        if lead.end() <= looked:
            continue
        start, looked = _words_around(text, lead)
        match = BADNESS_RE.search(text, start, looked)
        if match is not None and fix_encoding(text[start:looked]) != text[start:looked]:
            return match, "the text was decoded with the wrong encoding"
    return None, ""


def _words_around(text: str, match: re.Match[str]) -> tuple[int, int]:
    """Where the words begin and end that a match touches."""
    start = max(text.rfind(blank, 0, match.start()) for blank in " \n") + 1
    ends = [at for at in (text.find(blank, match.end()) for blank in " \n") if at >= 0]
    return max(start, match.start() - AROUND), min([*ends, match.end() + AROUND, len(text)])


def values(texts: RowTexts) -> list[int]:
    """(n,) places of each row."""
    rows = zip(fault_rows(texts), found(texts, NAME, find), strict=True)
    return [0 if finding is None else count(row) for row, finding in rows]
