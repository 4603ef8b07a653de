"""Responses that break off."""

from __future__ import annotations

import re
from typing import NamedTuple

from curate.score.faults import cut_text
from curate.score.faults.column import flag, flags
from curate.score.faults.finding import Finding, tail
from curate.score.faults.row import FaultRow
from curate.score.texts import RowTexts
from curate.text.words import CLOSING, END, HAN, words

NAME = "truncated"
MEANING = "the response breaks off in the middle of a sentence, list, table, quotation or program"
SOURCE = "a common check for answers cut at a length limit; judged by the last line and what stands before it"
COLUMN = flag(NAME, MEANING, SOURCE)
# Words that no sentence ends with, and others that few do.
_NEVER_LAST = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "nor",
        "but",
        "because",
        "my",
        "your",
        "our",
        "their",
        "its",
        "whose",
        "into",
        "onto",
        "although",
        "whereas",
        "unless",
        "including",
    ]
)
_SELDOM_LAST = frozenset(
    [
        "of",
        "to",
        "that",
        "which",
        "who",
        "whom",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "than",
        "as",
        "if",
        "while",
        "when",
        "where",
        "so",
        "such",
        "very",
        "his",
        "her",
        "this",
        "these",
        "those",
        "has",
        "have",
        "had",
        "can",
        "will",
        "would",
        "should",
        "may",
        "might",
        "must",
        "during",
        "between",
        "through",
    ]
)
_NEVER_LAST_HAN = re.compile(
    r"(?:以及|或者|并且|而且|因为|所以|但是|例如|比如|包括|(?<![参给缓温柔饱总平谐调随附暖祥共])[和与]"
    r"|(?<![普危涉顾波触企])及|(?<!抑)或|(?<!掌)把|(?<!棉)被"
    r"|(?<![然反从进时因继])而|(?<![自])从|(?<![水火])至)\s*$"
)
_SELDOM_LAST_HAN = tuple("的是在对于将以但由跟給给為为一了让使到敢")
_LIST_COMES = re.compile(
    r"\b(?:follow(?:s|ing)?|here (?:are|is)|here's|such as|including|includes?|these are|steps|tips|examples?|below"
    r"|namely|for example|for instance)\b[^.!?\n]{0,60}:\s*$|(?:如下|例如|比如|包括|以下|步骤|几点|分为"
    r"|有)[^。！？\n]{0,20}[:：]\s*$",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\s*(?:[-*•·–—]|\(?\d{1,3}[.)、）]|[a-zA-Z][.)]|[一二三四五六七八九十]+、)\s*")
_LETTER = re.compile(
    r"^(?:dear|hi|hello|hey|to)\b.{0,60},$|^(?:[\w ]{0,20})(?:regards|sincerely|truly|faithfully|love|wishes|thanks"
    r"|cheers|respectfully|gratefully|yours|hugs|thank you|best|warmly|cordially|"
    r"appreciation|forever|xoxo)\b.{0,20},$|^(?:尊敬的|亲爱的).{0,20}[,，:：]$|^(?:此致|敬礼|祝).{0,12}[,，]?$",
    re.IGNORECASE,
)
_EMOTICON = re.compile(r"[:;=]['-]?[(\[]")
_LABEL = re.compile(r"^[^\n:：]{1,40}[:：]\s*\S")
_INTERVAL = re.compile(r"[\[(][^\[\]()]{1,60},[^\[\]()]{1,60}[\])]")
PROSE_WORDS, PROSE_HAN = 9, 16
# So many sentences with stops before one without make that certain.
SENTENCES = 4
# Answers of fewer characters than this are words and phrases.
SHORT = 24


# Texts that end without a stop: a suspicion means nothing there.
_FORMS = re.compile(
    r"title|headline|caption|slogan|tagline|motto|tweet|greeting|\bcard\b|poem|haiku|verse|lyric|song|\brap\b"
    r"|unscramble|rearrange|re-?order|\bname\b|label|alt text|toast|idiom|blurb|subject line|hashtag"
    r"|lowercase|remove (?:the |all )?punctuation|成语|标题|文案|诗|口号|对联|广告语|春联|名字|寄语|朋友圈"
)


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


def find(row: FaultRow) -> Finding | None:
    """The fault, if the row has it."""
    text = row.last_turn
    broken = breaks_off(text)
    if broken is None:
        return None
    certain, what = broken
    if _wanted(row) or (not certain and _FORMS.search(row.prompt_lower)):
        return None
    return Finding(NAME, certain, what, tail(text))


def _uses_stops(text: str) -> bool:
    """Whether other lines or sentences of a text end with stops, and its end is no hashtag."""
    return (_stops(text) > 0 or any(line.rstrip().endswith(END) for line in text.split("\n")[:-1])) and "#" not in text[
        -40:
    ]


def _wanted(row: FaultRow) -> bool:
    """Whether the prompt has a text continued by a part of a sentence, or speaks of such texts."""
    return (
        bool(
            re.search(
                r"complete|finish|fill|blank|ends? with|break|cut off|trail|unfinished|conjunction|preposition"
                r"|article\b.*\b(?:a|an|the)\b|continu|_{2,}|填空|补全|结尾|续写|上联",
                row.prompt_lower,
            )
        )
        and len(words(row.last_turn)) < 40
    )


def breaks_off(text: str) -> tuple[bool, str] | None:
    """(whether it is certain, why) if a response ends where no writer would end it; None if it is whole.

    Answers of a word or a phrase, labels, titles and lists whose items all end without a stop are whole.
    """
    text = text.rstrip()
    if not text or text.endswith("```") or text.count("```") % 2:
        return None  # open fences are a fault of their own
    before, _, last = text.rpartition("\n")
    last = last.strip()
    stopped = last.rstrip(CLOSING).endswith(END)
    if stopped and not any(sign in last for sign in '（(["'):
        return None
    if len(text) < SHORT and text.isascii() and text[-1].isalnum() and not any(sign in text for sign in '\n"([{|*'):
        return None
    structure = _structure(text, last)
    if structure:
        return True, structure
    if (
        (len(last) < 1000 and cut_text.is_code(last))
        or _LETTER.match(last)
        or (_INTERVAL.search(last[-130:]) and last[-1] in ")]")
    ):
        return None
    ending = Ending(text, before, last, words(_ITEM.sub("", last, count=1)), _stops(text))
    for rule in (_open_mark,) if stopped else (_sign, _word, _han, _open_mark, _colon, _missing_stop):
        broken = rule(ending)
        if broken is not None:
            return broken
    return None


def _structure(text: str, last: str) -> str:
    """What of a table, JSON value, program or list is left open; "" if nothing is."""
    if cut_text.table_row_open(text, last):
        return "the last row of the table is not closed"
    if text[0] in "[{" and cut_text.json_open(text):
        return "the JSON value is not closed"
    if "\n" in text and cut_text.code_open(text, last):
        return "the program is not closed"
    return "the last item of the list ends in its bold part" if "**" in last and cut_text.bold_open(last) else ""


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
    if _ITEM.fullmatch(e.last + " ") or not set(e.last) - set("-=—–_*+~· "):
        return None  # a bare list mark, a ruled line
    verse = e.text.count("\n") >= 2 and max(map(len, e.text.split("\n"))) < 60 and not _ITEM.match(e.last)
    certain = sign in ",、，([{（【《「『“‘；" and _is_sentence(e) and not verse
    return certain, f"the response ends in {sign}"


def _word(e: Ending) -> tuple[bool, str] | None:
    """A word at the end that sentences do not end with."""
    if not e.words or not e.text[-1].isalpha() or HAN.match(e.text[-1]):
        return None
    raw = re.split(r"[\s\"“(*]", e.last)[-1]
    word = e.words[-1]
    if raw.lower() != word or raw != word:  # "Vitamin A", "and/or"
        return None
    if word in _NEVER_LAST:
        if len(e.words) < 2 and not _ITEM.match(e.last):
            return None
        return len(e.words) >= 5 or (e.sentences > 0 and len(e.words) > 1), f"the response ends in “{word}”"
    if word in _SELDOM_LAST and (len(e.words) >= 5 or e.sentences or _ITEM.match(e.last)):
        certain = e.sentences >= (1 if word in ("as", "if", "when", "while", "which") else 2) and not e.last.startswith(
            ("What", "Who", "How", "Where")
        )
        return certain and len(e.words) > 6, f"the response ends in “{word}”"
    return None


def _han(e: Ending) -> tuple[bool, str] | None:
    """A Chinese character at the end that sentences do not end with."""
    if not HAN.match(e.text[-1]):
        return None
    count = len(HAN.findall(e.last))
    if count < 5:
        return None
    match = _NEVER_LAST_HAN.search(e.last)
    prose = "。" in e.text or "，" in e.last
    if match and prose:
        return count >= 8, f"the response ends in “{match[0].strip()}”"
    if "。" in e.text and re.search(r"一[只个种位条座间张件名片块颗支棵群段]$", e.last):
        return True, f"the response ends in “{e.last[-2:]}”"
    if e.text[-1] in _SELDOM_LAST_HAN and "。" in e.text and count > 6:
        item = _ITEM.match(e.last) is not None and _unlike_other_items(e.before)
        return item and e.text[-1] in "的在对将以但由给为让使", f"the response ends in “{e.text[-1]}”"
    return None


def _open_mark(e: Ending) -> tuple[bool, str] | None:
    """A bracket or quotation that the last line opens and does not close."""
    line = _EMOTICON.sub("", e.last)
    for opening, closing in (("“", "”"), ("「", "」"), ("『", "』"), ("《", "》"), ("（(", "）)"), ("[", "]")):
        if sum(map(line.count, opening)) > sum(map(line.count, closing)):
            stopped = e.text.rstrip(CLOSING).endswith(END)
            if stopped and opening not in ("[", "（("):
                return None
            place = max(line.rfind(sign) for sign in opening)
            certain = not stopped and opening not in ("[", "（(") and len(line) - place < 300 and _is_sentence(e)
            if opening == "（(":
                certain = (
                    not stopped
                    and e.sentences > 0
                    and re.match(r"\S*\s*[(（]\w", line[max(0, place - 1) :]) is not None
                )
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
    if _ITEM.match(e.last) and not re.match(r"[—–]", e.last):
        if _unlike_other_items(e.before) and (len(e.words) > 1 or e.words[0] in _NEVER_LAST | _SELDOM_LAST):
            long = _stops(e.last) > 0 and len(e.words) > 7
            return long, "the last item of the list has no stop, though the others have one"
        return None
    if _LABEL.match(e.last) or not (e.text[-1].isalnum() or e.text[-1] in "'’"):
        return None
    if _stops(e.last):  # sentences before it in the same line have stops
        long = len(e.words) > 1 and (_LATIN_LAST.search(e.last) is not None or len(HAN.findall(e.last)) >= 6)
        whole = e.sentences >= SENTENCES and len(_last_sentence(e.last)) >= 4 and "@" not in e.last[-40:]
        return (whole, "the last sentence has no stop") if long else None
    if re.match(r"(?:here|below|these) (?:are|is) \w+ \w+", e.text.lower()) and "\n" not in e.text:
        return False, "the response ends before what it announces"
    return (False, "the last line is a sentence without a stop") if _prose(e.last, e.words) else None


def _last_sentence(line: str) -> list[str]:
    """The words after the last stop of a line."""
    return words(re.split(r"[.!?](?=\s)|[。！？]", line)[-1])


_LATIN_LAST = re.compile(r"[^\W\d_]+$")


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


def values(texts: RowTexts) -> list[int]:
    """(n,) 1 for each row that certainly has the fault."""
    return flags(texts, NAME, find)
