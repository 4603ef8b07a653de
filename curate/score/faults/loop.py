"""Responses that go round in a loop."""

from __future__ import annotations

import re

import numpy as np

from curate.score.faults.column import flag, flags
from curate.score.faults.finding import FaultFinding, excerpt
from curate.score.faults.row import FaultRow
from curate.score.faults.short_loop import short_loop
from curate.score.texts import RowTexts

NAME = "loop"
MEANING = "a stretch of the response comes again and again without a break, and makes up much of it"
SOURCE = "degeneration as in Holtzman et al. 2020: runs of one period in the words"
COLUMN = flag(NAME, MEANING, SOURCE)
# Words of a stretch, at most; repetitions by its length; share of the response that is certain and suspected.
LONGEST = 60
TIMES = ((1, 20), (2, 10), (3, 6), (8, 4), (12, 3))
CERTAIN, SUSPECT = 0.4, 0.2
SIGNS = 30
LINES = 10
# Responses of fewer characters may be one short answer over and over.
LONG = 400
_ASKS = re.compile(
    r"repeat|times\b|\bloop|again and again|chorus|refrain|song|lyric|scream|shout|yell|laugh|draw|ascii|border"
    r"|pattern|line of|row of"
    r"|\bten\b.*\brows\b|重复|遍|次|歌|画|循环|叠|笑|个[“\"‘].{1,6}[”\"’]"
)
# Prompts that ask for one letter many times, or for a text of such letters.
_LETTERS = re.compile(
    r"poly-?\(?[acgtu]\b|homopolymer|\b[dr]na\b|nucleotide|adenine|\bbases\b|in a row|consecutive|copies of"
    r"|\b(?:same|letters?|\d+) [\"'“]?[a-z][\"'”]?(?:'?s)?\b|\bsame letter|\d+ (?:identical |letters?\b"
    r"|characters?\b)"
    r"|moan|howl|sigh|consist\w* (?:only |entirely |solely )?of"
    r"|碱基|核苷酸|连续|字母|\d+个[“\"]?[a-z]|喊|叫"
)
_NUMBER = re.compile(r"^\s*(?:[-*•]|\(?\d{1,3}[.)、）])\s*")
_DRAWING = set("-=*_#~+|<>0123456789⬛⬜█░▒▓ \n\t")


def find(row: FaultRow) -> FaultFinding | None:
    """The fault, if the row has it."""
    text = row.text
    finding = _signs(row) or _lines(text) or _stretch(row.words) if len(text) >= SIGNS else None
    if finding is None or not finding.certain:
        finding = _repeated(row) or finding
    if finding is not None and _ASKS.search(row.prompt_lower):
        return None
    return finding


def _repeated(row: FaultRow) -> FaultFinding | None:
    """One short answer over and over and nothing else."""
    found = short_loop(row) if len(row.text) < LONG else None
    if found is None:
        return None
    what = f"“{excerpt(found.answer)}” comes {found.times} times and nothing else"
    return FaultFinding(NAME, found.certain, what, "")


def _signs(row: FaultRow) -> FaultFinding | None:
    """One sign at the end of the text, many times."""
    text, last = row.text, row.text[-1]
    if last in _DRAWING or not text.endswith(last * SIGNS) or (last.isalpha() and _LETTERS.search(row.prompt_lower)):
        return None
    count = len(text) - len(text.rstrip(last))
    return FaultFinding(
        NAME,
        count >= SIGNS and 2 * count >= len(text),
        f"{last} stands {count} times in a row",
        excerpt(text, len(text) - count),
    )


def _lines(text: str) -> FaultFinding | None:
    """Lines of a list of which most are the same but for their numbers."""
    if text.count("\n") < LINES:
        return None
    lines = [_NUMBER.sub("", line).strip() for line in text.split("\n")]
    lines = [line for line in lines if any(c.isalpha() for c in line)]
    kinds = len(set(lines))
    if (
        len(lines) < LINES
        or 4 * kinds > len(lines)
        or any("|" in line or "{" in line or ";" in line or (line.count(",") > 1 and len(line) < 30) for line in lines)
    ):
        return None
    return FaultFinding(
        NAME, len(lines) > 12, f"{len(lines)} lines are {kinds} different ones", excerpt(text, text.find(lines[-1]))
    )


def _stretch(said: list[str]) -> FaultFinding | None:
    """The longest run of words that repeat with one period."""
    count = len(said) - 3
    if len(said) < 20 or len(set(zip(said, said[1:], said[2:], said[3:], strict=False))) > 0.88 * count:
        return None  # a stretch that comes three times in a fifth of the words repeats more 4-grams
    numbers: dict[str, int] = {}
    ids = np.array([numbers.setdefault(word, len(numbers)) for word in said])
    covered, negative, start = max(_run(ids, period) for period in range(1, min(LONGEST, len(said) // 2) + 1))
    period = -negative
    times, share = covered / period, covered / len(said)
    if times < 3 or share < SUSPECT:
        return None
    needed = next((least for words_of, least in reversed(TIMES) if period >= words_of), 3)
    certain = times >= needed and share >= CERTAIN and not _only_figures(said[start : start + period])
    if not certain and (times < 4 or (period < 3 and times < 20)):
        return None
    phrase = " ".join(said[start : start + period])
    return FaultFinding(
        NAME, certain, f"“{excerpt(phrase)}” comes {times:.0f} times in a row, {share:.0%} of the response", ""
    )


def _run(ids: np.ndarray, period: int) -> tuple[int, int, int]:
    """(words that the longest run of this period covers, -period, where it starts)."""
    same = ids[period:] == ids[:-period]
    edges = np.flatnonzero(np.diff(np.concatenate(([False], same, [False]))))
    if not len(edges):
        return 0, -period, 0
    lengths = edges[1::2] - edges[::2]
    best = int(lengths.argmax())
    return int(lengths[best]) + period, -period, int(edges[2 * best])


def _only_figures(stretch: list[str]) -> bool:
    return all(word.isdigit() for word in stretch)


def values(texts: RowTexts) -> list[int]:
    """(n,) 1 for each row that certainly has the fault."""
    return flags(texts, NAME, find)
