"""Values that stand for nothing and names of fields, as exporters leave them: null, NaN, [], output."""

from __future__ import annotations

import re

# What is a value and no word.
_VALUES = re.compile(
    r"null|undefined|nan|<(?:null|none|nil|nan|undefined|output|response|answer|completion)>"
    r"|(?:output|response|answer|completion|输出|回答|回复)['\"]?\s?[:：]\W*(?:null|nan|undefined)?"
)
# These may be the answer to a question, too.
_WORDS = re.compile(
    r"none|nil|output|response|completion|assistant|输出|回复|响应"
    r"|(?:output|response|answer|completion|输出|回答|回复)['\"]?\s?[:：]\W*none"
)
# No exporter writes them so: a person, and zero in German.
_OTHERS = ("Nan", "Null")
_VALUE = r"(?:null|none|nil|undefined|nan|n/?a|\[\]|\{\})"
# Prompts that say when such a value is right, and others that speak of one.
_CONDITION = re.compile(
    rf"\b(?:if|when|where|otherwise|else|unless|without)\b[^\n]{{0,80}}(?<!\w)(?:{_VALUE}|empty|nothing)(?!\w)"
    rf"|(?<!\w){_VALUE}(?!\w)[^\n.]{{0,40}}\b(?:if|when|where|otherwise|unless)\b"
    r"|\bif (?:there (?:is|are) )?(?:not|none|no)\b|如果?没有|若[无没]|如无|没有则|不存在则|否则"
)
_SPEAKS = re.compile(rf"(?<!\w){_VALUE}(?!\w)|\bnan\b|空(?:值|列表|字典|对象|[数數]组|集合|字符串)|[为返]回?空")
# Prompts about programs, data, mark-up, signs, sums and words.
_NEAR = re.compile(
    r"`|\w\(|=|[\[\]{}<>]|\b(?:code|coding|program\w*|functions?|methods?|python|java|javascript|js|typescript"
    r"|ruby|lua|rust|swift|kotlin|golang|php|perl|haskell|lisp|sql|mysql|json|xml|html|yaml|csv|regex|api|class"
    r"|script"
    r"|variables?|returns?|prints?|outputs?|inputs?|console|quer(?:y|ies)|databases?|arrays?|dict\w*|tuples?|objects?"
    r"|pointers?|types?|values?|keywords?|literals?|expressions?|evaluat\w*|pandas|numpy|excel|spreadsheets?|pars\w+"
    r"|data ?set|schema|fields?|tags?|elements?|sets?|brackets?|braces?|symbols?|signs?|characters?|keys?"
    r"|blank|missing|absent|unknown|nobody|void|slope|divid\w*|division|limits?|solve|solutions?"
    r"|roots?|logarithm|log|tan|tangent|equations?|intersect\w*|score|synonyms?|antonyms?|opposite|words?|terms?"
    r"|spell\w*"
    r"|unscramble|rearrange|anagram|rhym\w*|riddle|complete|fill|abbreviat\w*|called|says?|said|german|dutch|swedish"
    r"|danish"
    r"|norwegian|latin|minus|wie|wieviel|hoeveel|ist|extract\w*|entit(?:y|ies)|in common)\b"
    r"|(?!\A)\blists?\b|(?<![\d.,])0\b|代码|程序|函数|编程|返回|输出|输入|变量|[数數]组|列表|字典|集合|对象|查询"
    r"|[数數]据|值|类型"
    r"|关键字|正则|表达式|标签|括号|符号|除以|极限|方程|解集|斜率|反义|近义|同义|单词|英文|英语|拼音|零|怎么说|缩写"
    r"|术语|填空"
    r"|缺失|未知|未定义|提取|相同|共同"
)
# Prompts for a sign, a word, or something with nothing in it.
_EXACT = re.compile(
    r"\b(?:empty|nothing|zero|antonyms?|synonyms?|opposite|literal|keyword|(?:a|one|the|single) word"
    r"|(?:you|i|one) (?:say|spell))\b"
    r"|反义|近义|同义|零"
)
# Prompts that ask whether there is something, or have something translated or sorted into classes.
_WHETHER = re.compile(
    r"\b(?:which of|which \w+ (?:are|were|have)|any|is there|are there|has|have|had|how (?:many|much|often)"
    r"|exist\w*|identify|find|detect\w*"
    r"|mistakes?|errors?|chance|true|false|choose|select|pick|options?|side effects?|allerg\w*|list all"
    r"|what (?:are|were)|translat\w*|classif\w*|label|categor\w*)\b"
    r"|哪[些几个]|有没有|是否|有无|多少|几个|任何|存在|找出|识别|错误|语病|选择|判断|吗|翻译|分类"
)
_WHICH = re.compile(r"\bwhich\b|哪")
_LEAD = r"^\W*(?:(?:please|kindly|now|can you|could you|would you|i want you to|help me) )?"
_NUMBER = r"(?:an?|some|several|\d+|one|two|three|four|five|six|seven|eight|ten)"
# Prompts that a word does not answer.
_OPEN = re.compile(
    rf"{_LEAD}(?:explain|describe|discuss|implement|compose|summari[sz]e|outline|compare|elaborate"
    rf"|tell (?:me|us) (?:about|how|why|a)"
    rf"|(?:write|create|generate|design|draft|develop|give|suggest|make|provide|invent|prepare|construct) (?:me )?"
    rf"{_NUMBER}\b|rewrite|paraphrase|rephrase|why\b|how (?:to|do|does|did|can|could|should|would|might)\b)"
    r"|^(?:请|帮我|请你|请问)?(?:写[一出个篇首段几]|介绍|解释|描述|说明|总结|概括|谈|讲述?|分析|设计|创作|撰写|编写"
    r"|比较|讨论"
    r"|[简论]述|改写|续写"
    r"|如何|怎么|怎样|为什么|为何|给我?[^，。]{0,8}建议)|(?:如何|怎么|怎样|为什么|为何)(?!说)"
)
# Of these, the ones that ask for a whole text or program, or an explanation, whatever it is about.
_RESULT = (
    r"[^\0]{0,300}\b(?:returns?|prints?|outputs?|results?|values?|evaluat\w*|any|errors?|mistakes?|effects?"
    r"|allerg\w*)\b"
)
_RESULT_HAN = r"[^\0]{0,200}(?:返回|输出|打印|结果|的值|任何|错误|语病)"
_WORK = re.compile(
    rf"{_LEAD}(?:explain|describe|discuss|compare|elaborate|summari[sz]e|outline)\b(?!{_RESULT})|"
    rf"^(?:请|帮我|请你)?(?:介绍|解释|描述|说明|总结|概括|讨论|比较|分析|[简论]述)(?!{_RESULT_HAN})|"
    rf"{_LEAD}(?:write|create|implement|develop|design|draft|compose|generate|build|code)\b (?:me )?{_NUMBER} "
    r"(?:[\w-]+ ){0,4}(?:function|program|script|class|method|query|essay|story|poem|haiku|letter|e-?mail|article"
    r"|paragraph|report|speech|summary|review|song|dialogue|recipe|plan|sentences?|description|headline|tweet)\b"
    r"|^(?:请|帮我|请你)?用?[\w ]{0,12}(?:写|编写|实现|撰写|创作|设计)一?"
    r"[个篇首段封则份]\S{0,20}?(?:函数|程序|脚本|类|方法"
    r"|文章|作文|故事|诗|信|邮件"
    r"|报告|演讲稿?|总结|评论|歌|对话|食谱|计划|文案|短文)"
)
LONGEST = 40
_ENDS = " \t\r\n.。!！;；*_`~\"'“”"
_BRACKETS = "[]{}()（）【】"
_SHELL = set(_ENDS + "[]{},:")


def kind(text: str) -> str:
    """What stands for nothing in a response: a "value", a "word" that may be an answer too, or "" if neither does.

    Args:
        text: the response, without white space around it.
    """
    if len(text) > LONGEST:
        return ""
    inner = text.lower().strip(_ENDS + _BRACKETS)
    if _is_shell(text) or _VALUES.fullmatch(inner):
        return "word" if text.strip(_ENDS) in _OTHERS else "value"
    return "word" if _WORDS.fullmatch(inner) else ""


def speaks_of_values(prompt_lower: str) -> bool:
    """Whether a prompt is about programs, data, mark-up, signs, sums or words."""
    return _NEAR.search(prompt_lower) is not None


def is_work(prompt_lower: str) -> bool:
    """Whether a prompt asks for a whole text or program, or an explanation."""
    return _WORK.search(prompt_lower) is not None


def is_open(prompt_lower: str) -> bool:
    """Whether a word does not answer a prompt."""
    return is_work(prompt_lower) or _OPEN.search(prompt_lower) is not None


def _is_shell(text: str) -> bool:
    """Whether only brackets with nothing in them are left."""
    return ("[" in text or "{" in text) and _SHELL.issuperset(text)


def judge(kind: str, prompt_lower: str) -> bool | None:
    """Whether it is certain that a response which stands for nothing is no answer; None if it may well be right.

    Args:
        kind: of the response, as above.
        prompt_lower: the prompt in lower case.
    """
    is_value = kind == "value"
    if _CONDITION.search(prompt_lower):
        return None
    work = _WORK.search(prompt_lower) is not None
    if _SPEAKS.search(prompt_lower):
        return False if work else None
    near = _NEAR.search(prompt_lower) is not None
    if not work and _EXACT.search(prompt_lower):
        return None
    whether = _WHETHER.search(prompt_lower) is not None
    if not is_value:
        whether = whether or _WHICH.search(prompt_lower) is not None
    if work or _OPEN.search(prompt_lower):
        return work or not (near or (whether and not is_value))
    if near or (whether and not is_value):
        return None
    return is_value and not whether
