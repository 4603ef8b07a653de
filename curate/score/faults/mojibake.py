"""Text that was decoded with the wrong encoding."""

from __future__ import annotations

import re

from curate.score.faults.finding import Finding, of_match
from curate.score.faults.row import FaultRow

NAME = "mojibake"
MEANING = "places in prompt or response were decoded wrongly (â€™, Ã©, 锟斤拷, \ufffd)"
SOURCE = "ftfy 6 (Speer): what its repair of encodings changes; and text that GBK bytes and UTF-8 bytes explain better"
# Characters that stand in damaged text; without one of them a text is not looked at further.
_LEAD = re.compile(r"[\x80-\x9f\u00a1-\u00ac\u00ae-\u00b3\u00b5\u00b6\u00b8-\u00ff\u0100-\u017f\u0402-\u040f\u0420\u0421\u0452-\u045f\ufffd锟烫屯鏄鐨涓銆锛鍦浠鎴绋鏂鍙鐢浜粬]")
_FIXED = re.compile("\ufffd+|锟斤拷|烫烫烫|屯屯屯|\u00ef\u00bb\u00bf")
_ABOUT = re.compile(
    r"mojibake|encod|utf-?8|latin-?1|windows-1252|cp1252|unicode|charset|ascii\b|character set|gbk|gb2312|big5|replacement character|u\+[0-9a-f]{4}|乱码|编码|字符集|(?:锟斤拷|烫烫烫).{0,4}[是怎什]",
)
_GBK = re.compile(r"[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef€\ue000-\uf8ff]{4,}")
_GBK_SIGNS = re.compile("[鏄鐨涓銆锛鍦浠鎴绋鏂鍙鐢浜粬鍚鍜庡勫嶅缁璇闂濂鍥鍔杩鑰紝垜绗]")
_HIGH_LATIN = re.compile(r"[\u00a1-\u00fe]{6,}")


def find(row: FaultRow) -> Finding | None:
    """The fault, if the row has it."""
    if row.prompt.isascii() and row.response.isascii():
        return None
    for text in (row.response, row.prompt):
        match, what = place(text)
        if match is not None:
            return None if _about(row) else Finding(NAME, True, what, of_match(text, match))
    return None


def place(text: str) -> tuple[re.Match[str] | None, str]:
    """The first place of a text that was decoded wrongly, and what happened to it."""
    if text.isascii() or not _LEAD.search(text):
        return None, ""
    match = _FIXED.search(text)
    if match:
        return match, "characters were lost when the text was decoded" if match[0][0] == "\ufffd" else "the text went through a wrong encoding"
    match = _as_gbk(text) or _as_latin(text)
    if match:
        return match, "the text is Chinese that was decoded with the wrong encoding"
    return _by_ftfy(text)


def count(row: FaultRow) -> int:
    """Damaged places in prompt and response; 0 where the row only speaks of such damage."""
    finding = find(row)
    if finding is None:
        return 0
    from ftfy.badness import badness

    found = 0
    for text in (row.prompt, row.response):
        match, _ = place(text)
        if match is not None:
            found += max(1, len(_FIXED.findall(text)) + badness(text))
    return found


def _about(row: FaultRow) -> bool:
    return bool(_ABOUT.search(row.prompt_lower) or _ABOUT.search(row.lower))


def _as_gbk(text: str) -> re.Match[str] | None:
    """A stretch of Han characters whose GBK bytes are UTF-8 text of common characters."""
    if len(_GBK_SIGNS.findall(text)) < 2:
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

    match = BADNESS_RE.search(text)
    if match is None:
        return None, ""
    for part in (text, *text.split()) if len(text) < 20_000 else (text[:20_000],):
        if BADNESS_RE.search(part) and fix_encoding(part) != part:
            return match, "the text was decoded with the wrong encoding"
    return None, ""
