"""How texts break off: a rule for each sort of ending."""

from __future__ import annotations

import re
from typing import NamedTuple

from curate.score.faults.ending_words import NEVER_LAST, NEVER_LAST_HAN, SELDOM_LAST, SELDOM_LAST_HAN
from curate.text.language import language
from curate.text.words import CLOSING, END, HAN, words

_LIST_COMES = re.compile(
    r"\b(?:follow(?:s|ing)?|here (?:are|is)|here's|such as|including|includes?|these are|steps|tips|examples?|below"
    r"|namely|for example|for instance)\b[^.!?\n]{0,60}:\s*$|(?:如下|例如|比如|包括|以下|步骤|几点|分为"
    r"|有)[^。！？\n]{0,20}[:：]\s*$",
    re.IGNORECASE,
)
ITEM = re.compile(r"\s*(?:[-*•·–—]|\(?\d{1,3}[.)、）]|[a-zA-Z][.)]|[一二三四五六七八九十]+、)\s*")
_LETTERS = re.compile(r"\b[b-hj-zB-HJ-Z]\b|=")
_EMOTICON = re.compile(r"[:;=]['-]?[(\[]")
_OPENS = re.compile('[“「『《（(\\["]')
_LABEL = re.compile(r"^[^\n:：]{1,40}[:：]\s*\S")
PROSE_WORDS, PROSE_HAN = 9, 16


class Ending(NamedTuple):
    """The end of a text.

    Attributes:
        text: the whole, without blanks at its end.
        before: all lines but the last.
        last: the last line, without blanks around it.
        words: of the last line, without the number of an item.
        sentences: stops in the text after which another sentence begins.
    """

    text: str
    before: str
    last: str
    words: list[str]
    sentences: int


def _is_sentence(e: Ending) -> bool:
    """Whether the last line is prose: long enough, or with sentences before it."""
    return len(e.words) >= 5 or (e.sentences > 0 and len(e.words) >= 3)


def _sign(e: Ending) -> tuple[bool, str] | None:
    """A comma, an opening bracket or the like at the end."""
    sign = e.text[-1]
    if sign in ";&" and (not e.last[:1].isupper() or len(e.words) < 5):
        return None
    if sign not in ",;、，；([{（【《「『“‘&—–-" or _EMOTICON.search(e.text[-3:]):
        return None
    if ITEM.fullmatch(e.last + " ") or not set(e.last) - set("-=—–_*+~· "):
        return None  # a bare list mark, a ruled line
    if sign == "“" and ("„" in e.last or (e.last.count(sign) % 2 == 0 and "”" not in e.last)):
        return None  # it closes a quotation
    verse = e.text.count("\n") >= 2 and max(map(len, e.text.split("\n"))) < 60 and not ITEM.match(e.last)
    tokenised = e.text.endswith(" ,")  # texts with blanks before all signs are pieces of other texts
    certain = sign in ",、，([{（【《「『“‘；" and _is_sentence(e) and not verse and not tokenised
    return certain, f"the response ends in {sign}"


def _word(e: Ending) -> tuple[bool, str] | None:
    """A word at the end that sentences do not end with."""
    if not e.words or not e.text[-1].isalpha() or HAN.match(e.text[-1]):
        return None
    raw = re.split(r"[\s\"“(*]", e.last)[-1]
    word = e.words[-1]
    if raw.lower() != word or raw != word:  # "Vitamin A", "and/or"
        return None
    if word in NEVER_LAST:
        if len(e.words) < 2 and not ITEM.match(e.last):
            return None
        certain = len(e.words) >= 5 or (e.sentences > 0 and len(e.words) > 1)
        return certain and _is_english(e), f"the response ends in “{word}”"
    if word in SELDOM_LAST and (len(e.words) >= 5 or e.sentences or ITEM.match(e.last)):
        certain = e.sentences >= (1 if word in ("as", "if", "when", "while", "which") else 2) and not e.last.startswith(
            ("What", "Who", "How", "Where")
        )
        return certain and len(e.words) > 6 and _is_english(e), f"the response ends in “{word}”"
    return None


def _is_english(e: Ending) -> bool:
    """Whether a text is English, and not one in which single letters are names ("the roots are b and a")."""
    if e.words[-1] == "a" and _LETTERS.search(e.text):
        return False
    return language(e.text) == "en"


def _han(e: Ending) -> tuple[bool, str] | None:
    """A Chinese character at the end that sentences do not end with."""
    if not HAN.match(e.text[-1]):
        return None
    count = len(HAN.findall(e.last))
    if count < 5:
        return None
    match = NEVER_LAST_HAN.search(e.last)
    prose = "。" in e.text or "，" in e.last
    if match and prose:
        return count >= 8, f"the response ends in “{match[0].strip()}”"
    if "。" in e.text and re.search(r"一[只个种位条座间张件名片块颗支棵群段]$", e.last):
        # "Three yuan for one" is whole, "before the door stands a" is not.
        certain = re.search(r"(?:着|是|成为|作为|称为)..$", e.last) is not None
        return certain, f"the response ends in “{e.last[-2:]}”"
    if e.text[-1] in SELDOM_LAST_HAN and "。" in e.text and count > 6:
        item = ITEM.match(e.last) is not None and _unlike_other_items(e.before)
        return item and e.text[-1] in "的在对将以但由给为让使", f"the response ends in “{e.text[-1]}”"
    return None


def open_mark(e: Ending) -> tuple[bool, str] | None:
    """A bracket or quotation that the last line opens and does not close."""
    if not _OPENS.search(e.last):
        return None
    line = _EMOTICON.sub("", e.last)
    for opening, closing in (("“", "”"), ("「", "」"), ("『", "』"), ("《", "》"), ("（(", "）)"), ("[", "]")):
        opened, closed = sum(map(line.count, opening)), sum(map(line.count, closing))
        if opening == "“" and ("„" in line or (opened % 2 == 0 and not closed)):
            continue  # German, and the same mark at both ends
        if opened > closed:
            stopped = e.text.rstrip(CLOSING).endswith(END)
            if stopped and opening not in ("[", "（("):
                return None
            place = max(line.rfind(sign) for sign in opening)
            certain = not stopped and opening not in ("[", "（(") and len(line) - place < 300 and _is_sentence(e)
            return certain, f"{line[place]} is opened in the last line and not closed"
    if line.count('"') % 2 and not re.search(r"\d\"", line):
        place = line.rfind('"')
        starts = re.search(r"[,:] $|\bsaid $", line[:place]) is not None
        stopped = e.text.endswith(END)
        even = e.text.count('"') % 2 == 0
        return not even and not stopped and starts, "a quotation is opened in the last line and not closed"
    return None


def _colon(e: Ending) -> tuple[bool, str] | None:
    """A colon at the end, after which something was to come."""
    if e.text[-1] not in ":：":
        return None
    if _LIST_COMES.search(e.last):
        return len(e.words) >= 4, "the response ends where a list was to come"
    if e.sentences and len(e.words) >= 4:
        return False, "the response ends in a colon"
    return None


def _missing_stop(e: Ending) -> tuple[bool, str] | None:
    """A last sentence without a stop."""
    bare = e.last.rstrip(CLOSING)
    if not e.words or bare.endswith(END) or e.text[-1] in CLOSING or e.text[-1] in ":：":
        return None
    if ITEM.match(e.last) and not re.match(r"[—–]", e.last):
        if _unlike_other_items(e.before) and (len(e.words) > 1 or e.words[0] in NEVER_LAST | SELDOM_LAST):
            return False, "the last item of the list has no stop, though the others have one"
        return None
    if _LABEL.match(e.last) or not (e.text[-1].isalnum() or e.text[-1] in "'’"):
        return None
    if stops(e.last):  # sentences before it in the same line have stops
        long = len(_last_sentence(e.last)) > 1 and (
            _LATIN_LAST.search(e.last) is not None or len(HAN.findall(e.last)) >= 6
        )
        return (False, "the last sentence has no stop") if long else None  # some people leave out the last one
    if re.match(r"(?:here|below|these) (?:are|is) \w+ \w+", e.text.lower()) and "\n" not in e.text:
        return False, "the response ends before what it announces"
    return (False, "the last line is a sentence without a stop") if _prose(e.last, e.words) else None


def _last_sentence(line: str) -> list[str]:
    """The words after the last stop of a line."""
    return words(re.split(r"[.!?](?=\s)|[。！？]", line)[-1])


_LATIN_LAST = re.compile(r"[^\W\d_]+$")


def stops(text: str) -> int:
    """Stops in a text after which another sentence begins, and all Chinese ones."""
    return len(re.findall(r"[.!?](?=\s+[\"“A-Z])|[。！？]", text))


def _prose(line: str, line_words: list[str]) -> bool:
    """Whether a line without a stop is long enough, and begins like, a sentence."""
    han = len(HAN.findall(line))
    if 2 * han > len(line_words):
        return han >= PROSE_HAN and ("，" in line or "," in line)
    return len(line_words) >= PROSE_WORDS and line[:1].isupper() and not line.istitle()


def _unlike_other_items(before: str) -> bool:
    """Whether the earlier items of a list all end with a stop."""
    items = [line.rstrip().rstrip(CLOSING) for line in before.split("\n") if ITEM.match(line)]
    return len(items) > 1 and all(item.endswith(END) for item in items)


# In the order in which they are asked; an open quotation or bracket counts even where the text ends with a stop.
RULES = (_sign, _word, _han, open_mark, _colon, _missing_stop)
