"""Words of a list in a response; not part of any group, since which words offend is for the user to say."""

from __future__ import annotations

import re
from pathlib import Path

from curate.errors import CurateError, reason
from curate.score.column import Column
from curate.score.scoring import Scoring
from curate.score.texts import RowTexts

COLUMN = Column(
    "profanity",
    "words of the list in the response",
    "words",
    "lower",
    "a word list: --words FILE, one a line, or a short one of English and Chinese swear words",
    kind="count",
    needs="words",
)
LISTED = (  # noqa: SIM905
    "fuck fucking fucker motherfucker shit bullshit bitch asshole bastard cunt dickhead slut whore wanker "
    "傻逼 操你妈 他妈的 你妈的 去你妈 王八蛋 狗日的 婊子 贱人 混蛋"
).split()


def read_words(path: str) -> list[str]:
    """The words of a file, one a line, without lines that begin with #.

    Raises:
        CurateError: if the file cannot be read or is empty.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CurateError(f"{path}: cannot read the list of words: {reason(error)}") from None
    listed = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not listed:
        raise CurateError(f"{path}: the list of words is empty; write one a line")
    return listed


def values(texts: RowTexts, scoring: Scoring) -> list[int]:
    """(n,) listed words in each response, whole words where the script has spaces.

    Raises:
        CurateError: if the file of words cannot be read or is empty.
    """
    listed = read_words(scoring.options.words) if scoring.options.words else LISTED
    pattern = re.compile("|".join(_whole(word) for word in sorted(listed, key=len, reverse=True)), re.IGNORECASE)
    return [len(pattern.findall(text)) for text in texts.responses]


def _whole(word: str) -> str:
    return rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word)
