"""Responses that ask for a text which the prompt should have brought."""

from __future__ import annotations

import re

from curate.score.faults import context, languages
from curate.score.faults.column import flag, flags
from curate.score.faults.finding import FaultFinding, of_match
from curate.score.faults.row import FaultRow
from curate.score.texts import RowTexts

NAME = "missing_input"
MEANING = "the response asks for an input in place of an answer (“Please provide the text”, 您没有提供文本)"
SOURCE = "a common fault of generated data: prompts whose input was lost"
COLUMN = flag(NAME, MEANING, SOURCE)
# An input is asked for at the beginning, by a response that is short.
BEGINNING, LONGEST = 260, 420
_THING = (
    r"(?:texts?|sentences?|paragraphs?|passages?|articles?|essays?|stor(?:y|ies)|poems?|lyrics|songs?|codes?"
    r"|documents?|numbers?|values?|data(?:set)?|list|words?|images?|photos?"
    r"|pictures?|tweets?|e-?mails?|messages?|questions?|context|input|content|files?|charts?|graphs?|tables?"
    r"|r[eé]sum[eé]|abstract|statements?|phrases?|reviews?|scenario|excerpt|equations?"
    r"|problem|options|items|letters?|names?|topic|prompt|snippet|report|url|link|joke|draft|dialogue|conversation)"
)
_HAND = r"(?:provide|share|paste|send|include|upload|attach|supply|submit|give me|type|enter|specify|post|insert|copy)"
_ASK = re.compile(
    rf"(?:please|kindly|could you|can you|would you|will you)(?: please)? {_HAND}(?: (?:me|us"
    rf"|it))?(?: with)?(?: (?:the|your|a|an|some|any|more|it|them|this|that|full|specific|actual|complete|original"
    rf"|exact|given|following|input|two|in)){{0,3}} (?:\w+ ){{0,2}}?{_THING}\b"
    rf"|(?:please|could you|can you) (?:please )?{_HAND} (?:it|them|me with it|me with them)\b"
    rf"|you(?:'ll| will)? need to (?:{_HAND}|tell me) [^.!?\n]{{0,100}}?\b(?:(?:you(?:'d| would) like|you want) me to"
    r"|for me to|(?:so|before) (?:that )?i can)\b"
)
_ABSENT = re.compile(
    rf"(?:you|user|prompt|question)(?: did not| didn't| haven't| have not| has not| hasn't| forgot to"
    rf"| seem to have forgotten to)(?: \w+){{0,2}}? (?:provided?|includ\w+|attach\w*|given?|giv\w+|shared?|past\w+"
    rf"|upload\w*|specif\w+)\b"
    rf"|there (?:is|are|was|were) no (?:\w+ )?{_THING} (?:given|provided|included|attached|here)\b"
    rf"|\b(?:no|any) (?:\w+ )?{_THING} (?:was|were|is|has been|have been|to \w+) ?(?:provided|given|included"
    rf"|attached|shared|specified|pasted)?"
    rf"|i (?:do not|don't|can't|cannot) see (?:any|the|an?|your) (?:\w+ )?{_THING}|{_THING} (?:seems?"
    rf"|appears?) to be missing|forgot to (?:include|attach|provide|paste|add)|no {_THING} (?:was|were) (?:provided"
    rf"|given)"
    rf"|(?:i|we)(?:'d|'ll| would| will)? need (?:the|your|to (?:know|see)|more|some|an?) (?:\w+ ){{0,3}}?{_THING}\b"
    rf"|what {_THING} (?:should|would|do|did)|without (?:the|an?|any|your) {_THING}, i (?:can't|cannot|am unable"
    rf"|can not)"
)
_WHY = re.compile(
    r"(?:so (?:that )?i can|and i(?:'ll| will| can|'d)|for me to|to me|i(?:'ll| will| can| would) (?:be (?:happy"
    r"|glad|able)|help|need)|(?:you(?:'d| would) like|you want|you need|that needs|to be) (?:me|to|summar|translat"
    r"|edit|correct|analy)|in order (?:to|for)|first|here\b)"
)
_CHINESE_ABSENT = re.compile(
    r"[您你](?:好像|似乎|可能|还|還|并)*(?:[没沒]有?|未|忘了|忘[记記])(?:有)?(?:[为為给給向]我)?(?:们)?(?:提供|[给給](?:出|定)|附上|[贴貼]出"
    r"|上[传傳]|[输輸]入|[发發]送|[说說]明|指定|列出)"
    r"|^(?:\S{0,10}[，,])?\s*[没沒]有(?:提供|[给給]出|看到|收到)|我(?:[没沒]有?|未能?)(?:看到|收到"
    r"|找到)[^。]{0,8}(?:文|句|[内內]容|[图圖]|代[码碼]|列表"
    r"|附件|[题題]|[诗詩]|段落|表格|[数數][据據]|[链鏈]接)|我(?:[没沒]有?|未能?)(?:看到|收到|找到)(?:[您你]|任何)"
    r"|[无無]法(?:[归歸][类類]|分[类類]|判[断斷]|分析|回答|[总總][结結]|翻[译譯]|[评評]估"
    r"|[识識][别別])[^。！？\n]{0,30}"
    r"(?:[没沒]有?|未|不)(?:包含|包括|提供|[给給]出)"
    r"|未提供|缺少(?:原文|文本|[内內]容|[输輸]入|[题題]目)"
)
_CHINESE_ASK = re.compile(
    r"[请請](?:[您你])?(?:先|再|直接|重新|[补補]充)?(?:提供|[输輸]入|[给給]出|[发發]送|上[传傳]|[粘黏][贴貼]"
    r"|[贴貼]出|告[诉訴]我|附上)[^。！？\n]{0,16}?(?:文本"
    r"|文章|原文|句子|段落|[内內]容|[图圖]片|代[码碼]|列表|[数數]字|[数數][据據]|[单單][词詞]|[题題]目"
    r"|[信資资][息訊讯]|[诗詩]|材料|故事|[问問][题題]|例子|[词詞][语語])"
    r"|[请請](?:先)?提供[您你](?:想|需|希望|要)[^。！？\n，]{1,24}的"
    r"|[您你](?:需要|[应應][该該]|得)(?:先)?提供[^。！？\n]{0,24}[，,]?(?:这样|這樣)?我(?:才|就)?(?:可以|能)"
    r"|[请請](?:[您你])?(?:先)?把[^。！？\n]{0,20}(?:[发發][给給送]?|[贴貼]|告[诉訴])(?:[给給出来來]|到|我)"
)
_CHINESE_WHY = re.compile(
    r"以便|我才能|我(?:再|会|會|就|好)|才能|需要[^。]{0,6}(?:的)|抱歉|[对對]不起|[没沒]有|未"
    r"|[帮幫为為][您你](?:进行|進行)?(?:修改|潤色|润色|翻[译譯]|[总總][结結]|概括|校[对對]|改[写寫]|[编編][辑輯])"
)
_FOR_YOU = re.compile(r"so (?:that )?i can|for me to|you(?:'d| would) like me|i(?:'ll| will| can)|你|您|我|需要")
_FORM = re.compile(
    r"\b(?:full name|date of birth|phone|address|password|card|account|invoice|proof)\b|手[机機]|密[码碼]"
    r"|[账賬][号號]|姓名"
)
# What somebody who serves people has to ask for.
_DETAILS = re.compile(
    r"\byour (?:\w+ ){0,2}?(?:names?|dates?|numbers?|details?|information|time|id|model|colou?r)\b|\bthe (?:date"
    r"|time)\b"
    r"|\b(?:order|booking|account|reference|phone|invoice|tracking|room|flight|error|model|case|ticket|serial)"
    r" (?:numbers?|name|id|date|message|code|details)\b|\b(?:orders?|bookings?|reservations?|address|e-?mail|phone"
    r"|account"
    r"|symptoms?|preferences?|budget|destination|birth\w*|receipt|size|location|city|guests?|screenshot|policy)\b"
    r"|姓名|名字|日期|[时時][间間]|[订訂定][单單]|[預预][订訂]|[電电][话話]|[号號][码碼]|[账賬][号號户]|地址|[邮郵]箱"
    r"|[详詳][细細]|症[状狀]|[预預]算|尺[码碼寸]|[颜顏]色|型[号號]|人[数數]|截[图圖]"
)
# Prompts for work on a text, whoever does it.
_TEXT_WORK = re.compile(
    r"translat|summari[sz]|proof-?read|paraphras|rewrit|rephras|\bedit|correct|classif|grammar|analy[sz]e"
    r"|翻译|总结|改写|校对|润色|修改|分析|归纳"
)
_SPEAKER = re.compile(r"^[A-Z][\w .]{0,20}:", re.MULTILINE)
_DIALOGUE = re.compile(
    r"^\W*(?:hi|hello|hey|i need|i want|i'd like|can you|could you|help me|i am|i'm)\b|^(?:你好|您好|我想|我要"
    r"|[帮幫]我)"
)


# Prompts that hand over a text, and what shows that they do hold it.
_TEXT = (
    r"(?:texts?|sentences?|paragraphs?|passages?|articles?|essays?|stor(?:y|ies)|poems?|documents?|reviews?|e-?mails?"
    r"|data ?sets?|tables?|graphs?|charts?|code|snippets?|statements?|quotes?|equations?|functions?|words|numbers"
    r"|items)"
)
_HANDS_OVER = re.compile(
    rf"\b(?:the following|the given|the provided|given the|the above|this) (?:\w+ )?{_TEXT}\b"
    r"|(?:以下|下面的?|下列|给定的?|[这該该][段篇句个首])\S{0,6}?(?:文本|文章|文字|句子|段落|短文|新闻|诗|故事|代码"
    r"|[数數]据|表格"
    r"|单词|词语|列表|评论|邮件)"
)
_HOLDS = re.compile(
    r"\n|[:：]\s*\S.{2}|[.!?。！？]\s*\S.{10}|https?:|[\"“「『《`].|\d.*\d|,.*,|、|[(（]|\b[xy]\b|这个\S+的"
)
# A title is no article.
_TITLE_ALONE = re.compile(
    r"^\W*(?:please )?(?:summari[sz]e|outline|shorten|paraphrase)\b[^\"“]{0,40}\b(?:article|essay|blog post|report)\b"
    r"[^\"“]{0,30}[\"“][^\"”]{4,80}[\"”][^\n]{0,40}$|^(?:请)?(?:总结|概括|归纳"
    r"|缩写)[^“《]{0,8}文章[“《][^”》]{2,40}[”》][^\n]{0,20}$"
    r"|^(?:请)?(?:总结|概括|归纳|缩写)\S{0,14}?文章。?$"
)
SPOKEN_OF = 160


def find(row: FaultRow) -> FaultFinding | None:
    """The fault, if the row has it; suspected where a prompt speaks of a text that it does not hold."""
    return _asked_for(row) or _spoken_of(row)


def _spoken_of(row: FaultRow) -> FaultFinding | None:
    prompt = row.prompt.strip()
    if len(prompt) > SPOKEN_OF or row.turns > 1:
        return None
    match = _TITLE_ALONE.search(prompt.lower()) or (None if _HOLDS.search(prompt) else _HANDS_OVER.search(prompt))
    if match is None:
        return None
    return FaultFinding(NAME, False, "the prompt speaks of a text that it does not hold", of_match(prompt, match))


def _asked_for(row: FaultRow) -> FaultFinding | None:
    if len(row.response) > LONGEST or row.has_calls or row.turns > 1 or len(_SPEAKER.findall(row.response)) > 1:
        return None
    head = row.lower[:BEGINNING]
    absent, ask, why = languages.request(head)
    if absent or ask:
        return _judge_other(row, head, absent, ask, why)
    if not head.isascii() and any("\u4e00" <= c <= "\u9fff" for c in head[:40]):
        return _judge(row, head, _CHINESE_ABSENT.search(head), _CHINESE_ASK.search(head), _CHINESE_WHY.search(head))
    if not any(
        hint in head
        for hint in (
            "provid",
            "paste",
            "share",
            "need",
            "attach",
            "includ",
            "send",
            "missing",
            "see ",
            "forgot",
            "did",
            "give",
            "upload",
            "enter",
            "specif",
            "what ",
            "no ",
        )
    ):
        return None
    return _judge(row, head, _ABSENT.search(head), _ASK.search(head), _WHY.search(head))


def _judge(
    row: FaultRow, head: str, absent: re.Match[str] | None, ask: re.Match[str] | None, why: re.Match[str] | None
) -> FaultFinding | None:
    match = absent or ask
    if match is None or '"' in head[: match.start()] or "“" in head[: match.start()]:
        return None
    if absent is None and (
        _FORM.search(head)
        or (context.in_another_voice(row.prompt_lower) and not (why and ask and _FOR_YOU.search(head)))
    ):
        return None
    serves = _serves(row, head, absent is not None)
    if serves:
        return None
    writes = re.search(r"^\W*(?:write|draft|compose|create|generate|suggest)\b|写|拟", row.prompt_lower) is not None
    if writes and re.search(
        r"message|e-?mail|letter|form|notice|wording|request|reply|邮件|信|通知|提示", row.prompt_lower
    ):
        return None
    certain = bool(
        (absent and ask) or (absent and len(row.response) < 160) or (ask and (why or len(row.response) < 90))
    )
    if serves is not None or (_DIALOGUE.search(row.prompt_lower) and not absent):
        certain = False
    what = "the response asks for an input" if ask else "the response says that an input is missing"
    return FaultFinding(NAME, certain, what, of_match(row.lower, match))


def _judge_other(
    row: FaultRow, head: str, absent: re.Match[str] | None, ask: re.Match[str] | None, why: re.Match[str] | None
) -> FaultFinding | None:
    """As below, in languages other than English and Chinese."""
    finding = _judge(row, head, absent, ask, why)
    unexcused = languages.excuse(row.prompt_lower, head)
    if finding is None or unexcused is None:
        return None
    certain = unexcused and bool((absent and (ask or len(row.response) < 160)) or (ask and why))
    return finding if certain else FaultFinding(NAME, False, finding.what, finding.excerpt)


def _serves(row: FaultRow, head: str, says_absent: bool) -> bool | None:
    """Whether a response asks what one who serves people has to know; False where he works on texts, else None."""
    prompt = row.prompt_lower
    if context.plays_a_part(prompt):
        if _HANDS_OVER.search(prompt):
            return None
        return not _TEXT_WORK.search(prompt)
    details = context.is_own_affair(prompt) and not says_absent and _DETAILS.search(head) is not None
    return True if details and not _HANDS_OVER.search(prompt) else None


def values(texts: RowTexts) -> list[int]:
    """(n,) 1 for each row that certainly has the fault."""
    return flags(texts, NAME, find)
