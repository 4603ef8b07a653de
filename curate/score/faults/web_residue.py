"""What a web page leaves around its text: cookie notices, share buttons, navigation, tags."""

from __future__ import annotations

import re

from curate.score.faults.column import flag, flags
from curate.score.faults.finding import FaultFinding, of_match
from curate.score.faults.row import FaultRow
from curate.score.texts import RowTexts

NAME = "web_residue"
MEANING = "parts of a web page stand in the response (cookie notice, share buttons, navigation, tags)"
SOURCE = "lines that boilerplate removal takes out of pages (C4, Raffel et al. 2020; trafilatura)"
COLUMN = flag(NAME, MEANING, SOURCE)
# Looked for one by one: a plain search is many times faster than an expression of them all.
PHRASES = (
    "we use cookies",
    "uses cookies",
    "use of cookies",
    "accept all cookies",
    "cookie policy",
    "continue reading the main story",
    "share this:",
    "like this:\nloading",
    "leave a reply",
    "your email address will not be published",
    "required fields are marked",
    "skip to main content",
    "skip to content",
    "jump to navigation",
    "jump to search",
    "all rights reserved",
    "subscribe to our newsletter",
    "sign up for our",
    "subscribe to our",
    "enable javascript",
    "javascript is disabled",
    "click here to log in",
    "sign up to leave a comment",
    "log in or sign up",
    "already have an account",
    "follow us on",
    "related posts",
    "related articles",
    "posted in uncategorized",
    "filed under:",
    "print this page",
    "email to a friend",
    "share on facebook",
    "share on twitter",
    "terms of service apply",
    "leave a comment",
    "add a comment",
    "view all posts by",
    "tweet\nfacebook",
    "pin it",
    "loading...\n",
    "read more »",
    "read more...",
    "[read more]",
    "continue reading →",
    "free newsletter",
    "you must be logged in",
)
HAN_PHRASES = (
    "扫码关注",
    "关注我们的公众号",
    "关注公众号",
    "版权所有",
    "未经许可",
    "责任编辑",
    "上一篇：",
    "下一篇：",
    "上一篇:",
    "下一篇:",
    "展开全文",
    "阅读全文",
    "分享到：",
    "分享到:",
    "返回顶部",
    "网站地图",
    "打印本页",
    "收藏本文",
    "相关推荐：",
    "相关阅读：",
    "点击查看更多",
    "更多精彩内容",
    "转载请注明",
    "本文来源",
    "点赞 收藏",
    "微信扫一扫",
    "扫一扫",
    "登录后",
    "免责声明",
)
# One of these is in every phrase: a text without them has none.
STEMS = (
    "cookie",
    "continue reading",
    "share ",
    "like this:",
    "leave a ",
    "email",
    "required fields",
    "skip to",
    "jump to",
    "all rights",
    "sign up",
    "subscribe to our",
    "javascript",
    "log in",
    "logged in",
    "already have",
    "follow us",
    "related ",
    "uncategorized",
    "filed under",
    "print this",
    "of service",
    "a comment",
    "posts by",
    "tweet\n",
    "pin it",
    "loading...",
    "read more",
    "newsletter",
)
# These may stand in a good text too, or in an answer's own words.
WEAK = frozenset(
    (
        "all rights reserved",
        "pin it",
        "leave a comment",
        "add a comment",
        "follow us on",
        "subscribe to our",
        "sign up for our",
        "already have an account",
        "loading...\n",
        "read more...",
        "cookie policy",
        "use of cookies",
        "版权所有",
        "未经许可",
        "扫一扫",
        "登录后",
        "免责声明",
        "related articles",
        "free newsletter",
        "terms of service apply",
        "enable javascript",
        "更多精彩内容",
        "责任编辑",
        "分享到：",
        "分享到:",
        "you must be logged in",
        "uses cookies",
    )
)
_HAS = re.compile(
    r"(?:^|[.!?…»] ?)read more\s*$|\badvertisement\s*(?:\n|$)|posted by \w+ on \w+ \d|\|\s*\d+ comments?\b"
    r"|tags: \w+(?:, \w+)+\s*(?:\n|$)|\[edit\]",
    re.MULTILINE,
)
_TAG = re.compile(
    r"<(?:div|span|script|iframe|font|img|td|tr|section|article)\b[^>\n]*>|<br ?/?>|</(?:div|script|p|span)>"
    r"|&(?:nbsp|amp;nbsp|raquo|laquo|ldquo|rdquo);",
    re.IGNORECASE,
)
_SCRIPT = re.compile(r"<script\b|<iframe\b|<div (?:class|id)=|&nbsp;", re.IGNORECASE)
_ABOUT = re.compile(
    r"cookie|newsletter|subscri|website|web ?page|web ?site|web design|\bweb\b|html|css|javascript|\bjs\b|jquery"
    r"|react|\bvue\b|php|\bxml|\bsvg|\btags?\b|markup|blog|footer|header|banner|landing|copyright|privacy|paywall"
    r"|social media|facebook|twitter|advert|log ?in|sign ?up|account|comment|code\b|script|template|email|marketing"
    r"|button|entit(?:y|ies)|scrape|pars|extract|program|function|app\b|page|form\b|readme"
    r"|网页|网站|代码|前端|公众号|版权|广告|登录|邮件|模板|脚本|程序|标签|文案|营销|注册|博客|声明|函数|爬"
)
_BLOCK = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)


def find(row: FaultRow) -> FaultFinding | None:
    """The fault, if the row has it."""
    text = row.lower
    strong, weak = _phrases(text)
    tag = _tag(row)
    has = (
        _HAS.search(text)
        if "read more" in text
        or "tags:" in text
        or "advert" in text
        or "comment" in text
        or "posted by" in text
        or "[edit]" in text
        else None
    )
    if strong is None and weak is None and tag is None and has is None:
        return None
    if tag is not None and not (strong or weak or has):
        return _tagged(row, tag)
    phrase = strong or (has[0] if has else None) or weak or ""
    place = text.find(phrase)
    match = re.compile(re.escape(phrase)).search(text, place)
    assert match is not None
    evidence = bool(strong) + bool(weak) + bool(has) + bool(tag)
    if _ABOUT.search(row.prompt_lower):
        return None
    quoted = text[place - 1 : place] in ('"', "“", "'", "`")
    certain = not quoted and (
        strong is not None or has is not None or evidence > 1 or _at_end(text, place + len(phrase))
    )
    return FaultFinding(NAME, certain, "this is a part of a web page", of_match(text, match))


def _phrases(text: str) -> tuple[str | None, str | None]:
    """The first phrase of a text, and the first of WEAK."""
    strong = weak = None
    phrases = PHRASES if any(map(text.__contains__, STEMS)) else ()
    for phrase in phrases if text.isascii() else (*phrases, *HAN_PHRASES):
        if phrase in text:
            if phrase not in WEAK:
                strong = strong or phrase
            else:
                weak = weak or phrase
    return strong, weak


def _at_end(text: str, end: int) -> bool:
    return len(text) - end < 60 and text[:end].count("\n\n") > 0


def _tag(row: FaultRow) -> re.Match[str] | None:
    """A tag or entity of HTML outside code."""
    if "<" not in row.response and "&" not in row.response:
        return None
    match = _TAG.search(row.response)
    if match is not None and len(row.response) < len(match[0]) + 10:
        return None  # the tag is the answer
    return match if match is None or "`" not in row.response else _TAG.search(_BLOCK.sub("", row.response))


def _tagged(row: FaultRow, tag: re.Match[str]) -> FaultFinding | None:
    """A response with tags, though nothing in the prompt asks for mark-up."""
    if _ABOUT.search(row.prompt_lower) or "<" in row.prompt:
        return None
    certain = _SCRIPT.search(row.response) is not None and "<html" not in row.lower and "<!doctype" not in row.lower
    return FaultFinding(NAME, certain, "tags of a web page stand in the response", excerpt_of(row, tag))


def excerpt_of(row: FaultRow, tag: re.Match[str]) -> str:
    """The first tag and what stands around it."""
    match = re.compile(re.escape(tag[0])).search(row.response)
    return of_match(row.response, match) if match else tag[0]


def values(texts: RowTexts) -> list[int]:
    """(n,) 1 for each row that certainly has the fault."""
    return flags(texts, NAME, find)
