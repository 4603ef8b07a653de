"""Special tokens that were written as text, and their repair where a reply ends in them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from schemas.record import Message
from schemas.thoughts import beside_field

# The marks of prompt templates that a trainer writes itself.
MARKS = re.compile(
    r"<\|[A-Za-z_][A-Za-z_0-9]{1,29}\|>|<｜[^<>｜\n]{1,30}｜>|</?s>|<(?:start|end)_of_turn>|<(?:bos|eos|pad|unk)>"
    r"|\[/?INST\]|<</?SYS>>"
)
_LAST = re.compile(rf"(?:{MARKS.pattern})\Z")
LONGEST = 40
CODE = "E209"
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
# A string of a row that ends in what may be the end of a mark; fast to look for.
_ENDS = re.compile(rb'[>\]](?:\s|\\[nrt])*"')
# A row that speaks of such tokens may rightly end in one; tokens of a game, templates of letters and markets may not.
SPEAKS = re.compile(
    r"special[ -]?tokens?|(?:end|begin|start|stop|eos|bos|sep|pad|mask|unk)\w*[ -](?:of[- ]\w+[ -])?(?:token|mark)"
    r"|end[- ]of[- ](?:text|sequence|turn|string)|tokens? (?:that )?(?:ends?|marks?|closes?|starts?|begins?|separates?)"
    r"|\btokeni[sz]|(?:chat|prompt) ?template|chatml|\bllama|\bgpt-?\d|\bqwen|\bmistral"
    r"|特殊(?:词元|标记|符号|token)|结束(?:词元|标记|符)|词元|分词器|(?:对话|聊天|提示词?)模板",
    re.IGNORECASE,
)
# <s> strikes text out in HTML.
_STRIKES = re.compile(r"<s>|strike|\bhtml|删除线", re.IGNORECASE)


def without_marks(text: str) -> str:
    """A text without special tokens and white space at its end."""
    text = text.rstrip()
    while text.endswith((">", "]")):
        mark = _LAST.search(text, max(0, len(text) - LONGEST))
        if mark is None:
            break
        text = text[: mark.start()].rstrip()
    return text


def speaks_of_marks(text: str) -> bool:
    """Whether a text speaks of special tokens or shows one."""
    return bool(SPEAKS.search(text) or MARKS.search(text))


def may_end_in_marks(data: bytes) -> bool:
    """Whether a row's text has a string that may end in a special token."""
    return _ENDS.search(data) is not None


def bare_replies(data: bytes, messages: Sequence[Message]) -> tuple[bytes, str] | None:
    """(the row's text without the special tokens at the end of its replies, what was done); None if there are none.

    A row is left alone if its prompt speaks of tokens, or has the same text as a reply.

    Args:
        data: the row's JSON text.
        messages: its turns.
    """
    others = [m.content for m in messages if m.role != "assistant"]
    said = [beside_field(m) for m in messages if m.role == "assistant"]
    replies = {text for text in said if without_marks(text) != text.rstrip()}
    if not replies or replies.intersection(others) or any(map(speaks_of_marks, others)):
        return None
    if any(reply.rstrip().endswith("s>") for reply in replies) and any(map(_STRIKES.search, others)):
        return None

    def mend(match: re.Match[bytes]) -> bytes:
        if not _ENDS.search(match[0]) or data[match.end() : match.end() + 8].lstrip().startswith(b":"):
            return match[0]
        text = msgspec.json.decode(match[0], type=str)
        return msgspec.json.encode(without_marks(text)) if text in replies else match[0]

    mended = _STRING.sub(mend, data)
    if mended == data:
        return None
    marks = dict.fromkeys(mark for reply in replies for mark in MARKS.findall(reply[len(without_marks(reply)) :]))
    return mended, f"took {', '.join(marks)} off the end of the reply"
