"""Responses that are one short answer over and over: too short for a stretch of words to be looked for."""

from __future__ import annotations

import re
from typing import NamedTuple

from curate.score.faults.row import FaultRow
from curate.text.words import UNSPACED

# Words of the answer, at most, and times that are too many, by its words; a Han or Kana character is a word.
LONGEST = 12
TIMES = ((1, 6), (2, 5), (4, 4))
TIMES_UNSPACED = ((1, 8), (2, 6), (3, 5), (5, 4))
# Laughs, noises and syllables of songs.
_SOUND = re.compile(
    r"(?:ha|he|hi|ho|hu|ja|lol|la|na|da|do|doo|ba|bo|bum|fa|sha|oh|ah|uh|um|eh|oo+h|yeah|hey|hip|hooray|rah|go|boo"
    r"|blah"
    r"|bla|yada|woof|arf|bark|ruff|bow|wow|meow|miaow|purr|moo|baa|oink|quack|cluck|tweet|chirp|ribbit|croak|caw|coo"
    r"|cuckoo"
    r"|hoot|buzz|hiss|roar|neigh|beep|boop|bleep|ding|dong|ring|tick|tock|knock|click|clack|clap|tap|thump|boom|bang"
    r"|pow|drip"
    r"|drop|chug|choo|toot|honk|vroom|zoom|buffalo|z+|ohm?|hare|krishna|[a-z0-9]|\d+|哈|呵|嘿|嘻|嗯|啊|哦|呜|哇|唉"
    r"|汪|喵|咩|哞"
    r"|嘎|呱|叽|啾|喳|吱|咕|布|谷|咚|砰|嘀|滴|嗒|答|哒|啪|啦|噜|呼|轰|隆|嗡|叮|当|铃|咔|嚓|嘟|咯|噗|通|哗|沙|淅|沥"
    r"|ワ|ン|は|笑|[零〇一二三四五六七八九])"
)
# Prompts that lead to the same answer many times, or speak of sounds and of repetition.
_ASKS = re.compile(
    r"\beach\b|\bevery\b|following|classif|label|categor|\btags?\b|sequence|series|pattern|\bnext\b"
    r"|repeti|\brepeat|times\b|sound|noise|nois|cheer"
    r"|chant|mantra|\bbark|animal|onomatop|\bsing|song|lyric|refrain|chorus"
    r"|tongue|stutter|echo|emphas|rhythm|drum|clock|stress test|spam|in a row|consecutive|copies|copy|fill|scream"
    r"|shout"
    r"|yell|laugh|draw|ascii|art\b|border|\bloop|again|over and over|\bmany\b|twice|translate|correct|continue"
    r"|complete|sort"
    r"|order|grammatical|buffalo|\b[dr]na\b|strand"
    r"|每|分别|以下|下列|分类|标注|标签|序列|规律|重复|遍|次|声音|叫声|怎么叫|口号|喊|唱|歌|回声|绕口令|叠|节奏"
    r"|连续|连写|复制|填|画|笑|翻译|改正|续写|排序|拟声|象声|强调|加油|念|个[“\"‘].{1,6}[”\"’]"
)
_UNSPACED = re.compile(f"[{UNSPACED}]")
_MARK = re.compile(r"[,;、，；]|\n|[.?!。？！](?=\s?\S)|\b\w[.)]\s|\band\b|和")


class ShortLoop(NamedTuple):
    """One answer over and over.

    Attributes:
        answer: its words.
        times: how often it comes.
        certain: whether the prompt cannot lead to it.
    """

    answer: str
    times: int
    certain: bool


def short_loop(row: FaultRow) -> ShortLoop | None:
    """The answer that a response consists of, if it is too often there and the prompt does not ask for that."""
    said = row.words
    if len(said) < TIMES[0][1] or row.turns > 1:
        return None
    for period in range(1, min(LONGEST, len(said) // 4) + 1):
        if said[period] == said[0] and _goes_round(said, period):
            unit, times = said[:period], len(said) // period
            if times < _least(unit) or _wanted(row, unit):
                return None
            items = len(_MARK.findall(row.prompt.strip()))
            return ShortLoop(" ".join(unit), times, items < times - 2)  # else each may answer one item of the prompt
    return None


def _goes_round(said: list[str], period: int) -> bool:
    """Whether words repeat with a period; the last may be cut."""
    return said[period:-1] == said[: -period - 1] and said[-period - 1].startswith(said[-1])


def _least(unit: list[str]) -> int:
    """How many times are too many."""
    table = TIMES_UNSPACED if _UNSPACED.match(unit[0]) else TIMES
    return next(times for least, times in reversed(table) if len(unit) >= least)


def _wanted(row: FaultRow, unit: list[str]) -> bool:
    """Whether the answer is sounds, or the prompt asks for repetition or repeats the answer itself."""
    if all(map(_SOUND.fullmatch, unit)) or _ASKS.search(row.prompt_lower):
        return True
    return 2 * "".join(unit) in "".join(c for c in row.prompt_lower if c.isalnum())
