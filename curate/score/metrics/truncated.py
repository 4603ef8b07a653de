"""Responses that break off."""

from __future__ import annotations

import re

from curate.score.column import Column
from curate.score.metrics.special_tokens import MARKS
from curate.score.texts import RowTexts
from curate.text.words import CLOSING, END, HAN, words

COLUMN = Column(
    "truncated",
    "the response breaks off in the middle of a sentence, list or quotation",
    "1 = it does",
    "lower",
    "a common check for answers cut at a length limit; judged by the last line and what stands before it",
    limit=0,
    kind="flag",
)
# A text never ends after one of these.
DANGLING = tuple(",;、，；([{（【《「『“‘&—–-")
_DANGLING_WORDS = frozenset(
    "a an the of to and or but nor that which who whose whom is are was were be been being in on at by for from with "  # noqa: SIM905
    "into onto than as if because while when where so such very my your his her its our their this these those".split()
)
_DANGLING_HAN = tuple("的和与及或是在把被从对于将以而但向由跟給给為为")
_ITEM = re.compile(r"\s*(?:[-*•·–—]|\(?\d{1,3}[.)、）]|[a-zA-Z][.)]|[一二三四五六七八九十]+、)\s*")
_EMOTICON = re.compile(r"[:;=]['-]?[(\[]")
_LABEL = re.compile(r"^[^\n:：]{1,40}[:：]\s*\S")
_PAIRS = (("“", "”"), ("「", "」"), ("『", "』"), ("（(", "）)"), ("《", "》"), ("[", "]"))
PROSE_WORDS, PROSE_HAN = 9, 16


def breaks_off(text: str) -> bool:
    """Whether a response ends where no writer would end it.

    Answers of a word or a phrase, labels, titles and lists whose items all end without a stop are whole.
    """
    if text.endswith(">"):
        text = MARKS.sub("", text)
    text = text.rstrip()
    if not text or text.endswith("```") or text.count("```") % 2:
        return False  # unbalanced fences are a score of their own
    before, _, last = text.rpartition("\n")
    last = last.strip()
    if _dangles(text, last):
        return True
    bare = last.rstrip(CLOSING)
    if bare.endswith(END):
        return _open(last)
    if _open(last):
        return True
    body = _ITEM.sub("", last, count=1)
    line_words = words(body)
    if not line_words or _code(last):
        return False
    # A text that is one word alone may be an option A.
    if line_words[-1] in _DANGLING_WORDS and bare.endswith(line_words[-1]) and (len(line_words) > 1 or before):
        return True
    if bare.endswith(_DANGLING_HAN) and len(HAN.findall(bare)) > 4 and not text.endswith(tuple(CLOSING)):
        return len(line_words) > 6 and _stops(text) > 0
    if body != last:
        return _unlike_other_items(before)
    return _unfinished_prose(text, last, line_words)


def _dangles(text: str, last: str) -> bool:
    """Whether a text ends in a sign that never ends one; an emoticon, a bare list mark and a ruled line are none."""
    return bool(
        text[-1] in DANGLING
        and not _EMOTICON.search(text[-3:])
        and not _ITEM.fullmatch(last + " ")
        and set(last) - set("-=—–_*+ ")
    )


def _unfinished_prose(text: str, last: str, line_words: list[str]) -> bool:
    """Whether the last line, which ends without a stop, is a sentence that should have one."""
    if text[-1] in CLOSING or text[-1] in ":：" or _LABEL.match(last):
        return False
    if _stops(last):  # sentences before it in the same line have stops
        return len(line_words) > 1
    return _prose(last, line_words)


def _open(line: str) -> bool:
    """Whether a quotation or bracket is opened in the line and not closed."""
    line = _EMOTICON.sub("", line)
    straight = line.count('"')
    if straight % 2 and not re.search(r'\d"', line):
        return True
    return any(sum(map(line.count, opening)) > sum(map(line.count, closing)) for opening, closing in _PAIRS)


def _stops(text: str) -> int:
    return len(re.findall(r"[.!?](?=\s+[\"“A-Z])|[。！？]", text))


def _prose(line: str, line_words: list[str]) -> bool:
    """Whether a line without a stop is long enough, and begins like, a sentence."""
    han = len(HAN.findall(line))
    if 2 * han > len(line_words):
        return han >= PROSE_HAN and ("，" in line or "," in line)
    return len(line_words) >= PROSE_WORDS and line[:1].isupper() and not line.istitle()


def _unlike_other_items(before: str) -> bool:
    """Whether the earlier items of a list all end with a stop."""
    items = [line.rstrip().rstrip(CLOSING) for line in before.split("\n") if _ITEM.match(line)]
    return len(items) > 1 and all(item.endswith(END) for item in items)


def _code(line: str) -> bool:
    return bool(re.search(r"[{};=<>\\|]|\w\(|\$|://", line))


def values(texts: RowTexts) -> list[int]:
    """(n,) 1 for each response that breaks off."""
    return [int(breaks_off(text)) for text in texts.responses]
