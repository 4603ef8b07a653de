"""Names that prompt, input and response often have, where the rows are of no published format.

Source: files that have them, as GSM8K (question, answer), NuminaMath and OpenR1 (problem, solution),
FLAN (inputs, targets), Chinese question sets.
"""

from __future__ import annotations

from schemas.preference import CHOSEN, LABELS, REJECTED
from schemas.row import Names

# The first of those that a row has all names of is taken.  The input is optional; "" is for none.
COMMON = (
    Names("question", "context", "answer", omits_empty=True),
    Names("question", "context", "response"),
    Names("question", "context", "output"),
    Names("problem", "", "solution"),
    Names("question", "", "solution"),
    Names("problem", "", "answer"),
    Names("prompt", "", "response"),
    Names("prompt", "", "answer"),
    Names("prompt", "", "output"),
    Names("query", "", "answer"),
    Names("query", "", "output"),
    Names("instruction", "input", "answer"),
    Names("instruction", "input", "completion"),
    Names("instruction", "input", "target"),
    Names("input", "", "output"),
    Names("input", "", "target"),
    Names("input", "", "response"),
    Names("input", "", "answer"),
    Names("inputs", "", "targets"),
    Names("user", "", "assistant"),
    Names("human", "", "assistant"),
    Names("Question", "", "Answer"),
    Names("q", "", "a"),
    Names("Q", "", "A"),
    Names("指令", "输入", "输出"),
    Names("问题", "", "回答"),
    Names("问题", "", "答案"),
    Names("提问", "", "回答"),
    Names("题目", "", "答案"),
    Names("题目", "", "解答"),
    Names("输入", "", "输出"),
)
# A row with one of these is a question to choose an answer of, or has its answer judged: no plain pair.
NOT_PAIRS = frozenset({"choices", "options", "distractors", "选项", CHOSEN, REJECTED, *LABELS})


def taken(names: Names) -> str:
    """Which field is taken as what, in words."""
    context = f", {names.context} as the input where there is one" if names.context else ""
    return f"read with {names.prompt} as the prompt{context} and {names.response} as the response"
