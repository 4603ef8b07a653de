"""Refusals, and answers that excuse themselves as an AI's."""

from __future__ import annotations

import re

from curate.score.faults import context, languages, missing_input, refusal_phrases
from curate.score.faults.column import flag, flags
from curate.score.faults.finding import FaultFinding, excerpt
from curate.score.faults.row import FaultRow
from curate.score.texts import RowTexts

NAME = "refusal"
MEANING = "the response refuses, or excuses itself as an AI"
SOURCE = "phrases that curators of open chat data filter by; prefixes as in Zou et al. 2023 (GCG)"
COLUMN = flag(NAME, MEANING, SOURCE)
# A refusal comes first or not at all; what follows it for longer than REST is an answer after all.
BEGINNING, REST = 300, 400
# A refusal that begins later than this has a reason before it.
FIRST = 80
# Where an answer begins after all, and where it is only an offer.
_TURNS = re.compile(
    r"\b(?:but|however|that said|nevertheless|typically|in general|generally|here (?:are|is)|instead)\b|但是|不过"
    r"|然而|但|\b(?:pero|sin embargo|aber|jedoch|allerdings|mais|cependant|toutefois|mas|porém|no entanto|но"
    r"|однако)\b"
    r"|しかし|ただし|代わりに|하지만|그러나|대신"
    r"|一般来说|以下是"
)
_OFFERS = re.compile(
    r"[^.!?。！？]{0,30}?(?:\b(?:i (?:can|could|may|might|am|would|will)|i'd|i'll|you (?:can|could|may|might|should"
    r"|would)|please|feel free|if you)\b|我可以|我能|我会|我很|[您你](?:可以|也可)|请|如果[您你]|建议)"
)
ANSWER, ANSWER_HAN, OFFER, OFFER_HAN = 80, 30, 250, 80

_STRONG = re.compile(
    r"(?:help|assist)(?: you)?(?: with)? (?:this|that)|(?:this|that|your|the) request|as an ai|language model|(?:满足"
    r"|完成)[您你]的|作[为為]一?[个個名款]?(?:ai|人工)"
)
# What only an assistant says, or one who answers somebody else: no title, rewritten sentence, poem or play.
_NO_INFORMATION = re.compile(
    r"^\W*(?:i(?:'m| am)(?: very| so)? sorry|sorry|i apologi[sz]e|unfortunately)\b[^.!?\n]{0,20}?"
    r"\bi(?:'m (?:not able|unable) to| am (?:not able|unable) to| ?can(?:'t|not| not)) provide"
    r" (?:\w+ ){0,2}information\b"
    r"|^\W*(?:很|非常)?抱歉[^。！？\n]{0,4}我[无無]法提供[^。！？，\n]{0,8}信息"
)
_INFORMATION = re.compile(r"\binfo|信息")
_MADE_BY = re.compile(r"\b(?:developed|created|made|built|trained|designed) by\b|(?:开发|训练|创造|打造|研发|制造)的")
# What a refusal says, and somebody who only introduces himself does not.
_DENIES = re.compile(
    r"sorry|apolog|unfortunat|afraid|declin|can ?not|can't|unable|not able|抱歉|对不起|遗憾|无法|不能|没办法"
)
# How a letter begins.
_LETTER = re.compile(r"\W*(?:dear\b|尊敬的|[亲親][爱愛]的|敬[爱愛]的)")
_ABSENT = re.compile(r"(?:[没沒]有?|未)(?:[为為给給向]我们?)?提供")
_QUOTES = re.compile('["“”「」]')


def find(row: FaultRow) -> FaultFinding | None:
    """The fault, if the row has it."""
    if row.has_tools:
        return None
    head = row.lower[:BEGINNING].lstrip()
    match, what = languages.refusal(head)
    is_other = match is not None
    if match is None:
        match, what = _match(head)
    if match is None or _quoted(head, match.start()):
        return None
    certain = _weight(row, head, match)
    if certain is not None and is_other:
        unexcused = languages.excuse(row.prompt_lower, head)
        certain = None if unexcused is None else certain and unexcused
    if certain is None or (certain and _lacks_input(head) and _is_missing_input(row)):
        return None
    lead = len(row.response) - len(row.response.lstrip())
    same = len(row.lower) == len(row.response)  # lower case of a few letters is longer than they are
    place = excerpt(row.response, lead + match.start(), lead + match.end()) if same else excerpt(match[0])
    return FaultFinding(NAME, certain, what, place)


def _match(head: str) -> tuple[re.Match[str] | None, str]:
    if head.isascii() or not _has_han(head):
        for what, hints, pattern in refusal_phrases.ENGLISH:
            match = pattern.search(head) if any(map(head.__contains__, hints)) else None
            if match:
                return match, what
        return None, ""
    for what, pattern in refusal_phrases.CHINESE:
        match = pattern.search(head)
        if match:
            return match, what
    return None, ""


def _lacks_input(head: str) -> bool:
    """Whether a response says in Chinese that nothing was provided."""
    return "提供" in head and _ABSENT.search(head) is not None


def _is_missing_input(row: FaultRow) -> bool:
    """Whether a missing input is certain: then it is why the response cannot answer, and no refusal."""
    finding = missing_input.find(row)
    return finding is not None and finding.certain


def _has_han(text: str) -> bool:
    return any("\u4e00" <= c <= "\u9fff" for c in text[:40])


def _quoted(head: str, start: int) -> bool:
    """Whether a quotation is open where the match begins."""
    marks = _QUOTES.findall(head[: start + 1])
    opened = marks.count("“") + marks.count("「") > marks.count("”") + marks.count("」")
    return opened or marks.count('"') % 2 == 1


def _weight(row: FaultRow, head: str, match: re.Match[str]) -> bool | None:
    """Whether a match is certain, or only suspected (False); None if the prompt asks for such words."""
    prompt = row.prompt_lower
    if context.speaks_of_refusals(prompt):
        return None if not _STRONG.search(match[0]) or len(prompt) < 400 else False
    if context.asks_about_assistant(prompt):
        return None
    if _MADE_BY.search(head):  # somebody introduces himself, as rows of identity sets do, whatever was asked
        return False if _DENIES.search(head) else None
    rest = len(row.response) - match.end()
    if context.in_another_voice(prompt) and not (_STRONG.search(head[match.start() :]) or _denies_all(prompt, head)):
        return None if len(row.response) > REST or _LETTER.match(head) else False
    if context.speaks_of_inability(prompt):
        return False
    return match.start() <= FIRST and rest <= REST and not _answers(row.response[match.end() :])


def _denies_all(prompt: str, head: str) -> bool:
    """Whether a response has no information, though the prompt asks for none, nor for an answer to somebody."""
    asked = context.answers_somebody(prompt) or _INFORMATION.search(prompt)
    return not asked and _NO_INFORMATION.search(head) is not None


def _answers(rest: str) -> bool:
    """Whether an answer of some length follows after all."""
    rest = rest.lower().replace("’", "'")
    match = _TURNS.search(rest)
    if match is None:
        return False
    following = len(rest) - match.end()
    is_han = _has_han(rest.strip())
    if _OFFERS.match(rest, match.end()):
        return following > (OFFER_HAN if is_han else OFFER)
    return following > (ANSWER_HAN if is_han else ANSWER)


def values(texts: RowTexts) -> list[int]:
    """(n,) 1 for each row that certainly has the fault."""
    return flags(texts, NAME, find)
