"""One to three words in place of an answer: what a program, a template or a forum leaves, and pointers to elsewhere."""

from __future__ import annotations

import re

from curate.score.faults import nothing

# Longer responses say more than that.
LONGEST = 40
# The input that a prompt of this length brings may hold such words.
LONG_PROMPT = 400
_PROGRAM = re.compile(
    r"\[(?:redacted|removed|deleted)\]|\[object object\]|#(?:value|ref|name|num|div/0)[!?]|<?no ?input>?"
)
_VARIABLE = re.compile(
    r"\{\{ ?[\w.]{1,30} ?\}\}|\$\{[\w.]{1,30}\}|\{(?:\d|[a-z_]{3,30})\}|%\(\w{1,30}\)s|<[a-z_]{3,30}>"
)
_POINTER = re.compile(
    r"(?:please )?(?:see|refer to) (?:the )?(?:above|below|attached|attachment"
    r"|attached file|previous (?:answer|response))"
    r"|(?:the )?same as (?:the )?(?:above|before|previous)"
    r"|[请請]?(?:[详詳]?[见見]|[参參](?:考|[见見]|[阅閱])|查看)(?:附件|上文|下文|附[图圖]|上[图圖]|下[图圖])|[答]?同上(?:文)?"
)
_FORUM = re.compile(
    r"(?:just )?google (?:it|is your friend)|(?:自己|自行|[请請]自行)(?:去)?(?:百度|谷歌|搜索|[查搜])"
    r"(?:一下|吧|去)?|百度一下"
)
# May be a word that was asked for.
_BUMP = re.compile(r"bump|up{2,}|顶+|沙发")
# Prompts about such words, and ones that want them in another language.
_ASKS = re.compile(
    r"translat\w*|\b(?:chinese|english|french|german|spanish|japanese|templates?|variables?|placeholders?|redact\w*"
    r"|remov\w+|censor\w*|delet\w+|files?|attach\w*|refer\w*|cells?|formulas?|errors?|forums?|threads?|search|google|baidu"
    r"|phrases?|expressions?|blanks?|notes?|footnotes?|ditto)\b|___|翻[译譯]|[译譯][成为為]|中文|附件|上文|同上|模板|[变變]量"
    r"|占位|[错錯][误誤]|公式|[单單]元格|百度|谷歌|搜索|[论論][坛壇]|填"
)


def certain(text: str, prompt_lower: str) -> bool | None:
    """Whether a response is surely such words in place of an answer; False if perhaps, None if not or if asked for.

    Args:
        text: the response, without white space around it.
        prompt_lower: the prompt in lower case.
    """
    if len(text) > LONGEST:
        return None
    lower = text.lower()
    bare = lower.strip(" .。!！~*\"'“”（）()")
    is_word = _BUMP.fullmatch(bare) is not None
    if not is_word and not (
        any(pattern.fullmatch(lower.rstrip(" .。")) for pattern in (_PROGRAM, _VARIABLE))
        or any(pattern.fullmatch(bare) for pattern in (_POINTER, _FORUM))
    ):
        return None
    if _ASKS.search(prompt_lower) or bare in prompt_lower:
        return None
    if nothing.speaks_of_values(prompt_lower):
        return False if nothing.is_work(prompt_lower) else None
    if is_word and not nothing.is_open(prompt_lower):
        return False
    return len(prompt_lower) <= LONG_PROMPT
