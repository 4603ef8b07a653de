"""Rows of evaluation files as records, by what their fields are called: question, problem, choices, answer, ..."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from curate.errors import CurateError
from schemas.record import Conversation, Message

# What fields are called that hold the parts of an item, the first that a row has being taken.  All context and choices
# of a row count.
NAMES = {
    "prompt": (
        *(
            "question",
            "problem",
            "prompt",
            "query",
            "instruction",
            "input",
            "inputs",
            "text",
            "goal",
            "ctx",
            "sentence",
        ),
        *("stem", "task", "turns", "problem_statement", "question_text", "user_input", "问题", "题目", "提问", "指令"),
    ),
    "context": ("context", "passage", "premise", "article", "story", "background", "上下文", "文章"),
    "choices": (
        *("choices", "options", "endings", "mc1_targets", "distractors", "选项"),
        *"ABCDEFGHIJ",
        *(f"option_{letter}" for letter in "abcdefghij"),
        *(f"option{number}" for number in range(1, 11)),
        *(f"choice{number}" for number in range(1, 11)),
        *("sol1", "sol2", "ending0", "ending1", "ending2", "ending3"),
    ),
    "answer": (
        *(
            "answer",
            "solution",
            "response",
            "output",
            "completion",
            "target",
            "targets",
            "canonical_solution",
            "answers",
        ),
        *("reference", "best_answer", "correct_answer", "expected_answer", "code", "gold", "答案", "回答"),
    ),
}
# Where the text of a field is that holds an object or a list of objects.
INNER = ("stem", "question", "text", "content", "value", "choices")
MOST_DEPTH = 6


def parse_map(entries: Sequence[str]) -> dict[str, str]:
    """The field of the file for each part of an item, from entries such as `prompt=stem`.

    Raises:
        CurateError: for an entry that is not so, or names another part.
    """
    fields: dict[str, str] = {}
    for entry in entries:
        part, equals, field = entry.partition("=")
        if not equals or not field or part not in NAMES:
            raise CurateError(f"--map {entry!r} must be PART=FIELD, PART one of {', '.join(NAMES)}: --map prompt=stem")
        fields[part] = field
    return fields


def record_by_fields(data: bytes, fields: Mapping[str, str]) -> Conversation | None:
    """The record of a row; None if it has no prompt.

    The prompt is the user's turns.  Context and choices are turns of a tool, which hold no prompt but are looked for;
    the answer is the assistant's.

    Args:
        data: JSON text; a text by itself is a prompt.
        fields: the field of the file for each part that has one of its own, see `parse_map`.
    """
    try:
        row = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    if isinstance(row, str):
        row = {"prompt": row}
    if not isinstance(row, dict):
        return None
    parts = {part: _texts_of(part, row, fields) for part in NAMES}
    if not parts["prompt"]:
        return None
    roles = (("prompt", "user"), ("context", "tool"), ("choices", "tool"), ("answer", "assistant"))
    messages = [Message(role, text) for part, role in roles for text in parts[part]]
    return Conversation(messages)


def _texts_of(part: str, row: dict[str, Any], fields: Mapping[str, str]) -> list[str]:
    """The texts of one part of an item."""
    if part in fields:
        return texts(row.get(fields[part]))
    taken = set(fields.values())
    by_name = {name.strip().replace(" ", "_"): value for name, value in row.items() if name not in taken}
    lower = {name.lower(): value for name, value in reversed(by_name.items())}
    values = [by_name.get(n, lower.get(n)) if len(n) > 1 else by_name.get(n) for n in NAMES[part]]
    present = list(filter(None, map(texts, values)))
    if part == "choices":
        of_question = lower.get("question")
        if isinstance(of_question, dict) and not present:  # ARC as it was published
            present.append(texts(of_question.get("choices")))
    if part in ("prompt", "answer"):
        present = present[:1]
    return [text for each in present for text in each]


def texts(value: Any, depth: int = 0) -> list[str]:
    """The texts of a value that are not blank: of a list those of its values, of an object its INNER fields'."""
    if depth > MOST_DEPTH or value is None or isinstance(value, bool):
        return []
    if isinstance(value, (str, int, float)):
        text = str(value)
        return [text] if text.strip() else []
    if isinstance(value, list):
        return [text for each in value for text in texts(each, depth + 1)]
    inner = [value[name] for name in INNER if name in value][:1]
    return [text for each in inner for text in texts(each, depth + 1)]
