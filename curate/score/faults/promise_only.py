"""Responses that promise an answer and stop."""

from __future__ import annotations

import re

from curate.score.faults.column import flag, flags
from curate.score.faults.finding import FaultFinding, excerpt
from curate.score.faults.row import FaultRow
from curate.score.texts import RowTexts

NAME = "promise_only"
MEANING = "the response promises an answer and holds none (“Sure! I'll write that for you.”)"
SOURCE = "a common fault of generated data: the turn that comes before the answer"
COLUMN = flag(NAME, MEANING, SOURCE)
LONGEST = 170
_OPENER = (
    r"(?:(?:sure(?: thing)?|certainly|of course|absolutely|ok(?:ay)?|alright|all right|no problem|got it"
    r"|great question|good question|understood|gladly|with pleasure|happy to help|my pleasure|right away"
    r"|will do)[,!. ]*)"
)
_VERB = (
    r"(?:help|assist|do|write|create|make|answer|explain|get|work|provide|give|generate|prepare|draft|compose|start"
    r"|take|look|think|calculate|compute|translate|summari[sz]e|list|find|show|try|proofread|begin|compile|put|send"
    r"|plan|design|handle|be)"
)
_I_WILL = (
    rf"(?:i(?:'ll| will| can| could|'m going to| am going to)(?: (?:definitely|certainly|gladly|happily|now|try to"
    rf"|be (?:happy|glad) to|surely|also|absolutely))* {_VERB}"
    rf"|i(?:'d| would) (?:be (?:happy|glad|delighted|pleased)|love|like) to {_VERB}|i(?:'m| am) (?:happy|glad"
    rf"|working|on it)(?: to {_VERB})?|let me {_VERB}|working on it|give me a (?:moment|minute|second)|one moment"
    rf"|just a (?:moment|second|minute)|please wait|(?:converting|generating|working|calculating"
    rf"|writing) (?:\w+ )?now)"
)
_FOR_YOU = re.compile(
    r"\b(?:that|this|it|you|your|right away|shortly|soon|now|get started|moment|about it|second|please wait)\b"
    r"|^(?:let me|i'll|i will) \w+$"
)
_HERE = r"(?:(?:here(?:'s| is| are)|below (?:is|are)|the following (?:is|are)|this is) [^.:!?\n]{0,80}[:.!]*)"
_PROMISE = re.compile(
    rf"{_OPENER}?(?P<promise>{_I_WILL}[^.!?:\n]{{0,90}}[.!:]*\s*)(?:{_I_WILL}[^.!?:\n]{{0,60}}[.!:]*\s*)?"
    rf"|{_OPENER}+(?:{_HERE}|(?:one moment|just a moment|please wait)[^.!?]{{0,20}}[.!]*)?\s*"
)
_HERE_IT_IS = re.compile(rf"{_OPENER}?{_HERE}\s*")
_CHINESE_OPENER = (
    r"(?:(?:好的|好|当然(?:可以)?|當然(?:可以)?|可以的?|[没沒][问問][题題]|收到|明白了?|行|嗯"
    r"|非常[乐樂]意)[，,！!。. ～~]*)"
)
_CHINESE = re.compile(
    rf"{_CHINESE_OPENER}*(?:(?:我(?:(?:[这這]就|[马馬]上|立即|立刻|正在|[现現]在就)|(?:[会會]|来|來|可以|将|將"
    rf"|很?[乐樂]意)(?=.{{0,12}}[您你]))+"
    rf"|[请請]稍(?:等|候)|稍[后後候等]|正在|以下(?:是|[为為])|下面(?:是"
    rf"|我))[^。！!？?：:；\n]{{0,30}}[。！!：:～~…]*)|{_CHINESE_OPENER}{{1,3}}"
)
_CONTENT = re.compile(r"\d|[\"“「]|\n")
_WORDING = re.compile(
    r"reply|respond|accept|invit|thank|response to|say yes|polite|agree|promise|dialog|conversation|role"
    r"|answer (?:yes|with)|express|greet"
    r"|谢谢你|回复|答应|对话|承诺|造句|邀请|你好"
)
_OPEN_QUESTION = re.compile(r"\W*(?:what|who|why|how|when|where|which)\b|.{0,6}(?:什么|怎|为何|哪|谁|如何)")
_SOFT = re.compile(
    r"[?？]\s*$|^\W*(?:can|could|do|does|will|would|are|is|may|have|did|shall|should|thanks?|thank you|hi|hello|hey"
    r"|please (?:set|send|remind)|remind|yes|no)\b"
    r"|translat|sentence|phrase|rewrite|rephrase|paraphrase|correct|story|改写|翻译|可以吗|能不能|是不是|吗\s*$"
)


def find(row: FaultRow) -> FaultFinding | None:
    """The fault, if the row has it."""
    text = row.text.strip()
    if not text or len(text) > LONGEST or row.has_calls or row.turns > 1:
        return None
    lower = row.lower.strip() if row.text == row.response else text.lower().replace("’", "'")
    if _CONTENT.search(lower):
        return None
    kind = _kind(lower)
    if kind is None:
        return None
    if not (kind and lower.endswith((":", "："))) and _WORDING.search(row.prompt_lower):
        return None
    soft = _SOFT.search(row.prompt_lower) is not None and not _OPEN_QUESTION.match(row.prompt_lower)
    if soft and not kind:
        return None
    certain = not soft or (
        kind and ("for you" in lower or "您" in lower or "你" in lower or lower.endswith((":", "：")))
    )
    return FaultFinding(NAME, certain, "the response promises an answer and ends", excerpt(row.response))


def _kind(lower: str) -> bool | None:
    """True for a promise to do something, False for a bare yes; None for anything else."""
    if not lower.isascii() and max(lower) >= "\u4e00" and _CHINESE.fullmatch(lower):
        return "我" in lower or "稍" in lower or "以下" in lower or "下面" in lower or "正在" in lower
    match = _PROMISE.fullmatch(lower)
    if match is not None:
        promise = match["promise"]
        if promise and not _FOR_YOU.search(promise.strip(" .!:")):
            return None
        return bool(promise) or len(lower) > 20
    if _HERE_IT_IS.fullmatch(lower):
        return (
            True
            if re.search(
                r"\b(?:translation|code|summary|answer|list|story|poem|essay|result|version|you (?:go|asked"
                r"|requested)|example|steps|response|requested|outline|plan)\b",
                lower,
            )
            and (lower.endswith(":") or re.match(_OPENER, lower))
            else None
        )
    return None


def values(texts: RowTexts) -> list[int]:
    """(n,) 1 for each row that certainly has the fault."""
    return flags(texts, NAME, find)
