"""Responses that hold the place of an answer: TODO, [insert name], N/A, null, 待补充."""

from __future__ import annotations

import re

from curate.score.faults import nothing, stand_in
from curate.score.faults.column import flag, flags
from curate.score.faults.finding import FaultFinding, excerpt, of_match
from curate.score.faults.row import FaultRow
from curate.score.texts import RowTexts

NAME = "placeholder"
MEANING = "the response holds the place of an answer (TODO, N/A, null, [insert text], lorem ipsum, 待补充)"
SOURCE = "stock phrases of unfinished annotation"
COLUMN = flag(NAME, MEANING, SOURCE)
LONGEST = 160
_WHOLE = re.compile(
    r"to-?do|to do|tb[dcaf]|to be (?:done|added|completed|determined|continued|filled(?: in)?|written|provided"
    r"|announced)|n\.?/?a\.?|n\\a|not available|not applicable"
    r"|(?:the )?(?:answer|response|text|content|output|\w+) (?:goes|will go|to go|should go|comes) here|(?:your"
    r"|insert|add|enter|type|put|write)(?: (?:your|the|an?|some))? (?:answer|response|text|content|output|input"
    r"|description)(?: here)?"
    r"|answer|placeholder|pending|fill (?:this )?in|under construction|lorem ipsum|asdf\w*|qwerty\w*|[?？]{3,}"
    r"|待(?:补充|填写?|完善|定|续|更新|添加|完成|编辑)|(?:内容|答案|回答|此处)?(?:待补充|待填写?|待定|待完善)"
    r"|(?:请)?(?:在此|此处|在这里|这里)(?:请)?(?:填写?|输入|插入"
    r"|补充|写)\w*|略|此处省略|(?:答案|内容|回答)(?:略|省略|暂缺|缺失)|暂无(?:内容|答案|数据|回答)?|待办"
)
_WEAK = re.compile(
    r"test(?:ing)?|x{3,}|coming soon|tba|foo(?: ?bar)?|blah(?: blah)*|sample(?: text)?|unknown|无|未知|空|答案|测试"
    r"|敬请期待|见上"
    r"|同上|如题"
)
_BRACKETED = re.compile(r"[\[<【{(（〔]{1,3}[^\[\]<>【】{}]{1,120}[\]>】})）〕]{1,3}")
_INSERT = re.compile(
    r"\b(?:insert|your|here|placeholder|answer|response|text|output|add|enter|todo|tbd|blank)\b|填|此处|在此|内容"
    r"|答案|译文|输入"
    r"|插入|待|省略"
)
_COMMENT = re.compile(r"(?:#|//|/\*|--|<!--)\s*(?:todo|fixme|your code|implement|add (?:your )?code|code goes)\b[^\n]*")
_INSIDE = re.compile(
    r"\[(?:insert|add|enter|describe|fill in|your answer|placeholder)\b[^\]\n]{0,80}\]|\btodo:|\blorem ipsum dolor"
    r"|[\[【（](?:此处|在此|请)(?:插入|填写?|输入|补充)[^\]】）\n]{0,40}[\]】）]|待补充"
)
_ASKS = re.compile(
    r"\bn/?a\b|\bnone\b|not available|not applicable|to-?do|tb[dca]\b|placeholder|lorem|filler|dummy"
    r"|sample text|mock|pseudo-?latin|skeleton|stub"
    r"|comment|template|mark|missing|blank|if (?:not|there is no|none|no )|otherwise|abbreviat|acronym|stands? for"
    r"|extract|keyboard|punctuation"
    r"|占位|假文|填充|排版|模板|待|缺失|没有则|如果没有|若无|否则|略|提取|抽取|注释"
)
_MARKUP = re.compile(
    r"html|xml|\btags?\b|\belements?\b|mark-?up|react|\bvue\b|svelte|json|\bcode\b|标签|元素|标记|代码"
)
# Phrases that may be a translation.
_PHRASE = re.compile(
    r"to be \w+(?: in)?|not a\w+|coming soon|pending|under construction|待\w{1,2}|暂无\w{0,2}|敬请期待"
)
_TRANSLATES = re.compile(
    r"translat\w*|\b(?:in|into|to) (?:chinese|english|mandarin)\b|\byou say\b|翻[译譯]|[译譯][成为為]|英文|中文|怎么说"
)
_SHELL = " \t\r\n.。!！:：;；*_`~\"'“”[]【】()（）<>{}"


def find(row: FaultRow) -> FaultFinding | None:
    """The fault, if the row has it."""
    text = row.text.strip()
    if not text:
        return None
    kind = nothing.kind(text)
    if kind:
        certain = nothing.judge(kind, row.prompt_lower)
        what = "the response only holds the place of an answer"
        return None if certain is None else FaultFinding(NAME, certain, what, excerpt(row.text))
    certain = stand_in.certain(text, row.prompt_lower)
    if certain is not None and row.turns < 2 and not row.has_calls:
        return FaultFinding(NAME, certain, "these words stand in place of an answer", excerpt(row.text))
    if len(text) <= LONGEST:
        lower = text.lower()
        bare = lower.strip(_SHELL)
        if _PHRASE.fullmatch(bare) and _TRANSLATES.search(row.prompt_lower):
            return None
        if bare and _WHOLE.fullmatch(bare) and not (bare == "answer" and text[:1] not in "[<{(【"):
            return _unless_asked(row, "the response only holds the place of an answer")
        if _BRACKETED.fullmatch(text) and _INSERT.search(lower) and "/" not in text[:2] and not _is_tag(row, text):
            return _unless_asked(row, "the response only holds the place of an answer")
        if _COMMENT.fullmatch(lower):
            return _unless_asked(row, "the response is a comment in place of code")
        if _WEAK.fullmatch(bare):
            return _unless_asked(row, "the response may hold the place of an answer", False)
    return _inside(row, text)


def _is_tag(row: FaultRow, text: str) -> bool:
    """Whether a response is a tag or field, and its prompt is about mark-up or code."""
    return " " not in text and _MARKUP.search(row.prompt_lower) is not None


def _unless_asked(row: FaultRow, what: str, certain: bool = True) -> FaultFinding | None:
    """A finding about the whole response, unless the prompt leads to such a one."""
    return None if _ASKS.search(row.prompt_lower) else FaultFinding(NAME, certain, what, excerpt(row.text))


def _inside(row: FaultRow, text: str) -> FaultFinding | None:
    """A placeholder within a longer response."""
    if text[:30].lower().lstrip(_SHELL).startswith("lorem ipsum dolor"):
        return _unless_asked(row, "the response is filler text")
    if "[" not in text and "TODO" not in text and "orem" not in text and text.isascii():
        return None
    match = _INSIDE.search(row.lower)
    if match is None or _ASKS.search(row.prompt_lower):
        return None
    return FaultFinding(NAME, False, "a placeholder stands in the response", of_match(row.lower, match))


def values(texts: RowTexts) -> list[int]:
    """(n,) 1 for each row that certainly has the fault."""
    return flags(texts, NAME, find)
