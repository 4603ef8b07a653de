"""What another chat leaves in a response: further turns, headings of a prompt, names of speakers, buttons."""

from __future__ import annotations

import re

from curate.score.faults.column import flag, flags
from curate.score.faults.finding import FaultFinding, of_match
from curate.score.faults.row import FaultRow
from curate.score.texts import RowTexts

NAME = "chat_residue"
MEANING = "parts of another chat stand in the response (“User:”, “### Instruction:”, “ChatGPT:”)"
SOURCE = "marks of prompt formats and of chat pages, which models write on when they do not stop"
COLUMN = flag(NAME, MEANING, SOURCE)
_HEADING = re.compile(
    r"^#{2,3} ?(?:instructions?|input|response|output|human|assistant|user|system|question|answer|end|指令|输入"
    r"|回答|回复"
    r"|输出|问题|响应) ?[:：]",
    re.MULTILINE,
)
_SPEAKER = re.compile(
    r"\A(?![\[{]\s*[\"'])\W{0,3}(?:chat ?gpt|gpt-?[34][\w.-]*|assistant|ai|bot|ai assistant|openai|claude|gemini|llama"
    r"|model(?: response)?|system|助手|机器人|文心一言|通义千问)(?: says)? ?[:：]\s*\S"
)
_TURN = re.compile(
    r"^(?:<(?:human|user|bot|assistant)>|\**(?:user|human|usr|用户|使用者|人类)\**) ?[:：]", re.MULTILINE
)
_REPLY = re.compile(r"^(?:<(?:bot|assistant)>|\**(?:assistant|ai|bot|chatgpt|gpt|助手|机器人)\**) ?[:：]", re.MULTILINE)
_QUESTION = re.compile(
    r"\n\n?(?:q|question|问题?|instruction|input|prompt)[:：].{3,300}?\n+(?:a|answer|答案?|output|response)[:：]",
    re.DOTALL,
)
_BUTTON = re.compile(
    r"(?:^|\n)\s*(?:regenerate response|stop generating|is this conversation helpful so far\?|copy code"
    r"|was this (?:response|answer) (?:helpful|better or worse)[^\n]*|chatgpt can make mistakes[^\n]*"
    r"|continue generating|new chat|answer by chatgpt[^\n]*)\s*$|\Aanswer (?:by|from) chatgpt|as chatgpt, i\b",
    re.MULTILINE,
)
_HINTS = (
    "user",
    "human",
    "#",
    "q:",
    "question",
    "gpt",
    "assistant",
    "ai:",
    "ai：",
    "bot",
    "instruction",
    "input",
    "prompt",
    "用户",
    "使用者",
    "人类",
    "问",
    "助手",
    "机器人",
    "model",
    "system",
    "claude",
    "gemini",
    "llama",
    "文心",
    "通义",
)
_BUTTONS = ("regenerate", "stop gen", "helpful", "copy code", "chatgpt", "new chat", "continue gen")
_ASKS = re.compile(
    r"dialog|conversation|chat|interview|script|play\b|transcript|\bfaq|q ?& ?a|questions? and answers?|role"
    r"|template|prompt|format|screenplay|skit|scene|exchange|user|assistant|\bbot\b|human|gpt|\bai\b|quiz|flashcard"
    r"|trivia|questions?\b.*\b(?:generate|create|write)|(?:generate|create|write|make|list|come up)\b.*\bquestions?"
    r"|comment|text message"
    r"|对话|采访|访谈|问答|聊天|剧本|台词|用户|助手|机器人|模板|格式|提问|问题|面试"
)


# Prompts whose answer names what goes in and what comes out.
_INPUT = re.compile(r"\A\n+input\b")
_PROGRAM = re.compile(r"pseudo|algorithm|function|program|\bcode|伪代码|僞代碼|算法|演算法|函数|程序|代码|流程")


def find(row: FaultRow) -> FaultFinding | None:
    """The fault, if the row has it."""
    text = row.lower
    has_colon = ":" in text or "：" in text
    if not ((has_colon and any(hint in text for hint in _HINTS)) or any(button in text for button in _BUTTONS)):
        return None
    for pattern, what in (
        (_HEADING, "this is a heading of a prompt format"),
        (_BUTTON, "this is a part of a chat page"),
        (_SPEAKER, "the response begins with the name of its speaker"),
    ):
        match = pattern.search(text)
        if match:
            if row.turns > 1 or (pattern is not _BUTTON and _ASKS.search(row.prompt_lower)):
                return None
            return FaultFinding(NAME, not _in_code(text, match), what, of_match(text, match))
    finding = _further_turn(text, _PROGRAM.search(row.prompt_lower) is not None)
    return None if finding is None or row.turns > 1 or _ASKS.search(row.prompt_lower) else finding


def _further_turn(text: str, is_program: bool) -> FaultFinding | None:
    """A turn of the user that the response goes on with."""
    match = _TURN.search(text)
    if match and text[: match.start()].strip():
        both = _REPLY.search(text, match.end()) is not None
        begins = _TURN.match(text.lstrip()) is not None
        return FaultFinding(
            NAME,
            not begins and not _in_code(text, match) and (both or text.count(match[0]) == 1),
            "the response goes on with a turn of the user",
            of_match(text, match),
        )
    match = _QUESTION.search(text)
    if match and not (is_program and _INPUT.match(match[0])):
        alone = not re.match(r"\s*(?:q|question|问|instruction)[:：\d]", text)
        return FaultFinding(
            NAME,
            alone and not _in_code(text, match),
            "the response goes on with another question",
            of_match(text, match),
        )
    return None


def _in_code(text: str, match: re.Match[str]) -> bool:
    return text[: match.start()].count("```") % 2 == 1 or text[max(0, match.start() - 1) : match.start()] in (
        '"',
        "`",
        "“",
    )


def values(texts: RowTexts) -> list[int]:
    """(n,) 1 for each row that certainly has the fault."""
    return flags(texts, NAME, find)
