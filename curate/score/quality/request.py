"""Features of a response beside its prompt: whether it is about it, in its language, of the form asked for."""

from __future__ import annotations

import re

import numpy as np

from curate.score.quality.corruptions import MATERIAL
from curate.score.quality.pairs import Pairs
from curate.score.quality.requested_form import NUMBERS, missed
from curate.text.normal import normal
from curate.text.words import HAN

_ITEMS = re.compile(
    r"\b(one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2}) (?:\w+ ){0,2}?\w+s\b"
    r"|([一两二三四五六七八九十]|\d{1,2})[个種种条條項项点點件句首本位]",
    re.I,
)
_ITEM = re.compile(r"^\s*(?:[-*•]|\d{1,3}[.)、:]|[a-zA-Z][.)]|[一二三四五六七八九十]+、)", re.M)
_SHORT = re.compile(
    r"\b(?:classify|categori[sz]e|true or false|yes or no|which of|what is the (?:capital|name|sum"
    r"|answer)|one word|single word|select|choose|identify|label|detect|calculate|solve|compute"
    r"|extract|name (?:a|an|the|one)|how many)\b|分类|判断|选择|是否|哪个|多少|计算|提取|识别",
    re.I,
)
_LONG = re.compile(
    r"\b(?:write|essay|story|article|describe|explain|discuss|compose|paragraph|report|plan|create"
    r"|design|develop|blog|email|letter|speech|compare)\b|写一|描述|解释|文章|故事|讨论|撰写|报告|计划"
    r"|介绍|设计|说明",
    re.I,
)
_CODE_ASKED = re.compile(
    r"\b(?:code|function|program|script|python|java|javascript|sql|query|html|css|regex|c\+\+"
    r"|algorithm|bash|json|xml|yaml|website|web page|api)\b|代码|函数|程序|脚本|算法|网页|编写",
    re.I,
)
_CODE = re.compile(r"```|[{};]\s*$|\w+\([^)]*\)|^\s*(?:def|class|import|return|SELECT|<\w+)", re.M)
_TRANSLATE = re.compile(
    r"\btranslat|\b(?:french|spanish|german|chinese|japanese|italian|english|latin|korean|russian"
    r"|language)\b|翻译|英文|英语|法语|中文|日语|译",
    re.I,
)
# Requests that name the language of their answer.
_ASKS_LANGUAGE = re.compile(
    r"\btranslat|\b(?:in|into|to) (?:english|chinese|mandarin|japanese|korean|french|spanish|german|russian|arabic)\b"
    r"|翻译|译[成为]|(?:用|以|成|为)(?:英[文语]|中文|汉语|日[文语]|韩[文语]|法[文语]|德[文语]|俄[文语]|西班牙语)",
    re.I,
)
_FUNCTION = frozenset(
    "the of and to a in is that for it with as was on are be this by from or an at not have which you they we he she "  # noqa: SIM905
    "his her can will would could should what how why i me my your please".split()
)

DIRECTIONS = {
    "prompt_length": 0,
    "length_ratio": 0,
    "answer_in_prompt": 0,
    "prompt_in_answer": 0,
    "content_in_prompt": 0,
    "content_in_answer": 1,
    "first_words_shared": -1,
    "equal": -1,
    "begins_with_prompt": -1,
    "contains_prompt": -1,
    "han_difference": -1,
    "other_difference": -1,
    "translation": 0,
    "asks_short": 0,
    "asks_long": 0,
    "asks_code": 0,
    "gives_code": 0,
    "material_missing": -1,
    "items_asked": 0,
    "items_off": -1,
    "answer_questions": -1,
    "second_person": -1,
    "first_person": -1,
    "function_words": 0,
    "negations": -1,
    "prompt_question": 0,
    "numbers_shared": 1,
    "code_without_asking": -1,
    "covered_both_ways": -1,
    "answer_named": 1,
    "form_missed": -1,
}
NAMES = tuple(DIRECTIONS)
USUAL = ("function_words",)
# Characters of the n-grams that say how much of a prompt is in its response, and the reverse.
GRAM = 5
# Characters of a label at most, and labels that need no naming.
LABEL = 24
_ANSWERS = frozenset(("yes", "no", "true", "false", "是", "否", "对", "错", "是的", "不是", "正确", "错误"))
# Names and terms of another script are no other language: a difference up to this share of the letters counts nothing.
MIXED = 0.5
_NAME = re.compile(r"\b[A-Z][A-Za-z'’.-]*")
_FENCED = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.S)


def features(pairs: Pairs) -> np.ndarray:
    """(n, len(NAMES)) float32 features of prompts and responses."""
    values = np.zeros((len(pairs), len(NAMES)), np.float32)
    rows = zip(pairs.prompts, pairs.responses, pairs.prompt_words, pairs.response_words, strict=True)
    for i, (prompt, response, prompt_words, response_words) in enumerate(rows):
        values[i] = [
            *_overlap(prompt, response, prompt_words, response_words),
            *_languages(prompt, response),
            *_form(prompt, response),
            *_voice(prompt, response, response_words),
            _covered(prompt, response),
            _named(prompt, response),
            len(missed(prompt, response)),
        ]
    return values


def _overlap(prompt: str, response: str, prompt_words: list[str], response_words: list[str]) -> list[float]:
    asked, answered = set(prompt_words), set(response_words)
    asked_content, answered_content = asked - _FUNCTION, answered - _FUNCTION
    plain_prompt, plain_response = normal(prompt), normal(response)
    return [
        np.log1p(len(prompt)),
        np.log1p(len(response)) - np.log1p(len(prompt)),
        len(asked & answered) / max(len(answered), 1),
        len(asked & answered) / max(len(asked), 1),
        len(asked_content & answered_content) / max(len(answered_content), 1),
        len(asked_content & answered_content) / max(len(asked_content), 1),
        float(np.mean([float(a == b) for a, b in zip(prompt_words[:8], response_words[:8], strict=False)] or [0.0])),
        float(plain_prompt == plain_response),
        float(len(plain_prompt) > 8 and plain_response.startswith(plain_prompt[:200])),
        float(len(plain_prompt) > 12 and plain_prompt[:300] in plain_response),
    ]


def _languages(prompt: str, response: str) -> list[float]:
    prompt_shares, response_shares = _script_shares(prompt), _script_shares(response)
    han_apart = others_apart = 0.0
    if prompt_shares and response_shares and not _ASKS_LANGUAGE.search(prompt):
        han_apart, others_apart = (
            max(abs(a - b) - MIXED, 0.0) for a, b in zip(prompt_shares, response_shares, strict=True)
        )
    return [han_apart, others_apart, float(bool(_TRANSLATE.search(prompt)))]


def _script_shares(text: str) -> tuple[float, float] | None:
    """Shares of Han characters, and of letters neither Han nor of ASCII, among those of the prose; None without any.

    Names and titles, whose words begin with capitals, are the same in many languages and do not count.
    """
    prose = "\n".join(line for line in _FENCED.sub(" ", text).split("\n") if not _CODE.search(line))
    prose = _NAME.sub(" ", prose)
    letters = [c for c in prose if c.isalpha()]
    if not letters:
        return None
    han = len(HAN.findall(prose)) / len(letters)
    return han, 1 - han - sum(c.isascii() for c in letters) / len(letters)


def _form(prompt: str, response: str) -> list[float]:
    head = prompt[:400]
    asks_code, gives_code = bool(_CODE_ASKED.search(prompt)), bool(_CODE.search(response))
    lines = prompt.strip().split("\n")
    material = (
        bool(MATERIAL.search(head))
        and len(lines) == 1
        and len(prompt) < 160
        and '"' not in prompt
        and "“" not in prompt
        and not re.search(r"[:：].{12}", prompt)
    )
    match = _ITEMS.search(head)
    asked = 0
    if match:
        word = (match[1] or match[2]).lower()
        asked = NUMBERS.get(word) or (int(word) if word.isdigit() else 0)
    given = len(_ITEM.findall(response))
    return [
        float(bool(_SHORT.search(head))),
        float(bool(_LONG.search(head))),
        float(asks_code),
        float(gives_code),
        float(material),
        float(min(asked, 12)),
        float(min(abs(given / asked - 1), 1.0)) if asked > 1 and given else 0.0,
    ]


def _voice(prompt: str, response: str, response_words: list[str]) -> list[float]:
    n = max(len(response_words), 1)
    counts = {group: sum(word in members for word in response_words) / n for group, members in _VOICES.items()}
    digits = set(re.findall(r"\d+", prompt)), set(re.findall(r"\d+", response))
    return [
        (response.count("?") + response.count("？")) / (len(response) ** 0.5 + 1),
        counts["second"] + response.count("您") / n + response.count("你") / n,
        counts["first"] + response.count("我") / n,
        counts["function"],
        counts["negation"] + sum(map(response.count, ("不", "无法", "没有"))) / n,
        float("?" in prompt or "？" in prompt),
        len(digits[0] & digits[1]) / len(digits[0]) if digits[0] else -1.0,
        float(bool(_CODE.search(response)) and not _CODE_ASKED.search(prompt)),
    ]


def _covered(prompt: str, response: str) -> float:
    """The smaller of two shares: of the prompt's n-grams of characters in the response, and the reverse.

    An extract of the prompt has a high share one way, a response that is the prompt both ways.
    """
    one, two = _grams(prompt), _grams(response)
    return len(one & two) / max(len(one), len(two), 1)


def _named(prompt: str, response: str) -> float:
    """1 for a short response that its prompt names, as one of several labels say; 0 for one that it does not name."""
    answer = response.strip().strip(".。!！\"“”'‘’()（）").lower()
    if not answer or len(answer) > LABEL or "\n" in answer:
        return 0.5
    inside = rf"(?<![a-z0-9]){re.escape(answer)}(?![a-z0-9])"
    return float(bool(re.search(inside, prompt.lower())) or answer in _ANSWERS)


def _grams(text: str) -> set[str]:
    plain = normal(text)
    return {plain[i : i + GRAM] for i in range(max(len(plain) - GRAM + 1, 1))}


_VOICES = {
    "second": frozenset(("you", "your", "yours")),
    "first": frozenset(("i", "i'm", "i'd", "i'll", "me", "my")),
    "function": _FUNCTION,
    "negation": frozenset(
        ("not", "cannot", "can't", "don't", "unable", "unfortunately", "sorry", "no", "without", "won't")
    ),
}
