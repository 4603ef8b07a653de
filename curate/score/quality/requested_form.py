"""Forms that a prompt can ask for and a program can check: JSON, a table, one word, so many items, capital letters, ...

Source: verifiable instructions (IFEval, Zhou et al. 2023, arXiv 2311.07911).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import NamedTuple

from curate.text.words import HAN, words

# Characters at the beginning and the end of a prompt in which it says what it wants.
HEAD, TAIL = 500, 400
# Words that an answer may have beyond a number that was asked for, as a share of it.
SLACK = 0.35
# Items of a list that are asked for, at most, the share of them that is enough, and characters of one between commas.
MOST, ENOUGH, ITEM_LENGTH = 60, 0.75, 40

NUMBERS = {
    word: number
    for names in ("one two three four five six seven eight nine ten eleven twelve", "一 二 三 四 五 六 七 八 九 十")
    for number, word in enumerate(names.split(), 1)
} | {"两": 2}
_COUNT = rf"({'|'.join(sorted(NUMBERS, key=len, reverse=True))}|\d{{1,4}})"
ITEM = re.compile(
    r"^\s*(?:[-*•·▪]|\(?\d{1,3}[.):、．]|[a-zA-Z][.)]|[（(]?[一二三四五六七八九十]{1,3}[、)）.]"
    r"|第[一二三四五六七八九十]{1,3})",
    re.M,
)
_SENTENCE_END = re.compile(r"[.!?。！？]\s+|[。！？]|\n+")
_BETWEEN_ITEMS = re.compile(r"[,，、;；]| and |和|以及")

Given = Callable[[str, int], bool]


class Form(NamedTuple):
    """A form of answers.

    Attributes:
        name: of the form.
        asked: what asks for it in a prompt; a number in it is how many.
        given: whether a response has it, by that number (0 for none).
    """

    name: str
    asked: re.Pattern[str]
    given: Given


def missed(prompt: str, response: str) -> list[str]:
    """Names of the forms that a prompt asks for and its response does not have."""
    wish = _wish(prompt)
    matches = [(form, form.asked.search(wish)) for form in FORMS]
    names = [form.name for form, match in matches if match and not form.given(response, _number(match))]
    return names + ["so many items"] * _items_missing(wish, response)


def _items_missing(wish: str, response: str) -> bool:
    """Whether a list lacks many of the items asked for."""
    asked = [_number(match) for match in _LIST.finditer(wish)]
    return bool(asked) and 0 < items(response) < ENOUGH * asked[-1] <= ENOUGH * MOST


def items(text: str) -> int:
    """Items of a list, of lines with marks, of bare lines, or between commas; 0 for prose."""
    marked = len(ITEM.findall(text))
    lines = sum(bool(line.strip()) for line in text.split("\n"))
    if marked or lines > 1:
        return marked or lines
    parts = _BETWEEN_ITEMS.split(text.strip())
    return len(parts) if len(parts) > 1 and max(map(len, parts)) < ITEM_LENGTH else 0


def _wish(prompt: str) -> str:
    return prompt if len(prompt) <= HEAD + TAIL else f"{prompt[:HEAD]}\n{prompt[-TAIL:]}"


def _number(match: re.Match[str]) -> int:
    word = next((group for group in match.groups() if group), "0").lower()
    return NUMBERS.get(word) or int(word)


def _has(pattern: str) -> Given:
    found = re.compile(pattern, re.M | re.S | re.I)
    return lambda text, _: found.search(text) is not None


def _size(text: str) -> int:
    """Words, each Chinese character one."""
    return len(words(text))


def _is_json(text: str, _: int) -> bool:
    fenced = re.search(r"```(?:json)?\s*(.*?)```", text, re.S)
    try:
        json.loads(fenced[1] if fenced else text)
    except ValueError:
        return re.search(r"[{\[].*[\"':].*[}\]]", text, re.S) is not None
    return True


def _is_word(text: str, _: int) -> bool:
    plain = text.strip()
    return "\n" not in plain and (len(HAN.findall(plain)) <= 8 if HAN.search(plain) else len(plain.split()) <= 4)


def _is_number(text: str, _: int) -> bool:
    return re.search(r"\d|[一二三四五六七八九十]", text) is not None and _size(text) <= 12


def _is_upper(text: str, _: int) -> bool:
    letters = [c for c in text if c.isalpha() and c.isascii()]
    return not letters or sum(map(str.isupper, letters)) > 0.8 * len(letters)


def _is_exactly(text: str, count: int) -> bool:
    return abs(_size(text) - count) <= max(2, 0.2 * count)


def _is_at_most(text: str, count: int) -> bool:
    return _size(text) <= count * (1 + SLACK)


def _is_sentence(text: str, _: int) -> bool:
    return sum(len(part) > 2 for part in _SENTENCE_END.split(text.strip())) <= 2


def _in_latin(text: str, _: int) -> bool:
    return len(HAN.findall(text)) <= 0.5 * sum(map(str.isalpha, text))


def _in_han(text: str, _: int) -> bool:
    return len(HAN.findall(text)) >= 0.2 * sum(map(str.isalpha, text))


_VERB = "in|as|into|using|with|return|output|give|produce|respond|reply|write|format(?:ted)?|provide|be"
_AS = rf"\b(?:{_VERB})\b[^.\n]{{0,40}}?\b"
_HAN_AS = r"(?:以|用|按|成|为|是|输出|返回|给出|采用|使用|生成|写)[^。，\n]{0,20}"
_ANSWER = r"\b(?:answer|respond|reply|write|translat\w*|rewrite)\b[^.\n]{0,40}\b(?:in|into|to)"
_HAN_INTO = r"(?:用|以|译成|译为|翻译成|翻译为)"
# (name, what asks for it in English, in Chinese, whether it is given)
_TABLE: tuple[tuple[str, str, str, Given], ...] = (
    ("JSON", rf"{_AS}json\b", rf"{_HAN_AS}json|json ?(?:格式|对象|数组)", _is_json),
    ("XML", rf"{_AS}xml\b", rf"{_HAN_AS}xml", _has(r"<\w[^<>]*>")),
    ("YAML", rf"{_AS}yaml\b", rf"{_HAN_AS}yaml", _has(r"^\s*(?:- )?[\w\"' ]{1,40}:(?:\s|$)")),
    ("CSV", rf"{_AS}csv\b", rf"{_HAN_AS}csv", _has(r"^[^\n]*,[^\n]*\n[^\n]*,|^[^\n,]{0,60}(?:,[^\n,]{0,60}){1,20}$")),
    (
        "table",
        r"\b(?:as|in|into|only|format:?) an? (?:[\w-]+ )?table\b|\b(?:latex|markdown|html|columns?) table\b"
        r"|\btable (?:with|format)\b",
        rf"{_HAN_AS}表格",
        _has(r"\|.*\||\t|\\begin\{tabular|<t[dr]\b|^\S+(?: {2,}\S+)+$"),
    ),
    ("list", rf"{_AS}(?:bullet|numbered list)", rf"{_HAN_AS}(?:项目符号|编号列表)", _has(ITEM.pattern)),
    (
        "one word",
        r"\b(?:in|with|using) (?:just |only )?(?:one|a single) word\b|\bone[- ]word (?:answer|response|reply)"
        r"|\b(?:one|a single) word only\b",
        r"(?:用|以|回答)一个(?:词|单词|词语)(?:回答|概括|描述|表示|。|$)|只(?:用|需|回答|给出)一个(?:词|单词)",
        _is_word,
    ),
    (
        "yes or no",
        r"\b(?:only|just|simply) (?:answer |reply |respond |say )?(?:with )?['\"]?(?:yes|true)['\"]? or ['\"]?"
        r"(?:no|false)\b|\byes or no only",
        r"只(?:需|能|要)?(?:用|回答|回复)[“\"']?是[”\"']?(?:或|/|、)",
        _has(r"\A\W*(?:(?:yes|no|true|false|yep|nope)\b|是|否|不|对|错|正确)"),
    ),
    (
        "number",
        r"\b(?:only|just|nothing but|single) (?:the |a |one )?(?:single )?(?:number|digit|integer|figure)\b",
        r"只(?:需|能|要)?(?:回答|给出|输出|返回|写)(?:一个)?(?:[^。\n]{0,10})?(?:数字|整数|数值)",
        _is_number,
    ),
    (
        "capital letters",
        r"\b(?:all|only|entirely|whole [a-z]+) (?:in )?(?:capital|upper[- ]?case)"
        r"|\bin (?:all )?(?:capital letters|caps|upper[- ]?case)\b",
        r"(?:全部|只)用大写",
        _is_upper,
    ),
    ("so many words", rf"\bexactly {_COUNT} words\b", rf"(?:恰好|正好|刚好){_COUNT}个?字", _is_exactly),
    (
        "at most so many words",
        rf"\b(?:at most|no more than|under|up to|maximum(?: of)?|fewer than|less than|within) {_COUNT} words\b"
        rf"|\bin {_COUNT} words or (?:less|fewer)\b",
        rf"(?:不超过|不多于|少于|最多){_COUNT}个?字|{_COUNT}个?字(?:以内|之内)",
        _is_at_most,
    ),
    (
        "one sentence",
        r"\b(?:in|with|using|into) (?:just |only |exactly )?(?:one|a single) (?:\w+ )?sentence\b",
        r"用一句话|一句话(?:概括|总结|描述|说明|回答)",
        _is_sentence,
    ),
    (
        "in Latin letters",
        rf"{_ANSWER} (?:english|french|spanish|german|italian)\b",
        rf"{_HAN_INTO}(?:英[文语]|法[文语]|德[文语]|西班牙语|意大利语)(?!.{{0,6}}(?:单词|怎么|为母语))",
        _in_latin,
    ),
    ("in Chinese", rf"{_ANSWER} (?:chinese|mandarin)\b", rf"{_HAN_INTO}(?:中文|汉语)", _in_han),
)
FORMS = tuple(Form(name, re.compile(f"{asked}|{han}", re.I), given) for name, asked, han, given in _TABLE)
_LIST = re.compile(
    r"\b(?:list|name|give|suggest|provide|generate|write|create|find|come up with|identify|recommend|share|tell|propose"
    rf"|brainstorm|add|state|mention)\b[^.?!\n]{{0,30}}?\b{_COUNT} (?:(?:\w+[ -]){{0,3}}?\w+s|of them)\b"
    r"|(?:列出|列举|给出|给我|提供|写出?|说出?|举出?|生成|提出|推荐|介绍|想出|建议|创建|创造|总结)[^。？！\n]{0,8}?"
    rf"{_COUNT}(?:个|种|条|條|项|項|点|點|句|首|本|位|款|道|则)(?!月|人(?![名物])|小时|月份|字|词|世纪)",
    re.I,
)
