"""Responses that break off."""

from __future__ import annotations

import re

from curate.score.faults import cut_text, loop
from curate.score.faults.column import flag, flags
from curate.score.faults.endings import ITEM, RULES, Ending, open_mark, stops
from curate.score.faults.finding import FaultFinding, tail
from curate.score.faults.row import FaultRow
from curate.score.texts import RowTexts
from curate.text.words import CLOSING, END, words

NAME = "truncated"
MEANING = "the response breaks off in the middle of a sentence, list, table, quotation or program"
SOURCE = "a common check for answers cut at a length limit; judged by the last line and what stands before it"
COLUMN = flag(NAME, MEANING, SOURCE)
_LETTER = re.compile(
    r"^(?:dear|hi|hello|hey|to)\b.{0,60},$|^(?:[\w ]{0,20})(?:regards|sincerely|truly|faithfully|love|wishes|thanks"
    r"|cheers|respectfully|gratefully|yours|hugs|thank you|best|warmly|cordially|"
    r"appreciation|forever|xoxo)\b.{0,20},$|^(?:尊敬的|亲爱的).{0,20}[,，:：]$|^(?:此致|敬礼|祝).{0,12}[,，]?$",
    re.IGNORECASE,
)
_INTERVAL = re.compile(r"[\[(][^\[\]()]{1,60},[^\[\]()]{1,60}[\])]")
# Answers of fewer characters than this are words and phrases.
SHORT = 24
# Lines of verse have fewer.
VERSE_LINE = 60
# Texts that end without a stop: a suspicion means nothing there.
_FORMS = re.compile(
    r"title|headline|caption|slogan|tagline|motto|tweet|greeting|\bcard\b|poem|haiku|verse|lyric|song|\brap\b"
    r"|unscramble|rearrange|re-?order|\bname\b|label|alt text|toast|idiom|blurb|subject line|hashtag"
    r"|lowercase|remove (?:the |all )?punctuation|成语|标题|文案|诗|口号|对联|广告语|春联|名字|寄语|朋友圈"
)


def find(row: FaultRow) -> FaultFinding | None:
    """The fault, if the row has it."""
    text = row.last_turn
    broken = breaks_off(text)
    if broken is None:
        return None
    certain, what = broken
    certain = certain and not _loops(row)
    if _wanted(row) or (not certain and _FORMS.search(row.prompt_lower) and not _uses_stops(text)):
        return None
    return FaultFinding(NAME, certain, what, tail(text))


def _loops(row: FaultRow) -> bool:
    """Whether a response goes round in a loop: that is its fault, and where it ends is chance."""
    finding = loop.find(row)
    return finding is not None and finding.certain


def _uses_stops(text: str) -> bool:
    """Whether other lines or sentences of a text (of verse: lines) end with stops, and its end is no hashtag."""
    if "#" in text[-40:]:
        return False
    *before, last = text.split("\n")
    if any(line.rstrip().endswith(END) for line in before):
        return True
    is_verse = len(before) >= 2 and max(map(len, (*before, last))) < VERSE_LINE
    return not is_verse and stops(text) > 0


def _wanted(row: FaultRow) -> bool:
    """Whether the prompt has a text continued by a part of a sentence, or speaks of such texts."""
    return (
        bool(
            re.search(
                r"complete|finish|fill|blank|ends? with|break|cut off|trail|unfinished|conjunction|preposition"
                r"|article\b.*\b(?:a|an|the)\b|continu|_{2,}"
                r"|definite article|operator|grammar|parts? of speech|stop ?word|lead-?in\b|\bheading"
                r"|(?:introduc\w*|opening) (?:sentence|line)|填空|补全|结尾|续写|上联",
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
    if stopped and not last.startswith("|") and not any(sign in last for sign in '（(["'):
        return None
    if len(text) < SHORT and text.isascii() and text[-1].isalnum() and not any(sign in text for sign in '\n"([{|*'):
        return None
    if _SIGNED.search(text[-80:]):
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
    ending = Ending(text, before, last, words(ITEM.sub("", last, count=1)), stops(text))
    if stopped:
        return open_mark(ending)
    broken = next((broken for rule in RULES if (broken := rule(ending)) is not None), None)
    if broken is None or broken[0] or "ends in “" not in broken[1]:
        return broken
    mark = open_mark(ending)  # a doubtful last word inside an open quotation or bracket is no doubt any more
    return broken if mark is None else (True, f"{broken[1]}, and {mark[1]}")


# A letter ends in a name: after a sign-off, on the same line or alone on its line, or after what the writer is.
_SIGNED = re.compile(
    r"(?i:thanks|thank you|regards|wishes|love|sincerely|faithfully|truly|yours|cheers|hugs|soon|best|xo)[,!.]?\s+"
    r"(?:(?:and )?[A-Z][\w.'’-]*\s?){1,4}$|[.!?,。！]\s*\n\s*(?:[A-Z][\w.'’-]*\s?){1,3}$"
    r"|[。！!\n]\s*(?:你的|您的)?[\u4e00-\u9fff]{1,6}[：:]\s*[\u4e00-\u9fff]{2,4}$"
)


def _structure(text: str, last: str) -> str:
    """What of a table, JSON value, program or list is left open; "" if nothing is."""
    if cut_text.table_row_open(text, last):
        return "the last row of the table is not closed"
    if text[0] in "[{" and cut_text.json_open(text):
        return "the JSON value is not closed"
    if "\n" in text and cut_text.code_open(text, last):
        return "the program is not closed"
    return "the last item of the list ends in its bold part" if "**" in last and cut_text.bold_open(last) else ""


def values(texts: RowTexts) -> list[int]:
    """(n,) 1 for each row that certainly has the fault."""
    return flags(texts, NAME, find)
