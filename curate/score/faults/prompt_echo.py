"""Responses that are their prompt once more, or begin with it."""

from __future__ import annotations

import re

from curate.score.faults.column import flag, flags
from curate.score.faults.finding import FaultFinding, excerpt
from curate.score.faults.row import FaultRow
from curate.score.texts import RowTexts
from curate.text.words import CLOSING, END, WORD

NAME = "prompt_echo"
MEANING = "the response repeats its prompt before anything else, or instead of an answer"
SOURCE = "a common fault of generated data: the prompt left in the response"
COLUMN = flag(NAME, MEANING, SOURCE)
# Words of a prompt that is repeated before an answer, and of one that is all the response.
LEAST, LEAST_HAN, WHOLE = 5, 8, 4
# Prompts whose right answer may be their own text.
_SAME = re.compile(
    r"copy|repeat|correct|proof-?read|grammar|grammatical|punctuat|spell|edit|fix|rewrite|rephrase|paraphrase"
    r"|continue|complete|finish|translate|convert|change|capital|quote|extract"
    r"|identify|find|which sentence|identical|verbatim|exact|transcri|read|say|type|print|write (?:down|out)|format"
    r"|reverse|sort|order|arrange|unscramble|tokeni[sz]e"
    r"|重复|抄|改正|纠正|修改|改写|续写|翻译|语病|标点|朗读|原文|原句|排序|转换|复述|填|补"
)
_SHORTEN = re.compile(r"summar|shorten|condense|simplif|paraphrase|rephrase|总结|概括|缩写|简化|换一种|改写")
_ASKS = re.compile(
    r"[?？]\s*$|^\W*(?:请|如何|怎|什么|为什么|哪|列出|写|给|介绍|解释|描述|说明|分析|比较|设计|生成|创建|提供|谈"
    r"|简述|讲|用|帮|将|根据|对)|^\W*(?:what|who|why"
    r"|how|when|where|which|is|are|do|does|can|could|should|write|give|list|name|describe|explain|suggest"
    r"|create|generate|compose|make|provide|design|tell|discuss|compare|summari[sz]e|state|plan|define|outline"
    r"|propose|develop|come up|construct|calculate|compute|classify|determine|imagine|construct)\b",
    re.IGNORECASE,
)
_LEADIN = re.compile(r"^\W*(?:question|instruction|prompt|task|input|q|问题|指令|问|题目)\s*[:：]\s*", re.IGNORECASE)


def find(row: FaultRow) -> FaultFinding | None:
    """The fault, if the row has it."""
    response = _LEADIN.sub("", row.response.lstrip(CLOSING + "“‘「 \n"), count=1)
    prompt = row.prompt.strip()
    if not response or not prompt:
        return None
    size = len(prompt)
    if response[:4].casefold() != prompt[:4].casefold():
        return _part(row, response)
    words = len(WORD.findall(prompt)) if size < 400 else LEAST_HAN
    least = LEAST if prompt.isascii() else LEAST_HAN
    if len(response) < size + 3:  # nothing else is there
        least = WHOLE
    if words < least or not _ASKS.search(prompt):
        return None
    stem = prompt.rstrip(CLOSING + "".join(END) + " \n:：")
    if response[: len(stem)].casefold() != stem.casefold():
        return None
    rest = response[len(stem) :].lstrip(CLOSING + "”’」")
    if rest and not rest.startswith(("\n", *END)):
        return None
    what = (
        "the response begins with its prompt"
        if rest.strip("".join(END) + CLOSING + " \n")
        else "the response is its prompt"
    )
    return FaultFinding(NAME, not _SAME.search(row.prompt_lower), what, excerpt(row.response, 0, len(stem)))


def _part(row: FaultRow, response: str) -> FaultFinding | None:
    """Where a text was to be made shorter or put differently: the response is that text."""
    bare = response.strip()
    if len(bare) < 30 or not row.prompt.rstrip().endswith(bare) or not _SHORTEN.search(row.prompt_lower):
        return None
    return FaultFinding(NAME, True, "the response is the text of the prompt as it was", excerpt(row.response))


def values(texts: RowTexts) -> list[int]:
    """(n,) 1 for each row that certainly has the fault."""
    return flags(texts, NAME, find)
